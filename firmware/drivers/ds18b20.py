# SPDX-License-Identifier: Apache-2.0
"""One DS18B20 thermometer, alone on its wire: asked now and then, never waited for."""

from drivers import const

_TYPING = const(0)
if _TYPING:
    from onewire import OneWire

    from drivers.clock import Clock

_SKIP_ROM = const(0xCC)
_CONVERT = const(0x44)
_READ_SCRATCHPAD = const(0xBE)
_CONVERTED_AFTER_MS = const(800)  # 750 at most, says the data sheet
_EVERY_MS = const(10_000)
_OLD_AFTER_MS = const(60_000)
_POWER_ON = const(0x0550)  # 85 degrees: what it says when it has converted nothing
_TICKS_MASK = const(0x3FFFFFFF)


class Ds18b20:
    """`wire` is MicroPython's `onewire.OneWire`. A turn on the wire takes some 8 ms; there are two in ten seconds."""

    def __init__(self, wire: "OneWire", clock: "Clock"):
        self._wire = wire
        self._clock = clock
        self._scratchpad = bytearray(9)
        self._temp_cc: "int | None" = None
        self._read_ms = self._asked_ms = clock.ticks_ms()
        self._converting = self._convert()

    def read_cc(self) -> "int | None":
        """Hundredths of a degree Celsius; None while the sensor has said nothing that is whole for a minute."""
        now_ms = self._clock.ticks_ms()
        since_ms = (now_ms - self._asked_ms) & _TICKS_MASK
        if self._converting and since_ms >= _CONVERTED_AFTER_MS:
            self._converting = False
            found = self._fetch()
            if found is not None:
                self._temp_cc = found
                self._read_ms = now_ms
        elif since_ms >= _EVERY_MS:
            self._asked_ms = now_ms
            self._converting = self._convert()
        if (now_ms - self._read_ms) & _TICKS_MASK > _OLD_AFTER_MS:
            self._temp_cc = None
        return self._temp_cc

    def _convert(self) -> bool:
        return self._command(_CONVERT)

    def _fetch(self) -> "int | None":
        if not self._command(_READ_SCRATCHPAD):
            return None
        self._wire.readinto(self._scratchpad)
        if self._wire.crc8(self._scratchpad):
            return None
        sixteenths = self._scratchpad[1] << 8 | self._scratchpad[0]
        if (
            sixteenths == _POWER_ON or not self._scratchpad[4]
        ):  # a wire that lies at ground reads as zeros with a right CRC
            return None
        if sixteenths & 0x8000:
            sixteenths -= 0x10000
        return sixteenths * 25 // 4

    def _command(self, command: int) -> bool:
        """Whether somebody was there to hear it."""
        if not self._wire.reset():
            return False
        self._wire.writebyte(_SKIP_ROM)
        self._wire.writebyte(command)
        return True
