# SPDX-License-Identifier: Apache-2.0
"""What every device has, whatever it does: a clock that goes on, numbers; a radio and a link once it joins.

A device that stays awake forgets this module once it runs: nothing of it may be needed by what it makes. What joining
takes is loaded when it joins (apps.joined): on a battery, most wakes have nothing to say.
"""

import time

import machine
from device.nap import Nap
from device.sequence import ReadingSequence
from device.uptime import Uptime
from drivers.entropy import Entropy
from drivers.rtc import Rtc
from wire import const

_TYPING = const(0)
if _TYPING:
    from device.link import Link
    from device.sender import Sender
    from device.settings import Settings
    from drivers.clock import Clock
    from drivers.flash import Flash
    from drivers.wifi import Wifi

    from apps.joined import Joined

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
        self.random = Entropy()
        self._network: "Wifi | None" = None
        self._joined: "Joined | None" = None
        rtc = Rtc(machine.RTC(), time)
        uptime = Uptime(rtc)
        self._nap = Nap(rtc)
        self.kept = [b""] * OWN
        if self._nap.parts is not None and uptime.boot is not None:
            self.kept = self._nap.parts
        else:  # a start, or a nap of a clock that began anew
            from apps import joined  # noqa: F401 - the largest: from source it takes most, and now the heap is empty

            self.turn_on()  # first: a radio that is on makes true random numbers
        self.sequence = ReadingSequence(flash, self.random, uptime.boot, self.kept[_SEQUENCE])
        if uptime.boot != (self.sequence.epoch, self.sequence.boot_count):
            self.kept = [b""] * OWN  # its times are of another clock
        uptime.go_on(clock, self.sequence.epoch, self.sequence.boot_count)
        say("boot device=%s boot=%d epoch=%d" % (config.device, self.sequence.boot_count, self.sequence.epoch))

    def join(self, sender: "Sender", is_doubted: bool = False) -> "Link":
        """Bring network and keys up; the link then brings what `sender` has to the fleet.

        `is_doubted`: the last one came to nothing, so perhaps the fleet has other keys.
        """
        from apps.joined import Joined

        kept = (self.kept[_IVS], self.kept[_KEYS], self.kept[_HEALTH])
        self._joined = Joined(self, self.turn_on(), sender, kept, is_doubted)
        return self._joined.link

    def forget_network(self) -> None:
        """Ask for access point and address anew."""
        self.kept[_NETWORK] = b""

    def fall_asleep(self, sleeper: bytes, own: "list[bytes]") -> None:
        """Put down what is to be known after a deep sleep: nothing else may happen after it."""
        try:
            self.flash.remove(_CRASHES)  # this wake got through, so that the next crash is a first one
        except OSError:
            pass  # a flash that wears out: then it is not
        kept = (self.kept[_IVS], self.kept[_KEYS], self.kept[_HEALTH])
        network = self.kept[_NETWORK] if self._network is None else self._network.known()
        self.clock.put_down()
        ivs, keys, health = kept if self._joined is None else self._joined.state()
        self._nap.keep([self.sequence.state(), ivs, keys, network, health, sleeper] + own)

    def turn_on(self) -> "Wifi":
        """The radio, which begins to look for its network if it was off."""
        if self._network is None:
            from drivers.wifi import Wifi

            known = self.kept[_NETWORK]
            self._network = Wifi(self.config.wifi_ssid, self.config.wifi_password, self.clock, known)
        return self._network

    def is_radio_on(self) -> bool:
        return self._network is not None
