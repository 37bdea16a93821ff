# SPDX-License-Identifier: Apache-2.0
"""Decodes the part of CBOR (RFC 8949) that wire.cbor encodes, and refuses everything else."""

DEPTH_MAX = 8  # arrays and maps inside each other; deeper input is an attack, not a message

_SIMPLE = {20: False, 21: True, 22: None}
_BYTES_OF_ARGUMENT = {24: 1, 25: 2, 26: 4, 27: 8}


class DecodeError(ValueError):
    """The bytes are not CBOR, or not of the part of it that we use."""


def decode(data, offset=0):
    """(value, offset behind it) of the data item that starts at `offset`; what follows it is the caller's.

    Integers need not be in their shortest form. DecodeError for anything that is cut off or not of our part of CBOR.
    """
    return _decode(data, offset, 0)


def decode_sequence(data):
    """All data items of a CBOR sequence (RFC 8742) as a list; DecodeError unless the last one ends with the data."""
    values = []
    offset = 0
    while offset < len(data):
        value, offset = _decode(data, offset, 0)
        values.append(value)
    return values


def _decode(data, offset, depth):
    major, argument, offset = _decode_head(data, offset)
    if major == 0:
        return argument, offset
    if major == 1:
        return -1 - argument, offset
    if major == 2 or major == 3:
        return _decode_string(data, offset, argument, major == 3)
    if major == 7:
        return argument, offset
    if depth == DEPTH_MAX:
        raise DecodeError(f"nested deeper than {DEPTH_MAX}")
    if major == 4:
        return _decode_array(data, offset, argument, depth + 1)
    return _decode_map(data, offset, argument, depth + 1)


def _decode_head(data, offset):
    """(major type, argument, next offset); of major type 7 the argument is the simple value itself."""
    if offset >= len(data):
        raise DecodeError("cut off")
    major = data[offset] >> 5
    argument = data[offset] & 31
    offset += 1
    if major == 6:
        raise DecodeError("tags are not used here")
    if major == 7:
        if argument not in _SIMPLE:
            raise DecodeError("of floats and simple values only false, true and null are used here")
        return major, _SIMPLE[argument], offset
    if argument < 24:
        return major, argument, offset
    if argument not in _BYTES_OF_ARGUMENT:
        raise DecodeError("indefinite lengths and reserved heads are not used here")
    end = offset + _BYTES_OF_ARGUMENT[argument]
    if end > len(data):
        raise DecodeError("cut off")
    return major, int.from_bytes(data[offset:end], "big"), end


def _decode_string(data, offset, length, is_text):
    end = offset + length
    if end > len(data):
        raise DecodeError("cut off")
    value = bytes(data[offset:end])
    if not is_text:
        return value, end
    try:
        return value.decode(), end
    except UnicodeError:
        raise DecodeError("text is not UTF-8") from None


def _decode_array(data, offset, count, depth):
    values = []
    for _ in range(count):  # however many are promised, each takes a byte at least or ends the loop
        value, offset = _decode(data, offset, depth)
        values.append(value)
    return values, offset


def _decode_map(data, offset, count, depth):
    values = {}
    for _ in range(count):
        key, offset = _decode(data, offset, depth)
        if not isinstance(key, (int, str, bytes)) or isinstance(key, bool):
            raise DecodeError("a map's key must be an integer or a string")
        if key in values:
            raise DecodeError("a map has the same key twice")
        values[key], offset = _decode(data, offset, depth)
    return values, offset
