# SPDX-License-Identifier: Apache-2.0
"""aiocoap, as a second implementation, derives the same keys and opens and makes the same messages as our vectors."""

import aiocoap
import aiocoap.oscore
import cbor2
import pytest
from wire import coap

from tests.load_vectors import named, vectors

OSCORE = vectors("oscore")
REPORT = vectors("report")
B2 = vectors("b2")
Case = dict[str, str]


class SecurityContext(aiocoap.oscore.CanProtect, aiocoap.oscore.CanUnprotect, aiocoap.oscore.SecurityContextUtils):
    """aiocoap's own cryptography around values given to it, without files; every message passes the replay window."""

    alg_aead = aiocoap.oscore.algorithms[aiocoap.oscore.DEFAULT_ALGORITHM]
    hashfun = aiocoap.oscore.hashfunctions["sha256"]

    def __init__(self, secret: str, salt: str, sender_id: str, recipient_id: str, id_context: str | None) -> None:
        self.sender_id, self.recipient_id = bytes.fromhex(sender_id), bytes.fromhex(recipient_id)
        self.id_context = None if id_context is None else bytes.fromhex(id_context)
        self.derive_keys(bytes.fromhex(salt), bytes.fromhex(secret))
        self.recipient_replay_window = aiocoap.oscore.ReplayWindow(32, lambda: None)
        self.recipient_replay_window.initialize_empty()
        self.sender_sequence_number = 0

    def post_seqnoincrease(self) -> None:
        """Nothing is kept."""


def context_of(name: str) -> SecurityContext:
    case = named(OSCORE["derivations"], name)
    identifiers = [case[key] for key in ("master_secret", "master_salt", "sender_id", "recipient_id", "id_context")]
    return SecurityContext(*identifiers)


def fleet() -> SecurityContext:
    return SecurityContext(REPORT["master_secret"], REPORT["master_salt"], "", REPORT["kid"], None)


def incoming(data: str) -> aiocoap.Message:
    message = aiocoap.Message.decode(bytes.fromhex(data))
    message.direction = aiocoap.message.Direction.INCOMING
    return message


@pytest.mark.parametrize("case", OSCORE["derivations"], ids=lambda case: case["name"])
def test_aiocoap_derives_the_keys_of_the_vectors(case: Case) -> None:
    context = context_of(case["name"])

    assert context.sender_key.hex() == case["sender_key"]
    assert context.recipient_key.hex() == case["recipient_key"]
    assert context.common_iv.hex() == case["common_iv"]


@pytest.mark.parametrize("case", OSCORE["requests"], ids=lambda case: case["name"])
def test_aiocoap_opens_the_requests_of_the_vectors(case: Case) -> None:
    opened, _ = context_of(case["server"]).unprotect(incoming(case["protected"]))

    assert opened.code == aiocoap.GET
    assert opened.opt.uri_path == ("tv1",)


@pytest.mark.parametrize("case", REPORT["requests"], ids=lambda case: case["name"])
def test_aiocoap_finds_path_echo_and_readings_in_our_reports(case: Case) -> None:
    opened, _ = fleet().unprotect(incoming(case["hex"]))

    assert opened.code == aiocoap.POST
    assert opened.opt.uri_path == ("r",)
    assert (opened.opt.echo.hex() if opened.opt.echo else None) == case["echo"]
    assert opened.payload.hex() == named(vectors("reading")["both_ways"], case["reading"])["hex"]


def test_aiocoap_makes_the_same_durable_reply() -> None:
    request = named(REPORT["requests"], "one reading")
    context = fleet()
    _, request_id = context.unprotect(incoming(request["hex"]))

    reply, _ = context.protect(aiocoap.Message(code=aiocoap.CHANGED), request_id)

    expected = coap.decode(bytes.fromhex(named(REPORT["replies"], "2.04")["hex"]))
    assert int(reply.code) == expected.code
    assert reply.opt.oscore == coap.option(expected.options, coap.OSCORE) == b""
    assert reply.payload == expected.payload


def renewing(keys: str, sender_id: str, recipient_id: str) -> SecurityContext:
    id_context = named(B2["keys"], keys)["id_context"]
    return SecurityContext(B2["master_secret"], B2["master_salt"], sender_id, recipient_id, id_context)


def renewal_message(name: str) -> aiocoap.Message:
    """A message of the renewal; what it says of its ID context is looked at and taken off: aiocoap wants it bare."""
    case = named(B2["messages"], name)
    message = incoming(case["hex"])
    said = aiocoap.oscore.verify_start(message).get(aiocoap.oscore.COSE_KID_CONTEXT)
    told = {"request 1": B2["r1"], "response 1": B2["r2"], "request 2": B2["r2"] + B2["r3"]}.get(name)
    assert said == (told and cbor2.dumps(bytes.fromhex(told)))
    if said is not None:
        value = message.opt.oscore
        flags, end = value[0] & ~0x10, 1 + (value[0] & 7)
        message.opt.oscore = bytes([flags]) + value[1:end] + value[end + 1 + len(said) :]
    return message


@pytest.mark.parametrize("case", B2["keys"], ids=lambda case: case["name"])
def test_aiocoap_derives_the_keys_of_a_renewal(case: Case) -> None:
    context = renewing(case["name"], B2["kid"], "")

    assert context.sender_key.hex() == case["sender_key"]
    assert context.recipient_key.hex() == case["recipient_key"]
    assert context.common_iv.hex() == case["common_iv"]
    assert case["kid_context"] == cbor2.dumps(bytes.fromhex(case["id_context"])).hex()


def test_aiocoap_opens_all_four_messages_of_a_renewal() -> None:
    first, _ = renewing("R1", "", B2["kid"]).unprotect(renewal_message("request 1"))
    assert (first.code, first.payload, list(first.opt.option_list())) == (aiocoap.POST, b"", [])

    binding = aiocoap.oscore.RequestIdentifiers(bytes.fromhex(B2["kid"]), b"\0", True, aiocoap.POST)
    offer, _ = renewing("R2 || R1", B2["kid"], "").unprotect(renewal_message("response 1"), binding)
    assert (offer.code, offer.payload) == (aiocoap.UNAUTHORIZED, b"")

    second, binding = renewing("R2 || R3", "", B2["kid"]).unprotect(renewal_message("request 2"))
    assert (second.code, second.opt.uri_path) == (aiocoap.POST, ("r",))
    assert second.payload.hex() == named(vectors("reading")["both_ways"], "one reading")["hex"]

    reply, _ = renewing("R2 || R3", B2["kid"], "").unprotect(renewal_message("response 2"), binding)
    assert reply.code == aiocoap.CHANGED
