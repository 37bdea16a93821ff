# SPDX-License-Identifier: Apache-2.0
"""The real HX711 driver reads the simulated chip; runs on MicroPython and CPython alike."""

from drivers.hx711 import Hx711, Hx711Error
from hx711_chip import Hx711Chip

from tests import expect


class Bench:
    """A driver wired to a chip, with a clock that goes on only when somebody sleeps."""

    def __init__(self, analog, gain=128, look_ms=20):
        self.slept_us = 0
        self.look_ms = look_ms
        self.chip = Hx711Chip(analog, lambda: self.slept_us // 1000, lambda: self.slept_us)
        self.driver = Hx711(Pin(self.chip.dout), Pin(None, self.chip.sck), self, self, gain)

    def ticks_ms(self):
        return self.slept_us // 1000

    def sleep_ms(self, duration_ms):
        self.slept_us += duration_ms * 1000

    def disable_irq(self):
        return 0

    def enable_irq(self, state):
        pass

    def read(self, number):
        """The next `number` conversions; a chip that misbehaves is restarted, as the bin does it."""
        values = []
        while len(values) < number:
            self.sleep_ms(self.look_ms)
            value = self._look()
            if value is not None:
                values.append(value)
        return values

    def _look(self):
        try:
            return self.driver.read_raw()
        except Hx711Error as error:
            if error.reason == "not_ready":
                raise
            return self.driver.restart()


class Pin:
    def __init__(self, read, write=None):
        self._read = read
        self._write = write

    def value(self, level=None):
        return self._read() if level is None else self._write(level)


def constant(counts):
    return lambda gain, now_ms: counts * gain // 128


def test_the_driver_reads_what_is_on_the_cell():
    assert Bench(constant(471_183)).read(3) == [471_183] * 3


def test_a_negative_input_is_read_with_its_sign():
    assert Bench(constant(-12_345)).read(2) == [-12_345] * 2


def test_too_much_on_either_side_is_the_outermost_number():
    assert Bench(constant(20_000_000)).read(1) == [0x7FFFFF]
    assert Bench(constant(-20_000_000)).read(1) == [-0x800000]


def test_the_number_of_pulses_selects_gain_and_channel_of_the_next_conversion():
    for gain, pulses in ((128, 25), (32, 26), (64, 27)):
        bench = Bench(constant(128_000), gain)
        assert bench.read(1) == [1000 * gain]
        assert bench.chip.gain == gain, pulses


def test_ten_conversions_a_second_and_no_more():
    bench = Bench(constant(5))
    bench.read(1)
    began_us = bench.slept_us
    bench.read(50)
    assert 4_900_000 <= bench.slept_us - began_us <= 5_100_000


def test_the_first_conversion_comes_400_ms_after_power_up():
    bench = Bench(constant(5))
    bench.sleep_ms(380)
    assert bench.chip.dout() == 1
    bench.sleep_ms(20)
    assert bench.chip.dout() == 0


def test_the_driver_discards_the_conversions_that_power_up_spoiled():
    bench = Bench(constant(100_000))
    assert bench.read(20) == [100_000] * 20
    bench.driver.restart()
    assert bench.read(20) == [100_000] * 20


def test_a_chip_without_a_driver_that_discards_shows_wrong_conversions_at_first():
    bench = Bench(constant(100_000))
    bench.driver._discard = 0
    bench.driver._distrust = lambda: None
    assert bench.read(5) == [20_000, 40_000, 60_000, 100_000, 100_000]


def test_a_clock_held_high_for_more_than_60_us_powers_the_chip_down():
    bench = Bench(constant(100_000))
    bench.read(1)
    bench.chip.sck(1)
    bench.slept_us += 61
    assert bench.chip.dout() == 1
    bench.chip.sck(0)
    assert bench.chip.power_downs == 1
    bench.sleep_ms(380)
    assert bench.chip.dout() == 1


def test_a_clock_held_high_for_less_than_60_us_does_not():
    bench = Bench(constant(100_000))
    bench.read(1)
    bench.chip.stall(7, 55)
    bench.read(2)
    assert bench.chip.power_downs == 0


def test_after_a_stall_at_whatever_pulse_no_wrong_value_comes_out():
    for pulse in range(1, 26):
        for look_ms in (20, 50, 100, 200):
            bench = Bench(constant(100_000), look_ms=look_ms)
            bench.read(3)
            bench.chip.stall(pulse, 130)
            assert bench.read(20) == [100_000] * 20, (pulse, look_ms)
            assert bench.chip.power_downs == 1


def test_no_wrong_value_comes_out_of_a_chip_that_stalls_now_and_then():
    bench = Bench(constant(100_000))
    for number in range(40):
        bench.chip.stall(1 + number * 7 % 25, 130)
        assert bench.read(1 + number % 9) == [100_000] * (1 + number % 9), number
    assert bench.chip.power_downs == 40


def test_a_chip_that_never_gets_ready_is_an_error_within_seconds():
    bench = Bench(constant(1))
    bench.chip.sck(1)
    bench.sleep_ms(1)
    assert expect.refused(Hx711Error, bench.read, 1).reason == "not_ready"
