# SPDX-License-Identifier: Apache-2.0
"""OSCORE's keys out of what two peers share (RFC 8613 section 3.2): needed once, when a device starts."""

from wire import const, hkdf
from wire.cbor_integer import append, append_head

_ALGORITHM = const(10)  # AES-CCM-16-64-128 in COSE
_KEY_BYTES = const(16)
_NONCE_BYTES = const(13)


def keys(master_secret, master_salt, sender_id, recipient_id, id_context=None):
    """(sender key, recipient key, common IV); an empty salt is no salt."""
    pseudorandom_key = hkdf.extract(master_salt, master_secret)

    def key(identifier, purpose, length):
        return hkdf.expand(pseudorandom_key, _info(identifier, id_context, purpose, length), length)

    return key(sender_id, b"Key", _KEY_BYTES), key(recipient_id, b"Key", _KEY_BYTES), key(b"", b"IV", _NONCE_BYTES)


def _info(identifier, id_context, purpose, length):
    """What a key is for, as an array of CBOR."""
    info = bytearray()
    append_head(info, 4, 5)
    _append_string(info, 2, identifier)
    if id_context is None:
        append(info, None)
    else:
        _append_string(info, 2, id_context)
    append(info, _ALGORITHM)
    _append_string(info, 3, purpose)
    append(info, length)
    return info


def _append_string(buffer, major, data):
    append_head(buffer, major, len(data))
    buffer.extend(data)
