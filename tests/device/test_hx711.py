# SPDX-License-Identifier: Apache-2.0
"""The HX711 drivers, clocked by GPIO and by SPI, against a chip that counts its pulses."""

from drivers.hx711_gpio import Hx711Gpio
from drivers.hx711_spi import Hx711Spi

from tests.expect import refused
from tests.fakes.chip import FakeChip
from tests.fakes.clock import FakeClock

UNSETTLED = [111] * 4  # conversions until the filter has settled


class ChipClock(FakeClock):
    """Tells the chip, too, that time passes."""

    def __init__(self, chip):
        super().__init__()
        self._chip = chip

    def sleep_ms(self, duration_ms):
        super().sleep_ms(duration_ms)
        self._chip.slept(duration_ms)


def by_gpio(conversions, gain=128, lost_pulses=0):
    chip = FakeChip(conversions, lost_pulses)
    clock = ChipClock(chip)
    return Hx711Gpio(chip.dout, chip.sck, clock, chip.interrupts, gain), chip, clock


def by_spi(conversions, gain=128, lost_pulses=0):
    chip = FakeChip(conversions, lost_pulses)
    clock = ChipClock(chip)
    return Hx711Spi(chip.dout, chip.sck, chip.spi, clock, chip.interrupts, gain), chip, clock


def both_ways(test):
    def run():
        for new_scale in (by_gpio, by_spi):
            test(new_scale)

    return run


def read(scale, clock, times):
    values = []
    for _ in range(times):
        values.append(scale.read_raw())
        clock.sleep_ms(100)
    return values


def after_power_up(conversions):
    return UNSETTLED + conversions


def settled(new_scale, conversions, gain=128):
    """The first of `conversions` was fetched already, and is given out when the next one is ready."""
    scale, chip, clock = new_scale(after_power_up(conversions), gain)
    fetched = len(UNSETTLED) + 1
    assert read(scale, clock, fetched) == [None] * fetched
    return scale, chip, clock


@both_ways
def test_a_conversion_is_a_signed_number_of_24_bits(new_scale):
    words = [0, 1, 0x7FFFFF, 0x800000, 0x800000, 0xFFFFFF, 0xFFFFFE, 0x123456]
    conversions = list(words)
    conversions.append(0x123456)
    scale, _, clock = settled(new_scale, conversions)

    assert read(scale, clock, len(words)) == [0, 1, 8388607, -8388608, None, -1, -2, 0x123456]


@both_ways
def test_the_first_conversions_after_power_up_are_discarded(new_scale):
    scale, _, clock = new_scale(after_power_up([42, 43]))

    assert read(scale, clock, 6) == [None, None, None, None, None, 42]


@both_ways
def test_the_gain_is_chosen_by_the_number_of_pulses(new_scale):
    for gain, pulses in ((128, 25), (32, 26), (64, 27)):
        scale, chip, clock = settled(new_scale, [1, 2], gain)
        read(scale, clock, 2)

        assert set(chip.frames) == {pulses}


@both_ways
def test_a_gain_the_chip_has_not_is_refused(new_scale):
    error = refused(ValueError, new_scale, [], 5)
    assert "32, 64, 128" in str(error)


@both_ways
def test_nothing_is_clocked_while_no_conversion_is_ready(new_scale):
    scale, chip, clock = settled(new_scale, [5, None, 6])
    frames = len(chip.frames)

    assert read(scale, clock, 2) == [None, 5]
    assert len(chip.frames) == frames + 1


@both_ways
def test_a_chip_that_is_never_ready_is_a_fault_after_a_second(new_scale):
    scale, _, clock = settled(new_scale, [7])
    read(scale, clock, 10)

    assert refused(OSError, scale.read_raw).args[-1] == "no_chip"


@both_ways
def test_a_frame_of_the_wrong_length_is_a_fault(new_scale):
    """As far as it shows: where the last bit is 1 the chip leaves no trace, and the weigher takes it for a spike."""
    scale, _, _ = new_scale([4, 4], lost_pulses=1)

    assert refused(OSError, scale.read_raw).args[-1] == "frame"


@both_ways
def test_a_restart_cycles_the_power_and_discards_again(new_scale):
    before_restart = [7]
    scale, chip, clock = settled(new_scale, before_restart + after_power_up([8, 9]))
    scale.restart()

    assert chip.power_cycles == 1
    assert read(scale, clock, 6) == [None, None, None, None, None, 8]


@both_ways
def test_a_conversion_that_comes_late_means_that_the_chip_started_anew(new_scale):
    """The conversion fetched before may be half of one, and the next ones have not settled."""
    conversions = [7, None, None, None]
    conversions.extend(after_power_up([8, 9]))
    scale, _, clock = settled(new_scale, conversions)

    assert read(scale, clock, 3 + len(UNSETTLED) + 2) == [None] * (3 + len(UNSETTLED) + 1) + [8]


@both_ways
def test_after_a_pause_the_chip_might_have_started_anew_unseen(new_scale):
    """While the program was away, looking up a name: a frame that was cut off before it restarts the chip."""
    conversions = [7]
    conversions.extend(after_power_up([8, 9]))
    scale, _, clock = settled(new_scale, conversions)
    clock.sleep_ms(300)

    assert read(scale, clock, len(UNSETTLED) + 2) == [None] * (len(UNSETTLED) + 1) + [8]


def test_with_gpio_interrupts_wait_for_one_pulse_and_never_for_more():
    scale, chip, clock = settled(by_gpio, [1, 2, 3])
    read(scale, clock, 3)

    assert chip.interrupts.unguarded == 0
    assert chip.interrupts.longest == 1


def test_with_spi_interrupts_wait_for_the_three_bytes_of_a_frame_and_never_for_more():
    scale, chip, clock = settled(by_spi, [1, 2, 3], 64)
    read(scale, clock, 3)

    assert chip.interrupts.unguarded == 0
    assert chip.interrupts.longest == 24
    assert set(chip.frames) == {27}


@both_ways
def test_the_clock_is_low_between_frames_for_high_is_power_down(new_scale):
    scale, chip, clock = settled(new_scale, [1, 2, 3, 4, 5, 6])
    read(scale, clock, 5)

    assert chip.power_cycles == 0
    assert not chip.is_high


@both_ways
def test_a_chip_that_is_powered_down_stays_so_until_it_is_powered_up(new_scale):
    before = [7]
    scale, chip, clock = settled(new_scale, before + after_power_up([8, 9]))
    scale.power_down()
    assert chip.is_high
    clock.sleep_ms(60_000)

    scale.power_up()

    assert read(scale, clock, 6) == [None, None, None, None, None, 8]


class Level:
    """A pin that plays levels back from memory it has."""

    def __init__(self, levels):
        self._levels = levels
        self._place = -1

    def value(self, level=None):
        if level is None:
            self._place += 1
            return self._levels[self._place]
        return None


class Silent:
    def disable_irq(self):
        return 0

    def enable_irq(self, state):
        pass

    def readinto(self, buffer):
        buffer[0] = 6


def test_reading_a_frame_needs_no_memory():
    try:
        from micropython import heap_lock, heap_unlock
    except ImportError:
        return
    silent, sck = Silent(), Level(b"")
    frame = b"\0" + bytes(24) + b"\1\1"  # ready, the bits, the pulse for the gain, busy
    frames = frame * 12
    by_hand = Hx711Gpio(Level(frames), sck, FakeClock(), silent)
    frames = b"\0\1\1" * 12
    by_bytes = Hx711Spi(Level(frames), sck, silent, FakeClock(), silent)
    heap_lock()
    try:
        for _ in range(12):
            by_hand.read_raw()
            last = by_bytes.read_raw()
    finally:
        heap_unlock()
    assert last == 6 << 16


@both_ways
def test_a_single_glitch_never_comes_out(new_scale):
    for glitch in (0x7FFFFF, 0x800000, 0xFFFFFF, 0, 5000 ^ 1 << 22, 5000 << 1, 5000 >> 1):
        scale, _, clock = settled(new_scale, [5003, 4998, 5001, glitch, 5002, 4999, 5000])

        assert read(scale, clock, 6) == [5003, 4998, 5001, None, 5002, 4999]


@both_ways
def test_a_step_comes_out_at_once_and_whole(new_scale):
    conversions = [5003, 4998, 5001, 905_000, 904_999, 905_002, 905_001]
    scale, _, clock = settled(new_scale, conversions)

    assert read(scale, clock, 6) == conversions[:-1]
