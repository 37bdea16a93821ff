# SPDX-License-Identifier: Apache-2.0
"""An EPC is decoded to what it names, or it is unknown: whatever is decoded encodes to the very same bits again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.tags.epc import NUMBER, SCHEMES, TEXT, Epc, EpcError, decode, encode

# The worked examples of the Tag Data Standard's appendix E.3, the first one from the documentation of a reader.
EXAMPLES = [
    (
        "30340789000c0e42dfdc1c35",
        "urn:epc:id:sgtin:0123456.012345.12345678901",
        {"gtin": "00123456123458", "serial": "12345678901"},
    ),
    ("3074257bf7194e4000001a85", "urn:epc:id:sgtin:0614141.812345.6789", {"gtin": "80614141123458", "serial": "6789"}),
    (
        "3674257bf6b7a659b2c2bf1000000000000000000000000000",
        "urn:epc:id:sgtin:0614141.712345.32a%2Fb",
        {"gtin": "70614141123451", "serial": "32a/b"},
    ),
    ("3174257bf4499602d2000000", "urn:epc:id:sscc:0614141.1234567890", {"sscc": "106141412345678908"}),
    ("3274257bf46072000000162e", "urn:epc:id:sgln:0614141.12345.5678", {"gln": "0614141123452", "extension": "5678"}),
    ("3374257bf40c0e400000162e", "urn:epc:id:grai:0614141.12345.5678", {"grai": "0614141123452", "serial": "5678"}),
    ("3474257bf40000000000162e", "urn:epc:id:giai:0614141.5678", {"giai": "06141415678"}),
]
SERIAL_CHARACTERS = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
PREFIX_BITS = (40, 37, 34, 30, 27, 24, 20)


@st.composite
def epcs(draw: st.DrawFn) -> Epc:
    """Whatever the schemes can name."""
    scheme = SCHEMES[draw(st.sampled_from(sorted(SCHEMES)))]
    partition = draw(st.integers(0, 6))
    digits = 12 - partition
    prefix = f"{draw(st.integers(0, 10**digits - 1)):0{digits}d}"
    if scheme.digits is None:
        reference = str(draw(st.integers(0, (1 << scheme.pair_bits - PREFIX_BITS[partition]) - 1)))
    else:
        count = scheme.digits - digits
        reference = f"{draw(st.integers(0, 10**count - 1)):0{count}d}" if count else ""
    serial = None
    if scheme.tail == NUMBER:
        serial = str(draw(st.integers(0, (1 << scheme.tail_bits) - 1)))
    if scheme.tail == TEXT:
        serial = draw(st.text(SERIAL_CHARACTERS, min_size=1, max_size=20))
    return Epc(scheme.name, draw(st.integers(0, 7)), prefix, reference, serial)


@pytest.mark.parametrize(("digits", "uri", "keys"), EXAMPLES, ids=[uri for _, uri, _ in EXAMPLES])
def test_a_worked_example_names_what_the_standard_says(digits: str, uri: str, keys: dict[str, str]) -> None:
    epc = decode(bytes.fromhex(digits))

    assert epc is not None
    assert (epc.uri, epc.keys) == (uri, keys)


def test_a_location_without_extension_has_none() -> None:
    epc = Epc("sgln-96", 0, "0614141", "12345", "0")
    assert epc.keys == {"gln": "0614141123452"}


def test_a_reference_without_digits_stands_empty_in_the_uri() -> None:
    epc = Epc("grai-96", 0, "061414112345", "", "7")
    assert decode(encode(epc)) == epc
    assert (epc.uri, epc.keys["grai"]) == ("urn:epc:id:grai:061414112345..7", "0614141123452")


@given(epcs())
def test_what_is_encoded_is_decoded_to_the_same(epc: Epc) -> None:
    for length in SCHEMES[epc.scheme].lengths:
        assert decode(encode(epc, length)) == epc


@given(epcs(), st.data())
def test_one_flipped_bit_names_something_else_or_is_unknown(epc: Epc, data: st.DataObject) -> None:
    bits = bytearray(encode(epc))
    bit = data.draw(st.integers(0, 8 * len(bits) - 1))
    bits[bit // 8] ^= 0x80 >> bit % 8

    other = decode(bytes(bits))

    assert other is None or (other != epc and encode(other, len(bits)) == bits)


@pytest.mark.parametrize("digits", [digits for digits, _, _ in EXAMPLES])
def test_each_single_bit_of_an_example_matters(digits: str) -> None:
    good = bytes.fromhex(digits)
    for bit in range(8 * len(good)):
        bits = bytearray(good)
        bits[bit // 8] ^= 0x80 >> bit % 8
        other = decode(bytes(bits))
        assert other is None or (other != decode(good) and encode(other, len(bits)) == bits), bit


@given(st.sampled_from(sorted(SCHEMES)), st.binary(min_size=1, max_size=40))
def test_any_bytes_are_unknown_or_encode_to_the_same_again(scheme: str, data: bytes) -> None:
    for candidate in (data, bytes([SCHEMES[scheme].header]) + data, bytes([SCHEMES[scheme].header]) + data[:11]):
        epc = decode(candidate)
        assert epc is None or encode(epc, len(candidate)) == candidate


def unknown(digits: str) -> bool:
    return decode(bytes.fromhex(digits)) is None


@pytest.mark.parametrize(
    "digits",
    [
        "",
        "00",
        "3500000000000000000000000000",  # GID-96 has no GS1 key
        "e28011700000020f1a2b3c4d",  # a tag as it leaves its maker
    ],
)
def test_another_header_is_unknown(digits: str) -> None:
    assert unknown(digits)


@pytest.mark.parametrize("digits", [digits for digits, _, _ in EXAMPLES])
def test_a_length_that_does_not_fit_the_header_is_unknown(digits: str) -> None:
    assert unknown(digits[:-2])
    assert unknown(digits + "0000")


def test_a_partition_of_seven_is_unknown() -> None:
    assert unknown("303c257bf7194e4000001a85")


def test_digits_out_of_range_are_unknown() -> None:
    """Twenty-four bits hold more than seven digits do; twenty hold more than six."""
    most = encode(Epc("sgtin-96", 3, "9999999", "999999", "1"))
    value = int.from_bytes(most, "big")
    assert unknown(f"{value + (1 << 58):024x}"), "the company prefix is 10000000"
    assert unknown(f"{value + (1 << 38):024x}"), "the reference is 1000000"


def test_bits_that_must_be_zero_and_are_not_are_unknown() -> None:
    assert unknown("3174257bf4499602d2000001"), "behind an SSCC"
    assert unknown("3674257bf6b7a659b2c2bf1000000000000000000000000001"), "behind a serial of 140 bits"
    no_digits = int.from_bytes(encode(Epc("grai-96", 0, "061414112345", "", "7")), "big")
    assert unknown(f"{no_digits + (1 << 38):024x}"), "a reference that has no digits"


def serial_of(*codes: int) -> bytes:
    """An SGTIN-198 whose serial has these codes of seven bits."""
    value = int.from_bytes(encode(Epc("sgtin-198", 3, "0614141", "712345", "A"), 26), "big") >> 150 << 150
    for place, code in enumerate(codes):
        value |= code << 143 - 7 * place
    return value.to_bytes(26, "big")


def test_a_serial_is_of_gs1s_characters_alone() -> None:
    assert decode(serial_of(0x41, 0x42)) == Epc("sgtin-198", 3, "0614141", "712345", "AB")
    for code in range(1, 0x80):
        assert (decode(serial_of(0x41, code)) is not None) == (chr(code) in SERIAL_CHARACTERS), chr(code)


def test_a_serial_ends_where_its_zeros_begin() -> None:
    assert decode(serial_of()) is None, "no serial at all"
    assert decode(serial_of(0, 0x41)) is None
    assert decode(serial_of(0x41, 0, 0x42)) is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"scheme": "gid-96"}, "scheme"),
        ({"filter": 8}, "filter"),
        ({"company_prefix": "06141"}, "company_prefix"),
        ({"company_prefix": "061414x"}, "company_prefix"),
        ({"reference": "12345"}, "reference"),
        ({"serial": "007"}, "serial"),
        ({"serial": str(1 << 38)}, "serial"),
        ({"serial": None}, "serial"),
        ({"scheme": "sscc-96", "reference": "1234567890"}, "serial"),
        ({"scheme": "giai-96", "reference": "007", "serial": None}, "reference"),
        ({"scheme": "sgtin-198", "serial": "ä"}, "serial"),
        ({"scheme": "sgtin-198", "serial": "A" * 21}, "serial"),
    ],
)
def test_what_has_no_place_in_its_scheme_is_not_encoded(changed: dict[str, object], field: str) -> None:
    good = Epc("sgtin-96", 3, "0614141", "812345", "6789")
    with pytest.raises(EpcError, match=f"^{field}: "):
        encode(replace(good, **changed))  # type: ignore[arg-type]
