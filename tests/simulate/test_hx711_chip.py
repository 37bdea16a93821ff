# SPDX-License-Identifier: Apache-2.0
"""The real HX711 drivers read the simulated chip; runs on MicroPython and CPython alike."""

from device.cell_faults import CODES, CellFaults
from drivers.hx711_gpio import Hx711Gpio
from drivers.hx711_spi import Hx711Spi
from hx711_chip import BRIDGE_OFF, CLOCK_OFF, DEAD, SATURATED, SIGNAL_OFF, STUCK, Hx711Chip
from machine import SoftSPI

from tests import expect


class Bench:
    """A driver wired to a chip, with a clock that goes on only when somebody sleeps."""

    def __init__(self, analog, gain=128, look_ms=20, clocked="gpio"):
        self.slept_us = 0
        self.look_ms = look_ms
        self.chip = Hx711Chip(analog, lambda: self.slept_us // 1000, lambda: self.slept_us)
        dout, sck = Pin(self.chip.dout), Pin(None, self.chip.sck)
        if clocked == "gpio":
            self.driver = Hx711Gpio(dout, sck, self, self, gain)
        else:
            self.driver = Hx711Spi(dout, sck, SoftSPI(phase=1, sck=sck, mosi=sck, miso=dout), self, self, gain)

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

    def code_after(self, seconds):
        """What the bin would say of this cell after so long."""
        faults = CellFaults()
        for _ in range(seconds * 1000 // self.look_ms):
            self.sleep_ms(self.look_ms)
            try:
                raw = self.driver.read_raw()
                if raw is not None and faults.wants_wide_look():
                    self.driver.narrow()
                    faults.looked(raw)
                elif raw is not None:
                    faults.saw(raw)
                    if faults.wants_wide_look():
                        assert self.driver.widen()
            except OSError as error:
                self.driver.restart()
                faults.failed(error.args[-1])
        return CODES[faults.code]

    def _look(self):
        try:
            return self.driver.read_raw()
        except OSError as error:
            if error.args[-1] == "no_chip":
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


def live(gain, now_ms):
    return 471_183 + now_ms * 7919 % 101 - 50


WAYS = ("gpio", "spi")


def test_the_driver_reads_what_is_on_the_cell():
    for clocked in WAYS:
        assert Bench(constant(471_183), clocked=clocked).read(3) == [471_183] * 3


def test_a_negative_input_is_read_with_its_sign():
    for clocked in WAYS:
        assert Bench(constant(-12_345), clocked=clocked).read(2) == [-12_345] * 2


def test_too_much_on_either_side_is_the_outermost_number():
    assert Bench(constant(20_000_000)).read(1) == [0x7FFFFF]
    assert Bench(constant(-20_000_000)).read(1) == [-0x800000]


def test_the_number_of_pulses_selects_gain_and_channel_of_the_next_conversion():
    for gain, pulses in ((128, 25), (32, 26), (64, 27)):
        for clocked in WAYS:
            bench = Bench(constant(128_000), gain, clocked=clocked)
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
    bench.driver._gate.is_glitch = lambda raw, following: False
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
            for clocked in WAYS:
                bench = Bench(constant(100_000), look_ms=look_ms, clocked=clocked)
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
    assert expect.refused(OSError, bench.read, 1).args[-1] == "no_chip"


def test_what_is_wrong_with_a_cell_is_told_and_forgotten_when_it_is_mended():
    told = {DEAD: "no_chip", CLOCK_OFF: "frame", STUCK: "stuck", SATURATED: "saturated", BRIDGE_OFF: "open_bridge"}
    for fault, code in told.items():
        for clocked in WAYS:
            bench = Bench(live, clocked=clocked, look_ms=50)
            assert bench.code_after(10) == "ok"
            bench.chip.fault = fault
            assert bench.code_after(70) == code, fault
            bench.chip.fault = None
            assert bench.code_after(20) == "ok", fault


def test_a_chip_is_read_at_half_its_gain_and_then_at_its_own_again():
    for clocked in WAYS:
        bench = Bench(constant(100_000), clocked=clocked)
        bench.read(3)
        assert bench.driver.widen()
        assert bench.read(3) == [50_000] * 3
        bench.driver.narrow()
        assert bench.read(20) == [100_000] * 20
        assert not Bench(constant(100_000), gain=64, clocked=clocked).driver.widen()


def test_a_floating_input_is_an_open_bridge_and_nothing_of_it_passes_for_rest():
    bench = Bench(live, clocked="spi")
    bench.read(3)
    bench.chip.fault = SIGNAL_OFF
    assert bench.code_after(20) == "open_bridge"
    assert max(bench.read(20)) - min(bench.read(20)) > 4_000_000


def test_a_chip_of_80_conversions_a_second_settles_sooner():
    now = [0]
    chip = Hx711Chip(constant(5), lambda: now[0], lambda: now[0] * 1000, rate=80)
    now[0] = 49
    assert chip.dout() == 1
    now[0] = 50
    assert chip.dout() == 0
