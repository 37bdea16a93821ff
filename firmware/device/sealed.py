# SPDX-License-Identifier: Apache-2.0
"""Bytes that say whether they are whole: a CRC-32 at the end, against torn writes and tired flash."""

import struct
from binascii import crc32

CRC_SIZE = 4


def seal(body: bytes) -> bytes:
    return body + struct.pack("<I", crc32(body))


def unseal(sealed: bytes) -> "bytes | None":
    """The body, None when this is not what `seal` made."""
    body = sealed[:-CRC_SIZE]
    return body if len(sealed) > CRC_SIZE and seal(body) == sealed else None
