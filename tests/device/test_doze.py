# SPDX-License-Identifier: Apache-2.0
"""Light sleep between two looks at a cell: time passes, and the converter stays on."""

from drivers.clock import Clock
from drivers.doze import Doze

from tests.fakes.powered_board import PoweredBoard


class Sck:
    """A PD_SCK with the resistor that switches the converter off: it is high whenever nobody drives it."""

    def __init__(self):
        self.held = False
        self.level = 0
        self.power_downs = 0

    def init(self, hold):
        self.held = hold


class Sleepy:
    """A chip whose pins float in light sleep unless they are held."""

    def __init__(self, pins):
        self.board = PoweredBoard()
        self.clock = Clock(self.board)
        self.pins = pins
        self.slept_ms = []
        self.doze = Doze(self.lightsleep, self.clock, pins)

    def lightsleep(self, duration_ms):
        self.slept_ms.append(duration_ms)
        self.board.pass_ms(duration_ms)
        for pin in self.pins:
            pin.power_downs += not pin.held


def test_time_passes_and_uptime_with_it():
    sleepy = Sleepy([])
    for _ in range(25):
        sleepy.doze.sleep_ms(100)

    assert sleepy.slept_ms == [100] * 25
    assert sleepy.clock.uptime_s() == 2


def test_converters_stay_on_and_are_clocked_again_after_it():
    sleepy = Sleepy([Sck(), Sck()])
    sleepy.doze.sleep_ms(100)

    assert [(pin.power_downs, pin.held) for pin in sleepy.pins] == [(0, False)] * 2


def test_what_is_too_short_for_it_is_waited_for_awake():
    sleepy = Sleepy([Sck()])
    for duration_ms in (0, 1, 4):
        sleepy.doze.sleep_ms(duration_ms)

    assert (sleepy.slept_ms, sleepy.board.world_ms) == ([], 5)


def test_pins_are_let_go_when_somebody_interrupts_it():
    def interrupted(duration_ms):
        raise KeyboardInterrupt

    sleepy = Sleepy([Sck(), Sck()])
    sleepy.doze = Doze(interrupted, sleepy.clock, sleepy.pins)
    try:
        sleepy.doze.sleep_ms(100)
        interrupts = 0
    except KeyboardInterrupt:
        interrupts = 1

    assert interrupts == 1
    assert [pin.held for pin in sleepy.pins] == [False] * 2
