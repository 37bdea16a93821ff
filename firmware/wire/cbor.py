# SPDX-License-Identifier: Apache-2.0
"""Encodes the part of CBOR (RFC 8949) used here: integers, strings, arrays, maps, null and booleans.

The other direction is wire.cbor_decode. A device encodes integers, for which wire.cbor_integer is enough.
"""

from wire import cbor_integer
from wire.cbor_integer import append_head


def encode(value):
    """Bytes of one data item, in the shortest form; the keys of a dict are sorted (all of one type).

    TypeError for what has no place on our wire (float, set, ...), OverflowError for an integer beyond 64 bits.
    """
    buffer = bytearray()
    append(buffer, value)
    return bytes(buffer)


def append(buffer, value):
    """Append the bytes of one data item to a bytearray: `encode` without a copy."""
    if value is True or value is False:
        buffer.append(0xF5 if value else 0xF4)
    elif value is None or isinstance(value, int):
        cbor_integer.append(buffer, value)
    elif isinstance(value, str):
        text = value.encode()
        append_head(buffer, 3, len(text))
        buffer.extend(text)
    elif isinstance(value, (bytes, bytearray)):
        append_head(buffer, 2, len(value))
        buffer.extend(value)
    else:
        _append_container(buffer, value)


def _append_container(buffer, value):
    if isinstance(value, (list, tuple)):
        append_head(buffer, 4, len(value))
        for item in value:
            append(buffer, item)
    elif isinstance(value, dict):
        append_head(buffer, 5, len(value))
        for key in sorted(value):
            append(buffer, key)
            append(buffer, value[key])
    else:
        raise TypeError(f"cannot encode a {type(value).__name__}: use int, bytes, str, list, dict, None or bool")
