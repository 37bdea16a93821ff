# SPDX-License-Identifier: Apache-2.0
"""The thermometer inside the ESP32: the temperature of the die, well above that of the cell and moved by the radio."""

import esp32

from drivers import const

_TYPING = const(0)
if _TYPING:
    from drivers.clock import Clock

_EVERY_MS = const(10_000)


class ChipThermometer:
    def __init__(self, clock: "Clock"):
        self._clock = clock
        self._temp_cc: "int | None" = None
        self._read_ms = clock.ticks_ms() - _EVERY_MS

    def read_cc(self) -> "int | None":
        """Hundredths of a degree Celsius, from a sensor of whole degrees; None where the chip has none."""
        now_ms = self._clock.ticks_ms()
        if (now_ms - self._read_ms) & 0x3FFFFFFF >= _EVERY_MS:
            self._read_ms = now_ms
            self._temp_cc = _chip_cc()
        return self._temp_cc


def _chip_cc() -> "int | None":
    celsius = getattr(esp32, "mcu_temperature", None)  # S2, S3, C3 and newer
    if celsius is not None:
        return celsius() * 100
    fahrenheit = getattr(esp32, "raw_temperature", None)  # the first ESP32
    return None if fahrenheit is None else (fahrenheit() - 32) * 500 // 9
