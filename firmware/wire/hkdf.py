# SPDX-License-Identifier: Apache-2.0
"""HKDF with SHA-256 (RFC 5869), for keys of up to 32 bytes: one expansion step."""

import hashlib

from wire import const

_BLOCK_BYTES = const(64)
_HASH_BYTES = const(32)


def hmac_sha256(key, data):
    """HMAC-SHA-256 (RFC 2104) as 32 bytes."""
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    key = key + bytes(_BLOCK_BYTES - len(key))
    inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in key]))
    inner.update(data)
    outer = hashlib.sha256(bytes([byte ^ 0x5C for byte in key]))
    outer.update(inner.digest())
    return outer.digest()


def extract(salt, secret):
    """The pseudorandom key of a secret; an empty salt stands for 32 zero bytes."""
    return hmac_sha256(salt, secret)


def expand(pseudorandom_key, info, length):
    """`length` bytes (1..32) of key for the purpose `info`."""
    if not 1 <= length <= _HASH_BYTES:
        raise ValueError(f"length: {length} is outside 1..{_HASH_BYTES}")
    return hmac_sha256(pseudorandom_key, info + b"\x01")[:length]
