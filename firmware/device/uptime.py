# SPDX-License-Identifier: Apache-2.0
"""Uptime that goes on over resets and deep sleep, and begins anew when the power was gone.

The clock counts; each second what it says is put down in memory that lives as long as the power, with the timer that
does, too. After a reset the timer says how long it took. `boot` binds the clock to the boot count it belongs to:
unless flash says the same, the clock begins anew, so that one boot count never has two beginnings.
"""

import struct

from wire import const

from device.sealed import CRC_SIZE, is_sealed, seal

_TYPING = const(0)
if _TYPING:
    from device.ports import KeptClock, Rtc

_PLACE = const(0)  # in the memory that lives as long as the power
_FORMAT = const("<4sIHIHq")  # magic, epoch, boot count, uptime (s), rest (ms), timer (ms)
_MAGIC = const(b"KUP1")
_SIZE = struct.calcsize(_FORMAT) + CRC_SIZE
_AWAY_MAX_MS = const(0x3FFFFFFF)  # 12 days; no reset takes so long, so somebody has set the timer


class Uptime:
    """`boot` is (epoch, boot_count) of the clock that may go on, None: none may."""

    def __init__(self, rtc: "Rtc"):
        self._rtc = rtc
        self._kept = self._read()
        self.boot = None if self._kept is None else self._kept[1:3]
        self._epoch = self._boot_count = 0

    def go_on(self, clock: "KeptClock", epoch: int, boot_count: int) -> None:
        """Let the clock count on from where it was, if this is still the same boot; put down what it says from now."""
        if self._kept is not None and self.boot == (epoch, boot_count):
            away_ms = self._rtc.now_ms() - self._kept[5] + self._kept[4]
            clock.go_on(self._kept[3] + away_ms // 1000, away_ms % 1000)
        self._kept = None
        self._epoch, self._boot_count = epoch, boot_count
        clock.keep(self)

    def put_down(self, uptime_s: int, rest_ms: int) -> None:
        """Called by the clock each second, and before a deep sleep."""
        body = struct.pack(_FORMAT, _MAGIC, self._epoch, self._boot_count, uptime_s, rest_ms, self._rtc.now_ms())
        self._rtc.write(_PLACE, seal(body))

    def _read(self) -> "tuple | None":
        data = self._rtc.read(_PLACE, _SIZE)
        if not is_sealed(data, 0, _SIZE):
            return None
        kept = struct.unpack_from(_FORMAT, data)
        if kept[0] != _MAGIC or not 0 <= self._rtc.now_ms() - kept[5] <= _AWAY_MAX_MS:
            return None  # of another firmware; or the timer began anew and the memory, by chance, did not
        return kept
