# SPDX-License-Identifier: Apache-2.0
"""A bin that is lifted off is absent, never empty: nothing is booked and nothing ordered."""

import pytest

from fleet.counting.counter import ABSENT, CORRECT, OK, PICK
from tests.fakes.handled_bin import HandledBin

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
