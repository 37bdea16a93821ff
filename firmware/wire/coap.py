# SPDX-License-Identifier: Apache-2.0
"""CoAP messages (RFC 7252 section 3): bytes to message and back."""

from wire import const

CON = const(0)
NON = const(1)
ACK = const(2)
RST = const(3)

EMPTY = const(0x00)
POST = const(0x02)
RESPONSES = const(0x40)  # the first code of a response; those below are requests
CHANGED = const(0x44)  # 2.04
BAD_REQUEST = const(0x80)  # 4.00
UNAUTHORIZED = const(0x81)  # 4.01
REQUEST_ENTITY_TOO_LARGE = const(0x8D)  # 4.13
SERVICE_UNAVAILABLE = const(0xA3)  # 5.03

OSCORE = const(9)  # RFC 8613
URI_PATH = const(11)
MAX_AGE = const(14)
ECHO = const(252)  # RFC 9175

_MAX_AGE_DEFAULT_S = const(60)  # RFC 7252 section 5.10.5
_PAYLOAD_MARKER = const(0xFF)
_OPTION_NUMBER_MAX = const(65535)


class FormatError(ValueError):
    """The bytes are not a CoAP message."""


class Message:
    """One message; options are (number, bytes) pairs in a list, in the order of their numbers once decoded."""

    __slots__ = ("code", "message_id", "options", "payload", "token", "type")

    def __init__(self, type, code, message_id, token=b"", options=(), payload=b""):
        self.type = type
        self.code = code
        self.message_id = message_id
        self.token = token
        self.options = options
        self.payload = payload


def encode(message):
    """The datagram of a message; options may come in any order. ValueError for a field that does not fit."""
    return datagram(message.type, message.code, message.message_id, message.token, message.options, message.payload)


def datagram(type, code, message_id, token, options, payload):
    """As `encode`, without an object that is needed for nothing else."""
    if not (0 <= type <= 3 and 0 <= code <= 255 and 0 <= message_id <= 0xFFFF and len(token) <= 8):
        raise ValueError("type is 0..3, code 0..255, a message ID 0..65535, a token 0..8 bytes")
    buffer = bytearray(4)
    buffer[0] = 0x40 | type << 4 | len(token)
    buffer[1] = code
    buffer[2] = message_id >> 8
    buffer[3] = message_id & 255
    buffer.extend(token)
    append_options(buffer, options, payload)
    return bytes(buffer)


def decode(data):
    """The message in a datagram; FormatError for whatever RFC 7252 calls a message format error, and no other error."""
    size = len(data)
    end = 4 + (data[0] & 15) if size else 4
    # The version is 1, a token has up to 8 bytes, and an empty message is nothing but its header (section 4.1).
    if not 4 <= end <= min(size, 12) or data[0] >> 6 != 1 or (data[1] == EMPTY and size > 4):
        raise FormatError("header or token is malformed")
    options, payload = decode_options(data, end)
    return Message(data[0] >> 4 & 3, data[1], data[2] << 8 | data[3], bytes(data[4:end]), options, payload)


def append_options(buffer, options, payload):
    """Append options and payload to a bytearray, as they end both a message and an OSCORE plaintext."""
    if len(options) > 1:
        # Sorted with their places, because MicroPython's sort does not keep equal numbers in order.
        places = sorted([(options[place][0], place) for place in range(len(options))])
        options = [options[place] for _, place in places]
    number = 0
    for next_number, value in options:
        delta, length = next_number - number, len(value)
        if delta < 13 and length < 13:  # as most are
            buffer.append(delta << 4 | length)
        else:
            delta, delta_extension = _split(delta)
            length, length_extension = _split(length)
            buffer.append(delta << 4 | length)
            buffer.extend(delta_extension + length_extension)
        buffer.extend(value)
        number = next_number
    if payload:
        buffer.append(_PAYLOAD_MARKER)
        buffer.extend(payload)


def decode_options(data, offset):
    """(options, payload) from `offset` to the end of the data; FormatError when they are malformed."""
    options = []
    number = 0
    while offset < len(data):
        head = data[offset]
        offset += 1
        if head == _PAYLOAD_MARKER:
            if offset == len(data):
                raise FormatError("a payload marker without a payload")
            return options, bytes(data[offset:])
        delta, offset = _join(head >> 4, data, offset)
        length, offset = _join(head & 15, data, offset)
        number += delta
        if number > _OPTION_NUMBER_MAX:
            raise FormatError("option number is above 65535")
        if offset + length > len(data):
            raise FormatError("an option is cut off")
        options.append((number, bytes(data[offset : offset + length])))
        offset += length
    return options, b""


def option(options, number):
    """The value of the first option of that number, or None."""
    for each, value in options:
        if each == number:
            return value
    return None


def uint_value(number):
    """A number as the value of an option: big-endian, no leading zeros, zero is empty (section 3.2)."""
    size = 0
    while number >> (8 * size):
        size += 1
    return number.to_bytes(size, "big") if size else b""


def max_age_s(options):
    """Seconds that Max-Age says; 60 when it is absent or longer than its four bytes (sections 5.10.5 and 5.4.3)."""
    value = option(options, MAX_AGE)
    if value is None or len(value) > 4:
        return _MAX_AGE_DEFAULT_S
    return int.from_bytes(value, "big") if value else 0


def empty(type, message_id):
    """The datagram of an empty acknowledgement or reset."""
    return datagram(type, EMPTY, message_id, b"", (), b"")


def _split(value):
    """(nibble, extension bytes) of an option's delta or length (section 3.1)."""
    if value < 13:
        return value, b""
    if value < 269:
        return 13, (value - 13).to_bytes(1, "big")
    return 14, (value - 269).to_bytes(2, "big")


def _join(nibble, data, offset):
    """(delta or length, next offset) from its nibble and the extension bytes that follow."""
    if nibble < 13:
        return nibble, offset
    if nibble == 15:
        raise FormatError("an option's delta or length has the reserved value 15")
    end = offset + nibble - 12
    if end > len(data):
        raise FormatError("an option is cut off")
    if nibble == 13:
        return data[offset] + 13, end
    return (data[offset] << 8 | data[offset + 1]) + 269, end
