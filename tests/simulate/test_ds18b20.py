# SPDX-License-Identifier: Apache-2.0
"""The real DS18B20 driver reads the simulated chip; runs on MicroPython and CPython alike."""

from drivers.ds18b20 import Ds18b20
from ds18b20_chip import Ds18b20Chip, crc8
from onewire import OneWire


class Bench:
    """A driver at a chip, asked each 100 ms, with a clock that goes on only then."""

    def __init__(self, temperature_c, is_there=True):
        self.now_ms = (1 << 30) - 5000  # its ticks wrap soon
        self.temperature_c = temperature_c
        self.chip = Ds18b20Chip(lambda: self.temperature_c, lambda: self.now_ms)
        self.chip.is_there = is_there
        self.driver = Ds18b20(OneWire(None, self.chip), self)

    def ticks_ms(self):
        return self.now_ms & 0x3FFFFFFF

    def after(self, seconds):
        for _ in range(seconds * 10):
            self.now_ms += 100
            found = self.driver.read_cc()
        return found


def test_the_temperature_is_known_a_second_after_the_start_and_not_before():
    bench = Bench(21.5)
    assert bench.driver.read_cc() is None
    assert bench.after(1) == 2150


def test_it_is_exact_to_a_sixteenth_of_a_degree_on_both_sides_of_zero():
    for temperature_c, expected in ((0, 0), (0.0625, 6), (25.0625, 2506), (125, 12500), (-0.5, -50), (-55, -5500)):
        assert Bench(temperature_c).after(1) == expected


def test_it_follows_within_ten_seconds_and_asks_no_oftener():
    bench = Bench(20)
    bench.after(5)
    bench.temperature_c = 23
    assert bench.after(10) == 2300
    bench.after(100)
    assert 10 <= bench.chip.conversions <= 13


def test_a_sensor_that_is_not_there_is_no_temperature_and_may_come_later():
    bench = Bench(20, is_there=False)
    assert bench.after(100) is None
    bench.chip.is_there = True
    assert bench.after(12) == 2000


def test_a_sensor_that_goes_away_is_believed_for_a_minute_and_no_longer():
    bench = Bench(20)
    bench.after(5)
    bench.chip.is_there = False
    assert bench.after(50) == 2000
    assert bench.after(20) is None


def test_a_disturbed_answer_is_no_temperature():
    bench = Bench(20)
    bench.chip.is_disturbed = True
    assert bench.after(30) is None


def test_85_degrees_is_a_sensor_that_has_converted_nothing():
    assert Bench(85).after(30) is None


def test_a_wire_at_ground_is_no_sensor_at_zero_degrees():
    bench = Bench(20)
    bench.chip.read = lambda: b"\0" * 9
    assert bench.after(30) is None


def test_the_check_sum_is_that_of_the_data_sheet():
    assert crc8(b"\x02\x1c\xb8\x01\x00\x00\x00") == 0xA2
