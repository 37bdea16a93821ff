# SPDX-License-Identifier: Apache-2.0
"""The thermometer inside the chip, by either of the names that ESP32s have for it."""

import esp32
from drivers.chip_thermometer import ChipThermometer


class Clock:
    now_ms = 500

    def ticks_ms(self):
        return self.now_ms


def test_the_first_esp32_counts_in_fahrenheit():
    assert ChipThermometer(Clock()).read_cc() == 5333


def test_newer_ones_count_in_celsius_and_are_asked_every_ten_seconds():
    asked = []
    esp32.mcu_temperature = lambda: asked.append(1) or 41
    try:
        clock = Clock()
        thermometer = ChipThermometer(clock)
        for _ in range(201):
            assert thermometer.read_cc() == 4100
            clock.now_ms += 100
    finally:
        del esp32.mcu_temperature
    assert len(asked) == 3
