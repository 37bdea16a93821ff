# SPDX-License-Identifier: Apache-2.0
"""The part of CBOR (RFC 8949) that device and fleet use: integers, strings, arrays, maps, null and booleans."""

DEPTH_MAX = 8  # arrays and maps inside each other; deeper input is an attack, not a message

_SIMPLE = {20: False, 21: True, 22: None}
_BYTES_OF_ARGUMENT = {24: 1, 25: 2, 26: 4, 27: 8}


class DecodeError(ValueError):
    """The bytes are not CBOR, or not of the part of it that we use."""


def encode(value):
    """Bytes of one data item, in the shortest form; the keys of a dict are sorted (all of one type).

    TypeError for what has no place on our wire (float, set, ...), OverflowError for an integer beyond 64 bits.
    """
    buffer = bytearray()
    append(buffer, value)
    return bytes(buffer)


def append(buffer, value):
    """Append the bytes of one data item to a bytearray: `encode` without a copy."""
    if value is None:
        buffer.append(0xF6)
    elif value is True or value is False:
        buffer.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        if value >= 0:
            _append_head(buffer, 0, value)
        else:
            _append_head(buffer, 1, -1 - value)
    elif isinstance(value, str):
        text = value.encode()
        _append_head(buffer, 3, len(text))
        buffer.extend(text)
    elif isinstance(value, (bytes, bytearray)):
        _append_head(buffer, 2, len(value))
        buffer.extend(value)
    else:
        _append_container(buffer, value)


def _append_container(buffer, value):
    if isinstance(value, (list, tuple)):
        _append_head(buffer, 4, len(value))
        for item in value:
            append(buffer, item)
    elif isinstance(value, dict):
        _append_head(buffer, 5, len(value))
        for key in sorted(value):
            append(buffer, key)
            append(buffer, value[key])
    else:
        raise TypeError(f"cannot encode a {type(value).__name__}: use int, bytes, str, list, dict, None or bool")


def _append_head(buffer, major, argument):
    if argument < 24:
        buffer.append(major << 5 | argument)
        return
    for size, additional in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if argument >> (8 * size) == 0:
            buffer.append(major << 5 | additional)
            buffer.extend(argument.to_bytes(size, "big"))
            return
    raise OverflowError("integer needs more than 64 bits")


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
    _check_count(data, offset, count)
    values = []
    for _ in range(count):
        value, offset = _decode(data, offset, depth)
        values.append(value)
    return values, offset


def _decode_map(data, offset, count, depth):
    _check_count(data, offset, 2 * count)
    values = {}
    for _ in range(count):
        key, offset = _decode(data, offset, depth)
        if not isinstance(key, (int, str, bytes)) or isinstance(key, bool):
            raise DecodeError("a map's key must be an integer or a string")
        if key in values:
            raise DecodeError("a map has the same key twice")
        values[key], offset = _decode(data, offset, depth)
    return values, offset


def _check_count(data, offset, count):
    # Every item takes a byte at least: a head that promises more than that must not make us allocate or loop.
    if count > len(data) - offset:
        raise DecodeError("cut off")
