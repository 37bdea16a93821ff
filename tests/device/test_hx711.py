# SPDX-License-Identifier: Apache-2.0
"""The HX711 driver against a chip that counts its pulses."""

from drivers.hx711 import DISCARDED_AFTER_POWER_UP, SATURATED, Hx711, Hx711Error

from tests.expect import refused
from tests.fakes.chip import FakeChip
from tests.fakes.clock import FakeClock

UNSETTLED = [111] * DISCARDED_AFTER_POWER_UP


class ChipClock(FakeClock):
    """Tells the chip, too, that time passes."""

    def __init__(self, chip):
        super().__init__()
        self._chip = chip

    def sleep_ms(self, duration_ms):
        super().sleep_ms(duration_ms)
        self._chip.slept(duration_ms)


def new_scale(conversions, gain=128, lost_pulses=0):
    chip = FakeChip(conversions, lost_pulses)
    clock = ChipClock(chip)
    return Hx711(chip.dout, chip.sck, clock, chip.interrupts, gain), chip, clock


def read(scale, clock, times):
    values = []
    for _ in range(times):
        values.append(scale.read_raw())
        clock.sleep_ms(100)
    return values


def after_power_up(conversions):
    return UNSETTLED + conversions


def settled(conversions, gain=128):
    """The first of `conversions` was fetched already, and is given out when the next one is ready."""
    scale, chip, clock = new_scale(after_power_up(conversions), gain)
    fetched = len(UNSETTLED) + 1
    assert read(scale, clock, fetched) == [None] * fetched
    return scale, chip, clock


def test_a_conversion_is_a_signed_number_of_24_bits():
    words = [0, 1, 0x7FFFFF, 0x800000, 0xFFFFFF, 0xFFFFFE, 0x123456]
    conversions = list(words)
    conversions.append(0)
    scale, _, clock = settled(conversions)

    assert read(scale, clock, len(words)) == [0, 1, 8388607, -8388608, -1, -2, 0x123456]
    assert SATURATED == (-8388608, 8388607)


def test_the_first_conversions_after_power_up_are_discarded():
    scale, _, clock = new_scale(after_power_up([42, 43]))

    assert read(scale, clock, 6) == [None, None, None, None, None, 42]


def test_the_gain_is_chosen_by_the_number_of_pulses():
    for gain, pulses in ((128, 25), (32, 26), (64, 27)):
        scale, chip, clock = settled([1, 2], gain)
        read(scale, clock, 2)

        assert set(chip.frames) == {pulses}


def test_a_gain_the_chip_has_not_is_refused():
    chip = FakeChip([])
    error = refused(ValueError, Hx711, chip.dout, chip.sck, FakeClock(), chip.interrupts, 5)
    assert "32, 64, 128" in str(error)


def test_nothing_is_clocked_while_no_conversion_is_ready():
    scale, chip, clock = settled([5, None, 6])
    frames = len(chip.frames)

    assert read(scale, clock, 2) == [None, 5]
    assert len(chip.frames) == frames + 1


def test_a_chip_that_is_never_ready_is_a_fault_after_a_second():
    scale, _, clock = settled([7])
    read(scale, clock, 10)

    assert refused(Hx711Error, scale.read_raw).reason == "not_ready"


def test_a_frame_of_the_wrong_length_is_a_fault():
    """As far as it shows: where the last bit is 1 the chip leaves no trace, and the weigher takes it for a spike."""
    scale, _, _ = new_scale([4, 4], lost_pulses=1)

    assert refused(Hx711Error, scale.read_raw).reason == "frame"


def test_a_fault_is_an_operating_system_error_that_tells_its_reason():
    assert Hx711Error("frame").args[-1] == "frame"
    assert isinstance(Hx711Error("frame"), OSError)


def test_a_restart_cycles_the_power_and_discards_again():
    before_restart = [7]
    scale, chip, clock = settled(before_restart + after_power_up([8, 9]))
    scale.restart()

    assert chip.power_cycles == 1
    assert read(scale, clock, 6) == [None, None, None, None, None, 8]


def test_a_conversion_that_comes_late_means_that_the_chip_started_anew():
    """The conversion fetched before may be half of one, and the next ones have not settled."""
    conversions = [7, None, None, None]
    conversions.extend(after_power_up([8, 9]))
    scale, _, clock = settled(conversions)

    assert read(scale, clock, 3 + len(UNSETTLED) + 2) == [None] * (3 + len(UNSETTLED) + 1) + [8]


def test_after_a_pause_the_chip_might_have_started_anew_unseen():
    """While the program was away, looking up a name: a frame that was cut off before it restarts the chip."""
    conversions = [7]
    conversions.extend(after_power_up([8, 9]))
    scale, _, clock = settled(conversions)
    clock.sleep_ms(300)

    assert read(scale, clock, len(UNSETTLED) + 2) == [None] * (len(UNSETTLED) + 1) + [8]


def test_interrupts_wait_for_one_pulse_and_never_for_more():
    scale, chip, clock = settled([1, 2, 3])
    read(scale, clock, 3)

    assert chip.interrupts.unguarded == 0
    assert chip.interrupts.longest == 1
