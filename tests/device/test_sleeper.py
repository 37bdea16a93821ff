# SPDX-License-Identifier: Apache-2.0
"""A device on a battery reports a movement at once, everything else in company, and leaves a silent fleet alone."""

from device.sleeper import Sleeper

from tests.fakes.clock import FakeClock

HOUR_S = 3600


class Bin:
    """What a sleeper asks of a bin."""

    def __init__(self, weighed=True, moved=False, moving=False, fault=False):
        self.weighed, self.moved, self.moving, self.fault = weighed, moved, moving, fault

    def has_new_fault(self):
        return self.fault

    def has_weighed(self):
        return self.weighed

    def has_moved(self):
        return self.moved

    def is_moving(self):
        return self.moving


def reported(clock):
    sleeper = Sleeper(Bin(), clock, HOUR_S)
    sleeper.reported()
    return sleeper.state()


def test_a_device_that_just_started_reports():
    assert Sleeper(Bin(), FakeClock(), HOUR_S).reports()


def test_without_a_movement_it_reports_when_it_is_time():
    clock = FakeClock()
    kept = reported(clock)
    clock.sleep_ms(600_000)
    assert not Sleeper(Bin(), clock, HOUR_S, kept).reports()

    clock.sleep_ms(3_000_000)

    assert Sleeper(Bin(), clock, HOUR_S, kept).reports()


def test_a_movement_is_reported_at_once():
    clock = FakeClock()
    kept = reported(clock)
    clock.sleep_ms(600_000)

    assert Sleeper(Bin(moved=True), clock, HOUR_S, kept).reports()


def test_a_fleet_that_does_not_answer_is_tried_later_and_later_up_to_four_hours():
    clock, kept, waits = FakeClock(), b"", []
    for _ in range(12):
        sleeper = Sleeper(Bin(moved=True), clock, HOUR_S, kept)
        since_s = clock.uptime_s()
        while not sleeper.reports():
            clock.sleep_ms(60_000)
        waits.append((clock.uptime_s() - since_s) // 60)
        sleeper.failed()
        kept = sleeper.state()

    assert waits == [0, 1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]


def test_after_a_success_it_is_not_late_any_more():
    clock = FakeClock()
    sleeper = Sleeper(Bin(), clock, HOUR_S)
    sleeper.failed()
    sleeper.failed()
    sleeper.reported()

    assert Sleeper(Bin(moved=True), clock, HOUR_S, sleeper.state()).reports()


def test_it_is_awake_until_each_cell_was_weighed_but_not_for_ever():
    clock, bin_ = FakeClock(), Bin(weighed=False)
    sleeper = Sleeper(bin_, clock, HOUR_S)
    assert sleeper.weighs()

    clock.sleep_ms(10_000)

    assert not sleeper.weighs()


def test_it_stays_awake_while_somebody_moves_something_but_not_for_ever():
    clock = FakeClock()
    sleeper = Sleeper(Bin(moving=True), clock, HOUR_S)
    clock.sleep_ms(60_000)
    assert sleeper.weighs()

    clock.sleep_ms(60_000)

    assert not sleeper.weighs()


def test_a_new_fault_is_reported_at_once():
    clock = FakeClock()
    kept = reported(clock)
    clock.sleep_ms(600_000)

    assert Sleeper(Bin(fault=True), clock, HOUR_S, kept).reports()


def reports_in(hours, clock, wake):
    """How many reports there are when it wakes every ten minutes; `wake(number)` is the bin as it is then."""
    kept, reports = reported(clock), 0
    for number in range(6 * hours):
        clock.sleep_ms(600_000)
        sleeper = Sleeper(wake(number), clock, HOUR_S, kept)
        if sleeper.reports():
            reports += 1
            sleeper.reported()
        kept = sleeper.state()
    return reports


def test_a_loose_wire_costs_no_more_than_one_report_beside_each_that_is_due():
    assert reports_in(12, FakeClock(), lambda number: Bin()) == 12
    assert reports_in(12, FakeClock(), lambda number: Bin(fault=True)) <= 24


def test_after_a_report_for_something_else_a_new_fault_is_reported_at_once_again():
    clock = FakeClock()
    sleeper = Sleeper(Bin(fault=True), clock, HOUR_S, reported(clock))
    assert sleeper.reports()
    sleeper.reported()
    waiting = Sleeper(Bin(fault=True), clock, HOUR_S, sleeper.state())
    assert not waiting.reports()

    moved = Sleeper(Bin(moved=True), clock, HOUR_S, waiting.state())
    assert moved.reports()
    moved.reported()

    assert Sleeper(Bin(fault=True), clock, HOUR_S, moved.state()).reports()


def test_a_report_for_a_fault_that_came_to_nothing_is_one_for_a_fault_still():
    clock = FakeClock()
    sleeper = Sleeper(Bin(fault=True), clock, HOUR_S, reported(clock))
    assert sleeper.reports()
    sleeper.failed()
    clock.sleep_ms(60_000)
    again = Sleeper(Bin(fault=True), clock, HOUR_S, sleeper.state())
    assert again.reports()
    again.reported()

    assert not Sleeper(Bin(fault=True), clock, HOUR_S, again.state()).reports()


def test_a_movement_that_could_not_be_reported_is_tried_again_after_a_minute():
    clock = FakeClock()
    kept = reported(clock)
    clock.sleep_ms(600_000)
    sleeper = Sleeper(Bin(moved=True), clock, HOUR_S, kept)
    assert sleeper.reports()
    sleeper.failed()
    kept = sleeper.state()
    assert not Sleeper(Bin(), clock, HOUR_S, kept).reports()

    clock.sleep_ms(60_000)

    assert Sleeper(Bin(), clock, HOUR_S, kept).reports()


def test_a_movement_in_the_time_of_waiting_is_not_forgotten():
    clock = FakeClock()
    sleeper = Sleeper(Bin(), clock, HOUR_S, reported(clock))
    sleeper.failed()
    clock.sleep_ms(30_000)
    waiting = Sleeper(Bin(moved=True), clock, HOUR_S, sleeper.state())
    assert not waiting.reports()

    clock.sleep_ms(30_000)

    assert Sleeper(Bin(), clock, HOUR_S, waiting.state()).reports()


def test_what_takes_longer_than_one_report_is_gone_on_with_after_a_minute():
    clock = FakeClock()
    sleeper = Sleeper(Bin(), clock, HOUR_S)
    for _ in range(5):
        sleeper.failed(has_progressed=True)
        clock.sleep_ms(60_000)

        assert sleeper.reports()


def test_it_asks_for_its_address_anew_twice_a_day():
    clock = FakeClock()
    kept, asked = reported(clock), []
    for _ in range(48):
        clock.sleep_ms(HOUR_S * 1000)
        sleeper = Sleeper(Bin(), clock, HOUR_S, kept)
        asked.append(sleeper.asks_for_address())
        sleeper.reported()
        kept = sleeper.state()

    assert asked.count(True) == 4


def test_an_address_with_which_nothing_could_be_reported_is_not_used_again():
    clock = FakeClock()
    sleeper = Sleeper(Bin(), clock, HOUR_S, reported(clock))
    assert not sleeper.asks_for_address()

    sleeper.failed()

    assert Sleeper(Bin(), clock, HOUR_S, sleeper.state()).asks_for_address()
