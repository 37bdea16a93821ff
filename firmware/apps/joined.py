# SPDX-License-Identifier: Apache-2.0
"""A device that has joined a network: keys, a health record, and a link that brings what it has to the fleet.

Loaded when there is something to say; who stays awake forgets it once it is made.
"""

import machine
import wire.oscore  # the largest module first
import wire.reading  # noqa: F401 - which a source asks for when it packs, and then it would lie in the middle
from device.forget import forget
from device.health import Health
from device.link import Link
from device.sequence import PartialIvs
from device.session import Session
from drivers.udp import Udp
from machine import Pin
from wire import const

from apps.seldom import deriver, vitals_reader

_TYPING = const(0)
if _TYPING:
    from device.sender import Sender
    from device.settings import Settings
    from drivers.wifi import Wifi
    from machine import ADC

    from apps.parts import Parts


class Joined:
    """`kept` is what `state` gave before a deep sleep, three times nothing after any other start."""

    def __init__(
        self, parts: "Parts", network: "Wifi", sender: "Sender", kept: "tuple[bytes, bytes, bytes]", is_doubted: bool
    ):
        config, flash = parts.config, parts.flash
        ivs, keys, health = kept
        self._secret = fingerprint_of(config)
        derive = deriver(config, self._secret, keys)
        self._session = Session(PartialIvs(flash, self._secret, ivs), parts.random, derive, is_doubted)
        if self._session.context is None:
            parts.say("no state of the keys: the fleet will be asked for new ones")
        radio = Udp(network, config.fleet_host, config.fleet_port)
        battery = make_battery(parts.pins.BATTERY_ADC) if sender.sleep_s else None  # with mains nothing is at the pin
        vitals = vitals_reader(network, flash, battery)
        sender.health = self._health = Health(parts.clock, vitals, flash, sender.tell, health)
        if sender.flash_errors:
            sender.changed(True)  # it failed before there was anybody to tell
        sources = (sender.health, sender.source)
        sender.link = self.link = Link(sources, radio, parts.clock, parts.random, self._session, sender)

    def state(self) -> "tuple[bytes, bytes, bytes]":
        """What is to be known of it after a deep sleep: numbers, keys, what was told."""
        return self._session.ivs.state(), self._keys(), self._health.state()

    def _keys(self) -> bytes:
        """The keys in use, and of what they were derived; nothing while there are none."""
        context = self._session.context
        if context is None:
            return b""
        keys = context.sender_key + context.recipient_key + context.common_iv
        return keys + self._secret + self._session.ivs.id_context


def fingerprint_of(config: "Settings") -> bytes:
    from device.keys import fingerprint  # needed once

    found = fingerprint(config.master_secret, config.master_salt, config.kid)
    forget("device.keys")
    return found


def make_battery(pin: "int | None") -> "ADC | None":
    return None if pin is None else machine.ADC(Pin(pin), atten=machine.ADC.ATTN_11DB)
