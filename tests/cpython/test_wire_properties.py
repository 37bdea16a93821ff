# SPDX-License-Identifier: Apache-2.0
"""What holds of the wire for all values, not only for those in the vectors."""

import cbor2
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from hypothesis import given, settings
from hypothesis import strategies as st
from wire import cbor, cbor_decode, coap, oscore, reading, report, unpack_reading
from wire.oscore_server import ServerContext, decode_option

from tests.ciphers import AEAD

UINT32 = st.integers(0, 0xFFFFFFFF)
RAW = st.integers(-0x800000, 0x7FFFFF)
TEMP_CC = st.none() | st.integers(-6000, 15000)
ITEMS = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 64), (1 << 64) - 1) | st.binary() | st.text(),
    lambda items: st.lists(items, max_size=4) | st.dictionaries(st.text(max_size=4), items, max_size=4),
    max_leaves=8,
)
MASTER = bytes(range(16)), b"salt"
DEVICE = oscore.Context.derive(AEAD, *MASTER, b"\x00\x01", b"")
FLEET = ServerContext.derive(AEAD, *MASTER, b"", b"\x00\x01")

Reading = tuple[int, int, int, int | None, int, int | None]


@st.composite
def readings(draw: st.DrawFn) -> list[Reading]:
    """Up to 40 readings that one message may carry, whatever they are: 40 fit even at their widest."""
    count = draw(st.integers(1, 40))
    sequences = sorted(draw(st.sets(UINT32, min_size=count, max_size=count)))
    uptimes = sorted(draw(st.lists(UINT32, min_size=count, max_size=count)))
    measured = st.tuples(st.integers(0, 7), RAW, st.integers(0, 65535), TEMP_CC)
    rest = measured | st.tuples(st.integers(0, 7), st.none(), st.integers(0, 65535), st.none())
    others = draw(st.lists(rest, min_size=count, max_size=count))
    return [
        (sequence, channel, uptime_s, raw, spread, temp_cc)
        for sequence, uptime_s, (channel, raw, spread, temp_cc) in zip(sequences, uptimes, others, strict=True)
    ]


@given(UINT32, st.integers(0, 65535), st.none() | UINT32, readings())
def test_every_message_comes_back_as_it_was_packed(
    epoch: int, boot_count: int, age_s: int | None, taken: list[Reading]
) -> None:
    packed = reading.pack(epoch, boot_count, age_s, taken)

    assert unpack_reading.unpack(packed) == (epoch, boot_count, age_s, taken)


@given(UINT32, st.integers(0, 65535), st.none() | UINT32, readings())
def test_another_decoder_reads_the_same_values_out_of_a_message(
    epoch: int, boot_count: int, age_s: int | None, taken: list[Reading]
) -> None:
    packed = reading.pack(epoch, boot_count, age_s, taken)
    count = 3 + 6 * len(taken)
    values = cbor2.loads(bytes([0x99, count >> 8, count & 255]) + packed)  # an array of as many items around it

    sequence = uptime_s = raw = temp_cc = 0
    seen = []
    for start in range(3, count, 6):
        d_sequence, channel, d_uptime_s, d_raw, spread, d_temp_cc = values[start : start + 6]
        sequence, uptime_s, raw = sequence + d_sequence, uptime_s + d_uptime_s, raw + (d_raw or 0)
        temp_cc += d_temp_cc or 0
        measured = None if d_raw is None else raw, spread, None if d_temp_cc is None else temp_cc
        seen.append((sequence, channel, uptime_s, *measured))

    assert (*values[:3], seen) == (epoch, boot_count, age_s, taken)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_of_readings_or_a_message_error(data: bytes) -> None:
    try:
        epoch, boot_count, age_s, taken = unpack_reading.unpack(data)
    except reading.MessageError:
        return
    assert unpack_reading.unpack(reading.pack(epoch, boot_count, age_s, taken)) == (epoch, boot_count, age_s, taken)


@given(st.lists(st.none() | st.integers(-9_000_000, 9_000_000) | st.sampled_from([True, "x", b"x"]), max_size=30))
def test_any_values_are_a_message_of_readings_or_a_message_error(values: list[object]) -> None:
    data = b"".join(cbor.encode(value) for value in values)
    fields = [field[0] for field in reading.MESSAGE_FIELDS + reading.READING_FIELDS]
    try:
        refusal = None
        unpack_reading.unpack(data)
    except reading.MessageError as error:
        refusal = str(error).split(":")[0]
    assert refusal in [None, *fields, "message", "readings"]


@given(ITEMS)
def test_another_decoder_reads_our_cbor_and_we_read_its(item: object) -> None:
    assert cbor2.loads(cbor.encode(item)) == item
    data = cbor2.dumps(item)
    assert cbor_decode.decode(data) == (item, len(data))


@given(st.binary(max_size=100))
def test_any_bytes_are_cbor_that_another_decoder_agrees_with_or_a_decode_error(data: bytes) -> None:
    try:
        value, end = cbor_decode.decode(data)
    except cbor_decode.DecodeError:
        return
    assert cbor2.loads(data[:end]) == value


@given(st.binary(max_size=100))
def test_any_bytes_are_a_coap_message_or_a_format_error(data: bytes) -> None:
    try:
        message = coap.decode(data)
    except coap.FormatError:
        return
    again = coap.decode(coap.encode(message))
    assert (again.options, again.payload, again.token) == (message.options, message.payload, message.token)


@given(
    st.integers(0, 3),
    st.integers(1, 255),
    st.integers(0, 65535),
    st.binary(max_size=8),
    st.lists(st.tuples(st.integers(0, 65535), st.binary(max_size=400)), max_size=6),
    st.binary(max_size=50),
)
def test_every_coap_message_comes_back_as_it_was_encoded(
    type_: int, code: int, message_id: int, token: bytes, options: list[tuple[int, bytes]], payload: bytes
) -> None:
    decoded = coap.decode(coap.encode(coap.Message(type_, code, message_id, token, options, payload)))

    assert (decoded.type, decoded.code, decoded.message_id, decoded.token) == (type_, code, message_id, token)
    assert decoded.options == sorted(options, key=lambda option: option[0])
    assert decoded.payload == payload


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=13, max_size=13), st.binary(max_size=600), st.binary())
def test_our_aes_ccm_is_that_of_another_library(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> None:
    ciphertext = AESCCM(key, tag_length=8).encrypt(nonce, plaintext, aad)

    assert AEAD.encrypt(key, nonce, plaintext, aad) == ciphertext
    assert AEAD.decrypt(key, nonce, ciphertext, aad) == plaintext


@given(st.integers(0, (1 << 40) - 1), st.binary(max_size=60), st.data())
def test_a_request_with_a_flipped_bit_is_never_opened(partial_iv: int, payload: bytes, data: st.DataObject) -> None:
    option_value, ciphertext, _ = DEVICE.protect_request(partial_iv, coap.POST, [], payload)
    both = bytearray(option_value + ciphertext)
    bit = data.draw(st.integers(0, 8 * len(both) - 1))
    both[bit // 8] ^= 1 << (bit % 8)
    options = [(coap.OSCORE, bytes(both[: len(option_value)]))]

    with pytest.raises(oscore.ProtectionError):
        FLEET.unprotect_request(coap.Message(coap.CON, coap.POST, 1, b"", options, bytes(both[len(option_value) :])))


@settings(max_examples=300)
@given(st.binary(max_size=30), st.binary(max_size=60), st.sampled_from(range(256)))
def test_no_reply_that_somebody_made_up_is_more_than_a_hint(option: bytes, payload: bytes, code: int) -> None:
    binding = DEVICE.protect_request(7, coap.POST, [], b"")[2]
    for options in ([], [(coap.OSCORE, option)], [(coap.OSCORE, b"")]):
        message = coap.Message(coap.ACK, code, 1, b"", options, payload)
        assert report.reply(DEVICE, binding, message) == (report.HINT, code)


@given(st.binary(max_size=20))
def test_any_bytes_are_an_oscore_option_or_a_protection_error(value: bytes) -> None:
    try:
        iv, kid_context, kid = decode_option(value)
    except oscore.ProtectionError:
        return
    assert oscore.encode_option(iv, kid, kid_context) == value
