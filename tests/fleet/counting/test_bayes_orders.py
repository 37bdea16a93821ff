# SPDX-License-Identifier: Apache-2.0
"""An order is due once the evidence says that no more than the point is left, soon, and never on a doubt."""

from itertools import pairwise

import pytest

from fleet.counting.counter import FOREIGN, REFILL
from tests.fakes.handled_bin import HandledBin

POINT = 60
QUARTER_OF_AN_HOUR_S = 900.0


def due_since_s(bin: HandledBin, lasting_s: float) -> float | None:
    """Seconds at heartbeats until an order is due, None when it is not in so long; then it must stay due."""
    begun_s, due_s = bin.t_s, None
    while bin.t_s - begun_s < lasting_s:
        if due_s is None and bin.is_order_due(POINT):
            due_s = bin.t_s - begun_s
        assert due_s is None or bin.is_order_due(POINT), "and it stays due"
        bin.rest(5)
    return due_s


@pytest.mark.parametrize("seed", range(1, 6))
def test_it_is_due_within_a_quarter_of_an_hour_after_the_point_is_passed_and_stays_due(seed: int) -> None:
    bin = HandledBin(seed=seed).rest(60)
    while bin.pieces > POINT:
        assert due_since_s(bin, 1_800.0) is None
        bin.take(3)
    at_s = due_since_s(bin, 24 * 3_600.0)
    assert at_s is not None
    assert at_s <= QUARTER_OF_AN_HOUR_S


def test_a_pick_that_takes_nearly_everything_is_due_within_a_quarter_of_an_hour_but_not_at_once() -> None:
    """At first it may be a hand that pulls at the bin."""
    bin = HandledBin().rest(60)
    bin.take(90)
    assert not bin.is_order_due(POINT)
    at_s = due_since_s(bin, 7_200.0)
    assert at_s is not None
    assert at_s <= QUARTER_OF_AN_HOUR_S


def test_it_is_not_due_any_more_after_a_refill_and_is_again_at_the_point() -> None:
    bin = HandledBin().rest(60)
    for _ in range(2):
        while bin.pieces > POINT:
            bin.take(9).rest(30)
        assert bin.is_order_due(POINT)
        bin.refill()
        assert not bin.is_order_due(POINT)
        bin.rest(30)
        assert not bin.is_order_due(POINT)
    assert [kind for kind, _ in bin.events].count(REFILL) == 2


def test_more_handed_back_than_the_point_is_no_order_any_more() -> None:
    bin = HandledBin().rest(60)
    while bin.pieces > POINT:
        bin.take(9).rest(30)
    bin.put(30).rest(30)
    assert not bin.is_order_due(POINT)


def test_it_is_due_beside_an_object_where_the_pieces_are_known() -> None:
    bin = HandledBin().rest(60)
    while bin.pieces > POINT + 5:
        bin.take(5).rest(30)
    bin.press(177.7).rest(60)
    assert not bin.is_order_due(POINT)
    for _ in range(3):
        bin.take(4).rest(30)
    assert bin.told.state == FOREIGN
    assert bin.told.is_evidence
    assert bin.is_order_due(POINT)


def test_it_is_not_due_while_somebody_pulls_at_the_bin() -> None:
    bin = HandledBin().rest(60)
    bin.press(-5.0 * (bin.pieces - POINT + 10))
    for _ in range(200):
        bin.read(1.0)
        assert not bin.is_order_due(POINT)


def test_far_above_the_point_nothing_is_due_at_any_reading() -> None:
    bin = HandledBin(zero_g_per_day=2.0).refill()
    while bin.pieces > 2 * POINT:
        bin.take(7)
        for after_s in [1.0] * 5 + [300.0] * 6:
            bin.read(after_s)
            assert not bin.is_order_due(POINT)


@pytest.mark.parametrize("point", [-10, -1, 0])
def test_points_at_or_below_nothing_are_fine(point: int) -> None:
    bin = HandledBin(pieces=100).rest(60)
    assert not bin.is_order_due(point)
    while bin.pieces:
        bin.take(5).rest(20)
    assert bin.is_order_due(point) is (point >= 0)


def test_the_probability_rises_with_the_pieces_from_nothing_to_all() -> None:
    bin = HandledBin(noise_raw=60.0).rest(60).refill(lot=1.02)
    for _ in range(20):
        bin.take(6).rest(20)
        p = [bin.counter.p_at_or_below(pieces) for pieces in range(-1, 1_200)]
        assert p[0] == 0
        assert p[-1] == pytest.approx(1)
        assert all(lower <= higher for lower, higher in pairwise(p))
        assert bin.told.pieces is not None
        assert p[bin.told.pieces + 1] > 0.5


def test_an_order_is_due_where_the_count_is_at_the_point_and_not_one_piece_above() -> None:
    bin = HandledBin().rest(60)
    bin.take(10).rest(20)
    assert [bin.is_order_due(point) for point in (89, 90, 91)] == [False, True, True]
