# SPDX-License-Identifier: Apache-2.0
"""CoAP messages become bytes and bytes messages, as RFC 7252 section 3 has it."""

from wire import coap

from tests.expect import refused
from tests.load_vectors import vectors

VECTORS = vectors("coap")


def message_of(case):
    options = [(number, bytes.fromhex(value)) for number, value in case["options"]]
    token, payload = bytes.fromhex(case["token"]), bytes.fromhex(case["payload"])
    return coap.Message(case["type"], case["code"], case["message_id"], token, options, payload)


def fields(message):
    return message.type, message.code, message.message_id, message.token, message.options, message.payload


def test_each_message_has_the_bytes_of_its_vector():
    for case in VECTORS["both_ways"]:
        assert coap.encode(message_of(case)).hex() == case["hex"], case["name"]


def test_each_vector_has_the_fields_of_its_message():
    for case in VECTORS["both_ways"]:
        decoded = coap.decode(bytes.fromhex(case["hex"]))
        assert fields(decoded) == fields(message_of(case)), case["name"]


def test_a_malformed_message_is_refused():
    for case in VECTORS["refused"]:
        refused(coap.FormatError, coap.decode, bytes.fromhex(case["hex"]))


def test_whatever_bytes_come_only_the_declared_error_is_raised():
    """Every vector, cut off at each byte and with each byte replaced by some that matter."""
    for case in VECTORS["both_ways"]:
        data = bytes.fromhex(case["hex"])
        for place in range(min(len(data), 40)):
            for byte in (0x00, 0x0D, 0x0E, 0x0F, 0x7F, 0xD0, 0xE0, 0xF0, 0xFF):
                for changed in (data[:place], data[:place] + bytes([byte]) + data[place + 1 :]):
                    try:
                        message = coap.decode(changed)
                    except coap.FormatError:
                        continue
                    assert coap.decode(coap.encode(message)).options == message.options


def test_options_are_sent_in_the_order_of_their_numbers_and_equal_ones_in_ours():
    options = [(coap.ECHO, b"e"), (coap.URI_PATH, b"b"), (coap.OSCORE, b"o"), (coap.URI_PATH, b"a")]
    decoded = coap.decode(coap.encode(coap.Message(coap.CON, coap.POST, 1, b"", options)))
    assert decoded.options == [(coap.OSCORE, b"o"), (coap.URI_PATH, b"b"), (coap.URI_PATH, b"a"), (coap.ECHO, b"e")]


def test_a_field_that_does_not_fit_is_not_encoded():
    refused(ValueError, coap.encode, coap.Message(4, coap.POST, 1))
    refused(ValueError, coap.encode, coap.Message(coap.CON, 256, 1))
    refused(ValueError, coap.encode, coap.Message(coap.CON, coap.POST, 1, bytes(9)))


def test_the_first_option_of_a_number_is_found():
    options = [(coap.URI_PATH, b"a"), (coap.URI_PATH, b"b")]
    assert coap.option(options, coap.URI_PATH) == b"a"
    assert coap.option(options, coap.ECHO) is None


def test_a_number_has_no_leading_zeros_as_an_option():
    assert [coap.uint_value(number) for number in (0, 1, 255, 256)] == [b"", b"\x01", b"\xff", b"\x01\x00"]


def test_max_age_is_a_minute_unless_said_otherwise():
    assert coap.max_age_s([]) == 60
    assert coap.max_age_s([(coap.MAX_AGE, b"")]) == 0
    assert coap.max_age_s([(coap.MAX_AGE, b"\x01\x00")]) == 256
    assert coap.max_age_s([(coap.MAX_AGE, bytes(5))]) == 60


def test_an_empty_message_is_its_header():
    assert coap.empty(coap.ACK, 0x7D34).hex() == "60007d34"
    assert coap.empty(coap.RST, 0x7D34).hex() == "70007d34"
