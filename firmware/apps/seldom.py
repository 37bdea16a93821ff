# SPDX-License-Identifier: Apache-2.0
"""What a running device does now and then, by code that is loaded for that and forgotten again."""

from device.forget import forget
from wire import const

_TYPING = const(0)
if _TYPING:
    from device.settings import Settings
    from drivers.flash import Flash
    from drivers.wifi import Wifi
    from machine import ADC

_FLEET_SENDER_ID = const(b"")
_KEYS_BYTES = const(45)  # two keys and the common IV


def deriver(config: "Settings", fingerprint: bytes, kept: bytes):
    """A function from an ID context, or None, to OSCORE's context; `kept` has keys from before a deep sleep."""
    from cryptolib import aes
    from wire.ccm import Ccm
    from wire.oscore import Context

    kid, secret, salt = config.kid, config.master_secret, config.master_salt

    def derive(id_context):
        if kept and kept[_KEYS_BYTES:] == fingerprint + (id_context or b""):
            return Context(Ccm(aes), kid, kept[:16], _FLEET_SENDER_ID, kept[16:32], kept[32:_KEYS_BYTES])
        context = Context.derive(Ccm(aes), secret, salt, kid, _FLEET_SENDER_ID, id_context)
        forget("wire.derive", "wire.hkdf", "wire.renewal", "device.renewing")
        return context

    return derive


def plan_keeper(flash: "Flash"):
    """A function from the fleet's news to the sampling plan in them, or None; the plan is on flash then."""

    def keep(news: bytes) -> "tuple | None":
        from device import plan

        found = plan.keep(flash, news)
        del plan
        forget("device.plan", "wire.plan", "wire.cbor_decode")
        return found

    return keep


def vitals_reader(network: "Wifi", flash: "Flash", battery: "ADC | None"):
    """A function that says how the board is."""

    def read() -> tuple:
        from drivers import vitals

        found = vitals.read(network, flash, battery)
        del vitals
        forget("drivers.vitals")
        return found

    return read
