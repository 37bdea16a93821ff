# SPDX-License-Identifier: Apache-2.0
"""OSCORE's keys out of what two peers share (RFC 8613 section 3.2): needed once, when a device starts."""

from wire import cbor, const, hkdf

_ALGORITHM = const(10)  # AES-CCM-16-64-128 in COSE
_KEY_BYTES = const(16)
_NONCE_BYTES = const(13)


def keys(master_secret, master_salt, sender_id, recipient_id, id_context=None):
    """(sender key, recipient key, common IV); an empty salt is no salt."""
    pseudorandom_key = hkdf.extract(master_salt, master_secret)

    def key(identifier, purpose, length):
        info = cbor.encode([identifier, id_context, _ALGORITHM, purpose, length])
        return hkdf.expand(pseudorandom_key, info, length)

    return key(sender_id, "Key", _KEY_BYTES), key(recipient_id, "Key", _KEY_BYTES), key(b"", "IV", _NONCE_BYTES)
