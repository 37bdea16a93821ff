# SPDX-License-Identifier: Apache-2.0
"""The clock driver: uptime counts on where the ticks wrap."""

from drivers.clock import Clock


class Ticks:
    """MicroPython's time module, as far as the clock asks it."""

    def __init__(self, now_ms):
        self.now_ms = now_ms
        self.slept_ms = 0

    def ticks_ms(self):
        return self.now_ms

    def sleep_ms(self, duration_ms):
        self.slept_ms += duration_ms


def test_uptime_is_whole_seconds_since_the_start():
    ticks = Ticks(123_456)
    clock = Clock(ticks)
    seen = []
    for _ in range(5):
        seen.append(clock.uptime_s())
        ticks.now_ms += 700

    assert seen == [0, 0, 1, 2, 2]


def test_uptime_goes_on_across_many_wraps():
    ticks = Ticks(0)
    clock = Clock(ticks)
    for day in range(60):
        assert clock.uptime_s() == day * 86_400
        ticks.now_ms = (ticks.now_ms + 86_400_000) % (1 << 30)


def test_ticks_wrap_at_30_bits_on_every_port():
    assert Clock(Ticks((1 << 40) + 5)).ticks_ms() == 5


def test_sleep_is_the_boards_own():
    ticks = Ticks(0)
    Clock(ticks).sleep_ms(100)

    assert ticks.slept_ms == 100


class Keeper:
    def __init__(self):
        self.kept = []

    def put_down(self, uptime_s, rest_ms):
        self.kept.append((uptime_s, rest_ms))


def test_it_counts_on_from_where_it_is_told_and_has_each_second_kept():
    ticks, keeper = Ticks(5_000), Keeper()
    clock = Clock(ticks)
    clock.go_on(1_000, 400)
    clock.keep(keeper)
    for _ in range(4):
        ticks.now_ms += 500
        clock.uptime_s()

    assert keeper.kept == [(1_000, 400), (1_001, 400), (1_002, 400)]


def test_before_a_sleep_the_milliseconds_are_kept_too():
    ticks, keeper = Ticks(0), Keeper()
    clock = Clock(ticks)
    clock.keep(keeper)
    ticks.now_ms += 1_999
    clock.put_down()

    assert keeper.kept == [(0, 0), (1, 999)]
