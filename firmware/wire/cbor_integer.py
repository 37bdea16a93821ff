# SPDX-License-Identifier: Apache-2.0
"""Encodes the CBOR (RFC 8949) that a reading message is made of: integers and null. wire.cbor does the rest."""


def append(buffer, value):
    """Append an integer, or null for None, to a bytearray; OverflowError beyond 64 bits."""
    if value is None:
        buffer.append(0xF6)
    elif value >= 0:
        append_head(buffer, 0, value)
    else:
        append_head(buffer, 1, -1 - value)


def append_head(buffer, major, argument):
    """Append the head of a data item (section 3): its major type, and its argument in the shortest form."""
    if argument < 24:
        buffer.append(major << 5 | argument)
        return
    for size, additional in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if argument >> (8 * size) == 0:
            buffer.append(major << 5 | additional)
            buffer.extend(argument.to_bytes(size, "big"))
            return
    raise OverflowError("integer needs more than 64 bits")
