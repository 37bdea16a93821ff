# SPDX-License-Identifier: Apache-2.0
"""A bin that is lifted off is absent, never empty: nothing is booked and nothing ordered."""

from dataclasses import replace

import pytest

from fleet.counting.counter import ABSENT, CORRECT, OK, PICK
from fleet.counting.estimate import Estimate
from tests.fakes.handled_bin import SETUP, HandledBin

POINT = 120


@pytest.fixture
def bin() -> HandledBin:
    return HandledBin().rest(60).refill().rest(60)


def test_a_lifted_bin_is_absent_and_keeps_its_count(bin: HandledBin) -> None:
    before = len(bin.history)
    bin.lift(60).rest(120)
    assert (bin.told.pieces, bin.told.state) == (500, ABSENT)
    assert not any(count.is_evidence for count in bin.history[before:])
    assert all(count.pieces == 500 for count in bin.history[before:])


def test_no_order_is_due_for_a_lifted_bin_at_any_reading(bin: HandledBin) -> None:
    bin.is_lifted = True
    for after_s in [1.0] * 60 + [300.0] * 100:
        bin.read(after_s)
        assert not bin.is_order_due(POINT)


def test_the_moment_of_lifting_orders_nothing(bin: HandledBin) -> None:
    for share in (0.7, 0.4, 0.1, 0.05):
        bin.read(1.0, bin.raw(share * 2500.0))
        assert not bin.is_order_due(POINT)
    bin.lift()
    assert not bin.is_order_due(POINT)


def test_put_back_as_it_was_nothing_has_happened(bin: HandledBin) -> None:
    bin.lift(30).rest(60).put_back().rest(30)
    assert (bin.told.pieces, bin.told.state) == (500, OK)
    assert len(bin.events) == 1, "the refill alone"


@pytest.mark.parametrize("pieces", [1, 8, 30])
def test_put_back_lighter_something_was_taken(bin: HandledBin, pieces: int) -> None:
    bin.lift(30).rest(10).put_back(lighter_by=pieces).rest(30)
    assert bin.events[1:] == [(PICK, -pieces)]
    assert (bin.told.pieces, bin.told.state) == (500 - pieces, OK)


def test_put_back_empty_it_is_empty(bin: HandledBin) -> None:
    bin.lift(30).rest(10).put_back(lighter_by=500).rest(60)
    assert bin.told.pieces == 0
    assert bin.told.state == OK
    assert bin.is_order_due(POINT)


def test_lifting_shows_the_zero_and_mends_a_count_that_had_gone_wrong() -> None:
    """The scale has drifted unseen while the fleet was off, by more than three pieces; then the bin is lifted."""
    bin = HandledBin().rest(60)
    bin.lift().rest(10).put_back().rest(60)
    bin.zero_g = 17.0
    bin.t_s += 40 * 86_400.0
    bin.rest(60)
    bin.lift().rest(10).put_back().rest(60)
    for _ in range(5):
        bin.take(4).rest(30)
    assert bin.told.pieces == bin.pieces
    assert {kind for kind, _ in bin.events} <= {PICK, CORRECT}


def test_a_bin_is_never_taken_for_empty_while_it_is_carried_about(bin: HandledBin) -> None:
    before = len(bin.history)
    for _ in range(10):
        bin.lift(5).put_back().lift(2).put_back().rest(5)
    assert {count.pieces for count in bin.history[before:]} == {500}
    assert (bin.told.pieces, bin.told.state) == (500, OK)


def test_a_counter_that_begins_with_the_bin_off_waits_for_it() -> None:
    bin = HandledBin(is_lifted=True).rest(60)
    assert bin.told.state != OK
    assert not bin.told.is_evidence
    assert not bin.is_order_due(POINT)
    bin.put_back().rest(30)
    assert (bin.told.pieces, bin.told.state) == (100, OK)


def test_a_cell_that_makes_something_else_of_the_bin_itself_does_not_move_the_count() -> None:
    """The span of a cell is off by 1e-3, its bin weighs 2 kg: each lift shows a zero that is 2 g away."""
    heavy = HandledBin(replace(SETUP, bin_weight_g=2000.0, apw_g=1.0), bin_off_g=2.0).rest(60)
    for _ in range(12):
        for _ in range(5):
            heavy.rest(24 * 60).lift(30).rest(10).put_back().rest(60)
        heavy.take(3).rest(60)
        assert heavy.told.pieces == heavy.pieces
    assert not [kind for kind, _ in heavy.events if kind == CORRECT]
    assert known(heavy).watch.bin_off_g < -0.5


def test_a_zero_that_jumped_is_no_weight_of_the_bin(bin: HandledBin) -> None:
    bin.lift().rest(10).put_back().rest(60)
    learnt_g = known(bin).watch.bin_off_g
    bin.zero_g = 4.0
    bin.lift().rest(10).put_back().rest(60)
    assert known(bin).watch.bin_off_g == learnt_g


@pytest.fixture
def asleep() -> HandledBin:
    """A bin that tells one reading in ten minutes and nothing between, in use for some hours."""
    bin = HandledBin(replace(SETUP, heartbeat_s=600.0, send_delta_g=None))
    for _ in range(3):
        bin.rest(120).take(4)
    return bin.rest(120)


def test_one_bad_reading_near_that_of_a_lifted_bin_says_nothing_of_the_zero(asleep: HandledBin) -> None:
    """The converter said zero once, which on this cell is 5 g off a lifted bin."""
    before, seen_s = asleep.told.pieces, known(asleep).watch.zero_s
    asleep.read(600.0, asleep.raw(-505.5))
    assert asleep.told.state == ABSENT
    asleep.rest(120)
    assert (asleep.told.pieces, asleep.told.state) == (before, OK)
    assert known(asleep).watch.zero_s == seen_s


def test_one_reading_of_a_lifted_bin_is_enough_where_the_zero_can_be(asleep: HandledBin) -> None:
    asleep.is_lifted = True
    asleep.read(600.0)
    lifted_s = asleep.t_s
    asleep.is_lifted = False
    asleep.rest(120)
    assert known(asleep).watch.zero_s == lifted_s + 600.0
    assert asleep.told.state == OK


def known(bin: HandledBin) -> Estimate:
    """What the counter makes of it, where no count shows it yet."""
    return bin.counter._known
