# SPDX-License-Identifier: Apache-2.0
"""Uptime goes on over every reset, begins anew with the power, and one boot count has one beginning."""

from device.sequence import ReadingSequence
from device.uptime import Uptime

from tests.fakes.flash import FakeFlash, PowerCutError
from tests.fakes.powered_board import PoweredBoard
from tests.fakes.random import FakeRandom

DAY_MS = 86_400_000


class Device:
    """A board, its flash, and the program on it as far as time is concerned."""

    def __init__(self, ppm=0, seed=1):
        self.board = PoweredBoard(ppm)
        self.random = FakeRandom(seed)
        self.files = {}
        self.start()

    def start(self, cut_after=None):
        self.clock, rtc = self.board.program()
        uptime = Uptime(rtc)
        self.sequence = ReadingSequence(FakeFlash(self.files, cut_after), self.random, uptime.boot)
        uptime.go_on(self.clock, self.sequence.epoch, self.sequence.boot_count)

    def start_and_be_cut(self, cut_after):
        try:
            self.start(cut_after)
        except PowerCutError:
            return

    def run(self, duration_ms, step_ms=500):
        for _ in range(duration_ms // step_ms):
            self.board.pass_ms(step_ms)
            self.clock.uptime_s()

    def reset(self, away_ms=0):
        self.board.pass_ms(away_ms)
        self.board.reset()
        self.start()

    @property
    def boot(self):
        return self.sequence.epoch, self.sequence.boot_count


def test_uptime_goes_on_over_a_reset_as_if_nothing_had_been():
    device = Device()
    boot = device.boot
    device.run(100_500)
    device.reset(away_ms=3_500)
    device.run(6_000)

    assert device.clock.uptime_s() == 110
    assert device.boot == boot


def test_it_goes_on_over_a_deep_sleep_of_days_and_over_the_wrap_of_31_bits():
    device = Device()
    boot = device.boot
    for night in range(1, 31):
        device.run(10_000, 1000)
        device.clock.put_down()
        device.reset(away_ms=DAY_MS - 10_000)
        assert device.clock.uptime_s() == night * DAY_MS // 1000
    assert device.boot == boot


def test_nothing_adds_up_over_many_resets():
    device = Device()
    random = FakeRandom(5)
    for _ in range(300):
        device.run(3_000 + random.below(5_000), step_ms=100)
        device.reset(away_ms=random.below(4_000))

    assert abs(device.clock.uptime_s() - device.board.world_ms // 1000) <= 1


def test_a_power_loss_begins_a_boot_and_its_clock_anew():
    device = Device()
    device.run(50_000)
    epoch, boot_count = device.boot
    device.board.lose_power()
    device.start()
    device.run(7_000)

    assert device.boot == (epoch, boot_count + 1)
    assert device.clock.uptime_s() == 7


def test_memory_that_outlives_a_short_power_loss_by_chance_deceives_nobody():
    device = Device()
    device.run(50_000)
    boot_count = device.boot[1]
    device.board.lose_power(garbage=None)
    device.board.pass_ms(400)
    device.start()

    assert device.boot[1] == boot_count + 1
    assert device.clock.uptime_s() == 0


def test_a_clock_whose_boot_is_not_on_flash_does_not_go_on():
    device = Device()
    device.run(50_000)
    epoch = device.boot[0]
    device.files.clear()
    device.reset()

    assert device.boot[0] != epoch
    assert device.clock.uptime_s() == 0


def test_a_timer_that_somebody_has_set_begins_a_boot_anew():
    for step_ms in (-40_000, 0x40000000):
        device = Device()
        device.run(50_000)
        boot_count = device.boot[1]
        device.board._powered_at_ms -= step_ms
        device.reset()

        assert device.boot[1] == boot_count + 1


def test_broken_memory_begins_a_boot_anew():
    device = Device()
    device.run(50_000)
    whole = device.board.memory()
    for place in range(28):
        device.board._memory = whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :]
        assert Uptime(device.board.program()[1]).boot is None


def test_wherever_a_start_is_cut_one_boot_count_has_one_beginning():
    for power in (True, False):
        for cut in range(8):
            device = Device(seed=cut)
            device.run(20_000)
            begun = {device.boot: 0}
            began_ms = device.board.world_ms
            if power:
                device.board.lose_power()
            device.start_and_be_cut(cut)
            device.board.pass_ms(5_000)
            device.reset()
            begin_ms = device.board.world_ms - 1000 * device.clock.uptime_s()
            assert device.boot not in begun or begin_ms == 0, (power, cut)
            assert (device.boot in begun) == (not power), (power, cut)
            assert begin_ms == 0 or begin_ms >= began_ms


def test_how_long_the_program_runs_is_told_apart():
    device = Device()
    device.run(50_000)
    device.reset()
    device.run(8_000)

    assert (device.clock.running_s(), device.clock.uptime_s()) == (8, 58)


def test_flash_of_another_epoch_with_the_same_boot_count_is_another_boot():
    device, other = Device(seed=1), Device(seed=2)
    device.run(50_000)
    device.files = other.files
    device.reset()

    assert device.boot == (other.sequence.epoch, 2)
    assert device.clock.uptime_s() == 0
