# SPDX-License-Identifier: Apache-2.0
"""A device that sleeps tells one reading in ten minutes: much happens between two, and a hand may be in one.

Ours tells more as soon as it looks and finds a change; others may not.
"""

from dataclasses import replace
from math import exp

import pytest

from fleet.counting.belief import Belief
from fleet.counting.changes import Change, children
from fleet.counting.counter import OK, UNCERTAIN
from fleet.counting.habits import Habits
from fleet.counting.hypothesis import Alien, Hypothesis
from tests.fakes.handled_bin import SETUP, HandledBin

POURED = 400


@pytest.fixture
def bin() -> HandledBin:
    """A bin of 100 pieces, in use for some hours."""
    setup = replace(SETUP, heartbeat_s=600.0, send_delta_g=None, initial_count=112)
    bin = HandledBin(setup, pieces=112)
    bin.rest(60)
    for _ in range(3):
        bin.remove(4)
        bin.rest(120)
    return bin


def odds(bin: HandledBin) -> dict[int, float]:
    """How probable each number of pieces is by what the counter holds."""
    return bin.counter._known.belief.odds


def in_use(heartbeat_s: float) -> HandledBin:
    """A bin of 100 pieces whose device tells changes of 2 g as soon as it looks."""
    bin = HandledBin(replace(SETUP, heartbeat_s=heartbeat_s, initial_count=112), pieces=112).rest(120)
    for _ in range(3):
        bin.remove(4)
        bin.burst(16).rest(120)
    return bin


def test_a_device_that_tells_more_when_it_finds_a_change_is_heard_out() -> None:
    bin = in_use(heartbeat_s=600.0)
    bin.remove(3)
    bin.read(600.0)
    assert (bin.told.pieces, bin.told.is_settled) == (100, False), "the next second tells more"
    bin.burst(16)
    assert (bin.told.pieces, bin.told.is_evidence) == (97, True)


def test_what_such_a_device_told_last_before_it_slept_was_at_rest() -> None:
    bin = in_use(heartbeat_s=600.0)
    bin.remove(3)
    bin.read(600.0)
    bin.read(1.0)
    bin.remove(4)
    bin.read(600.0)
    assert bin.events[-1] == ("pick", -3), "of two picks each is told"


@pytest.mark.parametrize(("heartbeat_s", "is_due"), [(300.0, False), (600.0, True)])
def test_what_it_finds_at_a_look_is_long_over_so_a_great_change_may_order_at_once(
    heartbeat_s: float, is_due: bool
) -> None:
    bin = in_use(heartbeat_s)
    bin.remove(20)
    bin.read(heartbeat_s)
    bin.burst(16)
    assert bin.told.pieces == 80
    assert bin.is_order_due(90) is is_due


@pytest.mark.parametrize("taken", range(1, 14))
def test_of_a_refill_and_a_pick_in_one_gap_every_number_is_considered(bin: HandledBin, taken: int) -> None:
    bin.add(POURED)
    bin.remove(taken)
    bin.rest(20)
    assert odds(bin)[bin.pieces] > 1e-4


@pytest.mark.parametrize("taken", [1, 4, 9])
def test_what_was_picked_beside_a_refill_is_found_out_as_it_is_used_up(bin: HandledBin, taken: int) -> None:
    bin.add(POURED, lot=1.01)
    bin.remove(taken)
    bin.rest(20)
    while bin.pieces > 40:
        bin.remove(min(6, bin.pieces - 1))
        bin.rest(40)
    assert bin.told.pieces == bin.pieces


@pytest.mark.parametrize("grams", [15.1, 18.7, 90.0, 1_934.0])
def test_a_hand_that_one_reading_met_is_no_hand_back_and_no_refill(bin: HandledBin, grams: float) -> None:
    before = len(bin.events)
    bin.read(600.0, bin.raw(sum(bin.weights_g) + grams))
    bin.rest(60)
    assert sum(delta for _, delta in bin.events[before:]) == 0
    assert (bin.told.pieces, bin.told.state) == (100, OK)


@pytest.mark.parametrize("grams", [16.5, 18.7])
def test_what_no_pieces_weigh_is_not_taken_from_one_reading(bin: HandledBin, grams: float) -> None:
    before = len(bin.events)
    bin.read(600.0, bin.raw(sum(bin.weights_g) + grams))
    assert not bin.told.is_settled
    assert bin.events[before:] == []


def test_a_hand_that_one_reading_met_before_a_refill_is_not_counted_with_it(bin: HandledBin) -> None:
    bin.read(600.0, bin.raw(sum(bin.weights_g) + 18.7))
    bin.add(POURED)
    bin.rest(60)
    assert bin.told.pieces == bin.pieces == 500


def test_a_pick_is_told_by_the_first_reading_after_it(bin: HandledBin) -> None:
    bin.remove(3)
    bin.read(600.0)
    assert (bin.told.pieces, bin.told.state) == (97, OK)


def test_pieces_handed_back_are_believed_when_the_next_reading_agrees(bin: HandledBin) -> None:
    bin.add(3)
    bin.rest(20)
    assert bin.told.pieces == 103


def test_a_hand_is_gone_by_the_next_reading_whatever_moved_since() -> None:
    setup = replace(SETUP, heartbeat_s=600.0)
    parent = Hypothesis(100, 500.0, 0.0, 1.0, 0.0, 0.25)
    parent.alien, parent.alien_g = Alien.HAND, 18.7
    change = Change(900.0, 518.7, 485.0, 0.04, 0.01, 600.0, False, None)
    plain = {
        child.pieces: child.log_weight for child in children(parent, change, setup, Habits(setup)) if not child.alien
    }
    alone = Hypothesis(100, 500.0, 0.0, 1.0, 0.0, 0.25)
    without = children(alone, replace(change, low_g=500.0), setup, Habits(setup))
    assert plain == {child.pieces: child.log_weight for child in without if not child.alien}
    soon = children(parent, replace(change, gap_s=30.0), setup, Habits(setup))
    assert any(child.alien and child.pieces < 100 for child in soon), "within seconds it may stay"


def test_a_light_force_is_likelier_in_one_reading_than_in_readings_that_agree() -> None:
    setup = replace(SETUP, heartbeat_s=600.0)
    parent = Hypothesis(100, 500.0, 0.0, 1.0, 0.0, 0.25)
    change = Change(900.0, 500.0, 518.7, 0.04, 0.01, 600.0, False, None)
    odds = [
        next(child.log_weight for child in children(parent, seen, setup, Habits(setup)) if child.alien == Alien.HAND)
        for seen in (change, replace(change, is_glimpse=True))
    ]
    assert odds[1] > odds[0] + 3


def test_beside_all_the_numbers_of_a_refill_a_hand_is_kept_in_mind() -> None:
    belief = Belief()
    for pieces in range(400, 440):
        belief.hypotheses.append(Hypothesis(pieces, 5.0 * pieces, 0.0, 1.0, 0.0, 0.25))
    hand = Hypothesis(20, 100.0, 0.0, 1.0, 0.0, 0.25)
    hand.alien, hand.log_weight = Alien.HAND, -9.0
    belief.hypotheses.append(hand)
    belief.settle()
    assert hand in belief.hypotheses
    assert len(belief.hypotheses) > 15


def on_a_parabola(pieces: int) -> Hypothesis:
    """One of the numbers of a refill, the likelier the nearer to 402."""
    each = Hypothesis(pieces, 5.0 * pieces, 0.1 * (pieces - 400), 1.0, 0.0, 0.25)
    each.log_weight = -0.1 * (pieces - 402) ** 2
    return each


def test_a_number_that_was_left_out_comes_back_when_its_neighbours_speak_for_it() -> None:
    belief, hopeless = Belief(), on_a_parabola(400)
    hopeless.log_weight = -12.0
    belief.take([*(on_a_parabola(pieces) for pieces in (397, 398, 399, 401)), hopeless])
    back = next(each for each in belief.hypotheses if each.pieces == 400)
    ratio = belief.odds[400] / belief.odds[401]
    assert ratio == pytest.approx(exp(-0.4 + 0.1), rel=0.01)
    assert (back.contents_g, back.zero_g) == pytest.approx((2000.0, 0.0), abs=1e-3)


def test_no_number_is_made_up_above_and_below_the_likely_ones_nor_across_a_refill() -> None:
    belief, far = Belief(), on_a_parabola(420)
    far.log_weight = -1.0
    belief.take([*(on_a_parabola(pieces) for pieces in (397, 398, 399)), far])
    assert belief.odds.keys() == {397, 398, 399, 420}
    belief.take([on_a_parabola(pieces) for pieces in (399, 401)])
    assert belief.odds.keys() == {399, 401}, "two tell no third"


@pytest.mark.parametrize(
    ("heartbeat_s", "has_thermometer", "state"),
    [(300.0, True, OK), (600.0, True, UNCERTAIN), (300.0, False, UNCERTAIN)],
)
def test_who_sees_less_must_be_surer(heartbeat_s: float, has_thermometer: bool, state: str) -> None:
    bin = HandledBin(replace(SETUP, heartbeat_s=heartbeat_s), has_thermometer=has_thermometer).rest(60)
    bin.counter._known.belief.odds = {100: 0.98, 99: 0.02}
    assert bin.counter._state(100) == state


def test_what_two_readings_agree_on_happened_before_the_first_of_them(bin: HandledBin) -> None:
    known = bin.counter._known
    seen_s = known.level.seen_s
    for after_s in (600.0, 1200.0):
        known.run.add(seen_s + after_s, 520.0)
    assert known._change(seen_s + 1200.0, 520.0, 0.01, is_lifted=False, is_glimpse=False).gap_s == 600.0
