# SPDX-License-Identifier: Apache-2.0
"""A device on a battery reports a movement at once, everything else in company, and leaves a silent fleet alone."""

from device.sleeper import Sleeper

from tests.fakes.clock import FakeClock

HOUR_S = 3600


class Bin:
    """What a sleeper asks of a bin."""

    def __init__(self, weighed=True, moved=False, moving=False, fault=False, flaps=False):
        self.weighed, self.moved, self.moving, self.fault, self.flaps = weighed, moved, moving, fault, flaps

    def has_new_fault(self):
        return self.fault

    def has_changed_fault(self):
        return self.flaps

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


CALM, SHAKEN, FLAPPING = {}, {"moved": True, "moving": True}, {"fault": True, "flaps": True}


class Life:
    """Of a sleeper that wakes every ten minutes and reports to a fleet that is there."""

    def __init__(self):
        self.clock = FakeClock()
        self.kept = reported(self.clock)
        self.said = 0  # how often it said that it is restless

    def wakes(self, *looks):
        """[(seconds awake until it slept or reported, whether it reported)] of a wake with each of these looks."""
        found = []
        for look in looks:
            self.clock.sleep_ms(600_000)
            began_s = self.clock.uptime_s()
            sleeper = Sleeper(Bin(**look), self.clock, HOUR_S, self.kept)
            while sleeper.weighs():
                self.clock.sleep_ms(1000)
            awake_s = self.clock.uptime_s() - began_s
            self.said += sleeper.looked()
            found.append((awake_s, sleeper.reports()))
            if sleeper.reports():
                sleeper.reported()
            self.kept = sleeper.state()
        return found


def test_a_cell_that_always_moves_is_looked_at_briefly_and_reported_in_company():
    for restless in (SHAKEN, FLAPPING):
        life = Life()
        life.wakes(*[restless] * 6)
        day = life.wakes(*[restless] * 144)

        assert sum(awake_s for awake_s, _ in day) == 0
        assert [is_reported for _, is_reported in day].count(True) == 24
        assert life.said == 1


def test_five_restless_wakes_in_a_row_are_still_somebody_at_work():
    life = Life()

    assert life.wakes(*[SHAKEN] * 5) == [(120, True)] * 5
    assert life.said == 0


def test_after_a_calm_wake_or_three_a_movement_is_waited_for_and_reported_at_once():
    for restless, calm in ((6, 1), (30, 3)):
        life = Life()
        life.wakes(*[SHAKEN] * restless)
        life.wakes(*[CALM] * calm)

        assert life.wakes({"moved": True}, {"moved": True}, SHAKEN) == [(0, True), (0, True), (120, True)]


def test_what_was_weighed_in_unrest_is_reported_when_it_is_over():
    life = Life()
    life.wakes(*[SHAKEN] * 6)

    assert life.wakes(CALM, CALM) == [(0, True), (0, False)]


def test_a_wire_that_comes_and_goes_in_every_other_wake_is_reported_in_company_too():
    life = Life()
    wakes = life.wakes(*[CALM, FLAPPING] * 72)

    assert [is_reported for _, is_reported in wakes[24:]].count(True) == 20
    assert life.said <= 2


def test_a_movement_that_ends_is_no_unrest():
    life = Life()

    assert life.wakes(*[{"moved": True}] * 20) == [(0, True)] * 20
    assert life.said == 0


def test_while_it_looks_briefly_whatever_moved_since_the_last_look_is_unrest():
    life = Life()
    life.wakes(*[SHAKEN] * 7)
    life.wakes(*[{"moved": True}] * 9)

    assert life.wakes(SHAKEN)[0][0] == 0


def test_unrest_is_known_through_the_sleep_and_bounded():
    life = Life()
    life.wakes(*[SHAKEN] * 300)
    whole, more, cut = life.kept, life.kept[:-1] + b"\xff", life.kept[:-1]

    assert Sleeper(Bin(), life.clock, HOUR_S, whole).state() == whole
    assert Sleeper(Bin(), life.clock, HOUR_S, more).state() == whole
    assert not Sleeper(Bin(**SHAKEN), life.clock, HOUR_S, whole).weighs()
    assert Sleeper(Bin(**SHAKEN), life.clock, HOUR_S, cut).weighs()  # what is not whole is not believed
