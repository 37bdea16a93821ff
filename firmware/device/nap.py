# SPDX-License-Identifier: Apache-2.0
"""What a device knows through its deep sleep: counters, keys, what it weighed last, how it joined its network.

It lies in memory that lives as long as the power, and is taken out when the device wakes: whatever ends the program
before it is put back leaves nothing there, and the next start goes by flash, where numbers are reserved before they are
used. So no number that was kept here is ever given twice.
"""

import struct

from wire import const

from device.sealed import CRC_SIZE, is_sealed, seal

_TYPING = const(0)
if _TYPING:
    from device.ports import Rtc

_PLACE = const(64)  # behind device.uptime
_SIZE_MAX = const(448)
_MAGIC = const(b"KNP1")
_HEAD = const("<4sHB")  # magic, size of all, number of parts


class Nap:
    """`parts` are what the parts of the device said of themselves when it fell asleep, None after any other start."""

    def __init__(self, rtc: "Rtc"):
        self._rtc = rtc
        self.parts = self._read()
        rtc.write(_PLACE, bytes(len(_MAGIC)))

    def keep(self, parts: "list[bytes]") -> None:
        """The last thing before the sleep: no number may be taken after it."""
        body = bytearray(struct.calcsize(_HEAD))
        for part in parts:
            body.append(len(part))
            body.extend(part)
        size = len(body) + CRC_SIZE
        if size > _SIZE_MAX:
            return  # too much to remember: flash knows enough
        struct.pack_into(_HEAD, body, 0, _MAGIC, size, len(parts))
        self._rtc.write(_PLACE, seal(bytes(body)))

    def _read(self) -> "list[bytes] | None":
        magic, size, count = struct.unpack(_HEAD, self._rtc.read(_PLACE, struct.calcsize(_HEAD)))
        if magic != _MAGIC or size > _SIZE_MAX:
            return None
        data = self._rtc.read(_PLACE, size)
        if not is_sealed(data, 0, size):
            return None
        parts = []
        start = struct.calcsize(_HEAD)
        for _ in range(count):
            end = start + 1 + data[start]
            parts.append(data[start + 1 : end])
            start = end
        return parts
