# SPDX-License-Identifier: Apache-2.0
"""What every device has, whatever it does: a clock that goes on, numbers; once it joins, a network, keys and a link.

A device that stays awake forgets this module once it runs: nothing of it may be needed by what it makes.
"""

import time

import machine
import wire.oscore  # noqa: F401 - the largest module first: from source it takes most, and now the heap is empty
from device.forget import forget
from device.health import Health
from device.link import Link
from device.nap import Nap
from device.sequence import PartialIvs, ReadingSequence
from device.session import Session
from device.uptime import Uptime
from drivers.entropy import Entropy
from drivers.rtc import Rtc
from drivers.udp import Udp
from drivers.wifi import Wifi
from machine import Pin
from wire import const

from apps.seldom import deriver, vitals_reader

_TYPING = const(0)
if _TYPING:
    from device.sender import Sender
    from device.settings import Settings
    from drivers.clock import Clock
    from drivers.flash import Flash
    from machine import ADC

# Places in what a nap keeps; those of the device's own parts come last.
_SEQUENCE = const(0)
_IVS = const(1)
_KEYS = const(2)
_NETWORK = const(3)
_HEALTH = const(4)
SLEEPER = const(5)
OWN = const(6)

_CRASHES = const("state/crashes")  # as apps.crash has it, which is loaded for a crash alone


class Parts:
    """`kept` is what was known before a deep sleep, place by place; empty after any other start."""

    def __init__(self, config: "Settings", flash: "Flash", clock: "Clock", say):
        self.config = config
        self.flash = flash
        self.clock = clock
        self.say = say
        self.pins = getattr(__import__("boards." + config.board), config.board)
        self._random = Entropy()
        self._network: "Wifi | None" = None
        self._session: "Session | None" = None
        self._health: "Health | None" = None
        self._secret = b""
        rtc = Rtc(machine.RTC(), time)
        uptime = Uptime(rtc)
        self._nap = Nap(rtc)
        self.kept = [b""] * OWN
        if self._nap.parts is not None and uptime.boot is not None:
            self.kept = self._nap.parts
        else:  # a start, or a nap of a clock that began anew
            self.turn_on()  # first: a radio that is on makes true random numbers
        self.sequence = ReadingSequence(flash, self._random, uptime.boot, self.kept[_SEQUENCE])
        if uptime.boot != (self.sequence.epoch, self.sequence.boot_count):
            self.kept = [b""] * OWN  # its times are of another clock
        uptime.go_on(clock, self.sequence.epoch, self.sequence.boot_count)
        say("boot device=%s boot=%d epoch=%d" % (config.device, self.sequence.boot_count, self.sequence.epoch))

    def join(self, sender: "Sender", is_doubted: bool = False) -> Link:
        """Bring network and keys up; the link then brings what `sender` has to the fleet.

        `is_doubted`: the last one came to nothing, so perhaps the fleet has other keys.
        """
        network = self.turn_on()
        session = self._make_session(is_doubted)
        if session.context is None:
            self.say("no state of the keys: the fleet will be asked for new ones")
        radio = Udp(network, self.config.fleet_host, self.config.fleet_port)
        battery = self._battery() if sender.sleep_s else None  # nothing is wired to the pin of a device with mains
        vitals = vitals_reader(network, self.flash, battery)
        sender.health = self._health = Health(self.clock, vitals, self.flash, sender.tell, self.kept[_HEALTH])
        if sender.flash_errors:
            sender.changed(True)  # it failed before there was anybody to tell
        sender.link = Link((sender.health, sender.source), radio, self.clock, self._random, session, sender)
        return sender.link

    def forget_network(self) -> None:
        """Ask for access point and address anew."""
        self.kept[_NETWORK] = b""

    def fall_asleep(self, sleeper: bytes, own: "list[bytes]") -> None:
        """Put down what is to be known after a deep sleep: nothing else may happen after it."""
        try:
            self.flash.remove(_CRASHES)  # this wake got through, so that the next crash is a first one
        except OSError:
            pass  # a flash that wears out: then it is not
        ivs, keys = self.kept[_IVS], self.kept[_KEYS]
        if self._session is not None:
            ivs, keys = self._session.ivs.state(), self._keys(self._session)
        network = self.kept[_NETWORK] if self._network is None else self._network.known()
        self.clock.put_down()
        health = self.kept[_HEALTH] if self._health is None else self._health.state()
        self._nap.keep([self.sequence.state(), ivs, keys, network, health, sleeper] + own)

    def turn_on(self) -> Wifi:
        """The radio, which begins to look for its network if it was off."""
        if self._network is None:
            known = self.kept[_NETWORK]
            self._network = Wifi(self.config.wifi_ssid, self.config.wifi_password, self.clock, known)
        return self._network

    def is_radio_on(self) -> bool:
        return self._network is not None

    def _make_session(self, is_doubted: bool) -> Session:
        from device.keys import fingerprint  # needed once

        config = self.config
        secret = self._secret = fingerprint(config.master_secret, config.master_salt, config.kid)
        forget("device.keys")
        derive = deriver(config, secret, self.kept[_KEYS])
        self._session = Session(PartialIvs(self.flash, secret, self.kept[_IVS]), self._random, derive, is_doubted)
        return self._session

    def _keys(self, session: Session) -> bytes:
        """The keys in use, and of what they were derived; nothing while there are none."""
        context = session.context
        if context is None:
            return b""
        keys = context.sender_key + context.recipient_key + context.common_iv
        return keys + self._secret + session.ivs.id_context

    def _battery(self) -> "ADC | None":
        pin = self.pins.BATTERY_ADC
        return None if pin is None else machine.ADC(Pin(pin), atten=machine.ADC.ATTN_11DB)
