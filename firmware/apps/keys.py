# SPDX-License-Identifier: Apache-2.0
"""Makes OSCORE's contexts of the device's secret: at the start, and at the rare renewals of keys."""

from cryptolib import aes
from device.forget import forget
from wire import const
from wire.ccm import Ccm
from wire.oscore import Context

_TYPING = const(0)
if _TYPING:
    from device.session import Session
    from device.settings import Settings

_FLEET_SENDER_ID = const(b"")
_KEYS_BYTES = const(45)  # two keys and the common IV


def deriver(config: "Settings", fingerprint: bytes, kept: bytes):
    """A function from an ID context, or None, to a context; `kept` is what `keys_of` gave before a deep sleep."""
    kid, secret, salt = config.kid, config.master_secret, config.master_salt

    def derive(id_context):
        if kept and kept[_KEYS_BYTES:] == fingerprint + (id_context or b""):
            return Context(Ccm(aes), kid, kept[:16], _FLEET_SENDER_ID, kept[16:32], kept[32:_KEYS_BYTES])
        context = Context.derive(Ccm(aes), secret, salt, kid, _FLEET_SENDER_ID, id_context)
        forget("wire.derive", "wire.hkdf", "wire.renewal", "device.renewing")
        return context

    return derive


def keys_of(session: "Session", fingerprint: bytes) -> bytes:
    """The keys in use, and of what they were derived; nothing while there are none."""
    context = session.context
    if context is None:
        return b""
    keys = context.sender_key + context.recipient_key + context.common_iv
    return keys + fingerprint + session.ivs.id_context
