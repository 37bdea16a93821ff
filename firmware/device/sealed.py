# SPDX-License-Identifier: Apache-2.0
"""Bytes that say whether they are whole: a CRC-32 at the end, against torn writes and tired flash."""

import struct
from binascii import crc32

from wire import const

CRC_SIZE = const(4)


def seal(body: bytes) -> bytes:
    return body + struct.pack("<I", crc32(body))


def is_sealed(data: bytes, start: int, end: int) -> bool:
    """Whether data[start:end] is what `seal` made; looks at it in place."""
    body_end = end - CRC_SIZE
    return start < body_end and struct.unpack_from("<I", data, body_end)[0] == crc32(memoryview(data)[start:body_end])
