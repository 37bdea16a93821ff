# SPDX-License-Identifier: Apache-2.0
"""docs/wire.md shows the bytes of the vectors and the CDDL of the source, and the CDDL describes the vectors."""

import re
from pathlib import Path

import cbor2
import pytest
import zcbor
from wire import coap, report
from wire.oscore import Context
from wire.oscore_server import ServerContext

from tests.ciphers import RecordingAead
from tests.load_vectors import named, vectors

TOP = Path(__file__).parent.parent.parent
PAGE = (TOP / "docs/wire.md").read_text()
CDDL = (TOP / "firmware/wire/reading.cddl").read_text()
REPORT = vectors("report")
REQUEST = named(REPORT["requests"], "one reading")
READINGS = vectors("reading")
SCHEMA = zcbor.DataTranslator.from_cddl(
    CDDL + (Path(zcbor.__file__).parent / "zcbor/prelude.cddl").read_text(), default_max_qty=60
).my_types["reading-message"]

TAGS = vectors("tags")
TAG_CDDL = (TOP / "firmware/wire/tags.cddl").read_text()
TAG_SCHEMA = zcbor.DataTranslator.from_cddl(
    TAG_CDDL + (Path(zcbor.__file__).parent / "zcbor/prelude.cddl").read_text(), default_max_qty=60
).my_types["tag-message"]


def block(kind: str) -> str:
    """The text of the one fenced block of that kind."""
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def bytes_of(kind: str) -> str:
    """The hexadecimal digits at the beginnings of a block's lines."""
    return "".join(line.split()[0] for line in block(kind).splitlines())


def in_an_array(payload: bytes) -> bytes:
    """A sequence with the head of an array before it, for tools that know no sequences."""
    items = 0
    rest = memoryview(payload)
    while rest:
        items += 1
        rest = rest[len(cbor2.dumps(cbor2.loads(rest))) :]
    return bytes([0x99, items >> 8, items & 255]) + payload


def test_the_datagram_on_the_page_is_that_of_the_vector() -> None:
    assert bytes_of("datagram") == REQUEST["hex"]
    assert f"in {len(REQUEST['hex']) // 2} bytes" in PAGE


def test_the_plaintext_on_the_page_is_inside_that_datagram() -> None:
    aead = RecordingAead()
    master = [bytes.fromhex(REPORT[key]) for key in ("master_secret", "master_salt")]
    fleet = ServerContext.derive(aead, *master, b"", bytes.fromhex(REPORT["kid"]))

    fleet.unprotect_request(coap.decode(bytes.fromhex(REQUEST["hex"])))

    assert aead.plaintext.hex() == bytes_of("plaintext")


def test_the_numbers_beside_the_plaintext_are_those_of_the_reading() -> None:
    case = named(READINGS["both_ways"], REQUEST["reading"])
    fields = ("sequence", "channel", "uptime_s", "raw", "spread", "temp_cc")
    expected = {key: case[key] for key in ("epoch", "boot_count", "age_s")}
    expected |= dict(zip(fields, case["readings"][0], strict=True))

    message = block("plaintext").partition("\nff ")[2]
    shown = {name: int(value) for name, value in re.findall(r"^\S+ +([a-z_]+) (\d+)", message, re.MULTILINE)}

    assert shown == expected


def test_the_reply_on_the_page_is_that_of_the_vector() -> None:
    assert bytes_of("reply") == named(REPORT["replies"], "2.04, as the fleet sends it")["hex"]


def test_the_renewal_on_the_page_is_that_of_the_vectors() -> None:
    messages = vectors("b2")["messages"]
    for kind, name in (("first", "request 1"), ("offer", "response 1")):
        shown = "".join(
            "".join(re.match(r"([0-9a-f]+ )*[0-9a-f]+", line)[0].split()) for line in block(kind).splitlines()
        )
        assert shown == named(messages, name)["hex"], name


def test_the_steps_behind_the_datagram_are_those_of_the_code() -> None:
    aead = RecordingAead()
    master = [bytes.fromhex(REPORT[key]) for key in ("master_secret", "master_salt")]
    kid = bytes.fromhex(REPORT["kid"])
    bin_ = Context.derive(aead, *master, kid, b"")
    bin_.protect_request(REQUEST["partial_iv"], coap.POST, [(coap.URI_PATH, b"r")], b"")
    for value in (bin_.sender_key, bin_.recipient_key, bin_.common_iv, aead.nonce, aead.aad):
        assert f"| `{bytes(value).hex()}` |" in PAGE


def test_the_keys_on_the_page_are_those_of_the_vector() -> None:
    for key in ("master_secret", "master_salt", "kid"):
        assert f"`{REPORT[key]}`" in PAGE


def test_every_meaning_of_a_reply_is_in_the_table() -> None:
    meanings = re.findall(r"^\| .* \| `([a-z]+)` \|", PAGE, re.MULTILINE)
    assert set(meanings) == {report.DURABLE, report.ECHO, report.REFUSED, report.SMALLER, report.WAIT, report.HINT}


def test_the_cddl_on_the_page_is_that_of_the_source() -> None:
    assert block("cddl") == CDDL


@pytest.mark.parametrize("name", ["health", "news"])
def test_what_else_is_posted_and_answered_is_on_the_page_as_in_the_source(name: str) -> None:
    assert block(name) == (TOP / f"firmware/wire/{name}.cddl").read_text()


@pytest.mark.parametrize(("name", "schema"), [("health", "health-record"), ("plan", "news")], ids=["health", "news"])
def test_their_cddl_describes_the_vectors(name: str, schema: str) -> None:
    source = (TOP / f"firmware/wire/{'news' if name == 'plan' else name}.cddl").read_text()
    prelude = (Path(zcbor.__file__).parent / "zcbor/prelude.cddl").read_text()
    described = zcbor.DataTranslator.from_cddl(source + prelude, default_max_qty=60).my_types[schema]
    for case in vectors(name)["both_ways"]:
        described.validate_str(bytes.fromhex(case["hex"]))


def test_the_tag_message_on_the_page_is_that_of_its_vector() -> None:
    case = named(TAGS["both_ways"], "one tag entered")
    assert bytes_of("tag-message") == case["hex"]
    assert f"in {len(case['hex']) // 2} bytes" in PAGE
    shown = dict(re.findall(r"^\S+ +([a-z_]+) (-?\d+)", block("tag-message"), re.MULTILINE))
    sequence, kind, antenna, uptime_s, rssi_dbm, reads, epc = case["events"][0]
    assert {name: int(value) for name, value in shown.items()} == {
        **{name: case[name] for name in ("epoch", "boot_count", "age_s")},
        "sequence": sequence,
        "kind": kind,
        "antenna": antenna,
        "uptime_s": uptime_s,
        "rssi_dbm": rssi_dbm,
        "reads": reads,
    }
    assert block("tag-message").endswith(epc + "\n")


def test_the_tag_cddl_on_the_page_is_that_of_the_source() -> None:
    assert block("tags-cddl") == TAG_CDDL


@pytest.mark.parametrize("case", TAGS["both_ways"], ids=lambda case: case["name"])
def test_the_tag_cddl_describes_every_message_of_the_vectors(case: dict[str, str]) -> None:
    TAG_SCHEMA.validate_str(in_an_array(bytes.fromhex(case["hex"])))


@pytest.mark.parametrize("case", READINGS["both_ways"], ids=lambda case: case["name"])
def test_the_cddl_describes_every_message_of_the_vectors(case: dict[str, str]) -> None:
    SCHEMA.validate_str(in_an_array(bytes.fromhex(case["hex"])))


# What only sums can tell (a delta that leads out of its field) or what is no sequence at all is beyond CDDL.
BEYOND_CDDL = ("nothing at all", "not CBOR", "cut off", "sequence runs over", "uptime_s runs over", "raw runs over")
BEYOND_CDDL += ("temp_cc runs over",)


@pytest.mark.parametrize(
    "case", [case for case in READINGS["refused"] if case["name"] not in BEYOND_CDDL], ids=lambda case: case["name"]
)
def test_the_cddl_refuses_what_is_no_message(case: dict[str, str]) -> None:
    with pytest.raises(zcbor.CddlValidationError):
        SCHEMA.validate_str(in_an_array(bytes.fromhex(case["hex"])))


SENML = vectors("senml")
SENML_CDDL = (TOP / "fleet/gate/senml.cddl").read_text()
SENML_PACK = zcbor.DataTranslator.from_cddl(
    SENML_CDDL + (Path(zcbor.__file__).parent / "zcbor/prelude.cddl").read_text(), default_max_qty=60
).my_types["senml-pack"]


def test_what_is_read_of_senml_is_on_the_page_with_a_pack_of_the_vectors() -> None:
    assert block("senml-cddl") == SENML_CDDL
    assert bytes_of("senml") == named(SENML["read"], "a mass and a temperature, now")["hex"]


# The tool has decimal fractions as decimals before it looks at types, and wants what is passed over to stand behind.
DECIMAL_FRACTION = "c482"
IN_NO_ORDER = "what is not for us is passed over"
DESCRIBED = [case for case in SENML["read"] if DECIMAL_FRACTION not in case["hex"] and case["name"] != IN_NO_ORDER]


@pytest.mark.parametrize("case", DESCRIBED, ids=lambda case: case["name"])
def test_its_cddl_describes_every_pack_of_the_vectors(case: dict[str, str]) -> None:
    SENML_PACK.validate_str(bytes.fromhex(case["hex"]))


# What is a pack, and has no readings in it as they should be.
OF_NO_PACK = ("bt", "bv", "bu", "bn", "bver", "u", "pack")
BEYOND_SENML_CDDL = ("something behind", "a label that must be understood")


@pytest.mark.parametrize(
    "case",
    [case for case in SENML["refused"] if case["field"] in OF_NO_PACK and case["name"] not in BEYOND_SENML_CDDL],
    ids=lambda case: case["name"],
)
def test_its_cddl_refuses_what_is_no_pack(case: dict[str, str]) -> None:
    with pytest.raises((zcbor.CddlValidationError, cbor2.CBORDecodeError)):
        SENML_PACK.validate_str(bytes.fromhex(case["hex"]))


BEYOND_THIS_TOOL = ("epc of one byte", "epc of sixty-three bytes")  # it passes over the range of a .size


@pytest.mark.parametrize(
    "case",
    [case for case in TAGS["refused"] if case["name"] not in BEYOND_CDDL + BEYOND_THIS_TOOL],
    ids=lambda case: case["name"],
)
def test_the_tag_cddl_refuses_what_is_no_message(case: dict[str, str]) -> None:
    with pytest.raises(zcbor.CddlValidationError):
        TAG_SCHEMA.validate_str(in_an_array(bytes.fromhex(case["hex"])))
