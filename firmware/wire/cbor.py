# SPDX-License-Identifier: Apache-2.0
"""Encodes the part of CBOR (RFC 8949) used here: integers, strings, arrays, maps, null and booleans.

The other direction is wire.cbor_decode: a device only ever encodes, and its memory is small.
"""


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
