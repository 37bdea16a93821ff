# SPDX-License-Identifier: Apache-2.0
"""Hands that lean on a bin or pull at it, and objects put into it, are no pieces: counts stay, states say why."""

import pytest

from fleet.counting.counter import FOREIGN, OK, UNCERTAIN
from tests.fakes.handled_bin import SETUP, HandledBin

POINT = 120


@pytest.fixture
def bin() -> HandledBin:
    """A bin of 500 pieces that has been refilled once."""
    return HandledBin().rest(60).refill().rest(60)


@pytest.mark.parametrize("grams", [333.0, 1_500.0, 5_000.0])
@pytest.mark.parametrize("seconds", [15, 60, 240])
def test_a_hand_that_leans_quite_still_leaves_the_count(bin: HandledBin, grams: float, seconds: int) -> None:
    before = len(bin.history)
    bin.lean(grams, seconds).rest(30)
    assert {count.pieces for count in bin.history[before:]} == {500}
    assert bin.told.state == OK


@pytest.mark.parametrize("grams", [-400.0, -1_900.0, -2_300.0])
@pytest.mark.parametrize("seconds", [15, 60, 200])
def test_a_hand_that_pulls_upward_orders_nothing_at_any_reading(bin: HandledBin, grams: float, seconds: int) -> None:
    """-1,900 g leave what 120 pieces weigh: as many as call for an order."""
    bin.on_top_g = grams
    for _ in range(seconds):
        bin.read(1.0)
        assert not bin.is_order_due(POINT)
    bin.press(0.0).rest(30)
    assert (bin.told.pieces, bin.told.state) == (500, OK)


def test_while_a_hand_rests_on_the_bin_it_is_no_evidence(bin: HandledBin) -> None:
    bin.press(1_234.0).burst(30)
    assert not bin.told.is_evidence
    assert bin.told.state in (UNCERTAIN, FOREIGN)
    assert bin.told.pieces == 500


def test_a_hand_that_moves_about_is_no_pick(bin: HandledBin) -> None:
    before = len(bin.history)
    for _ in range(60):
        bin.on_top_g = bin.chance.uniform(-300, 900)
        bin.read(1.0)
    assert {count.pieces for count in bin.history[before:]} == {500}
    assert bin.told.state != OK, "restless for a minute"
    bin.press(0.0).rest(30)
    assert (bin.told.pieces, bin.told.state) == (500, OK)


@pytest.mark.parametrize("grams", [63.0, 177.7, 321.9])
def test_an_object_put_in_is_foreign_until_it_is_taken_out(bin: HandledBin, grams: float) -> None:
    bin.press(grams).rest(20)
    assert bin.told.pieces == 500
    assert bin.told.state in (FOREIGN, UNCERTAIN)
    bin.rest(60)
    bin.press(0.0).rest(30)
    assert (bin.told.pieces, bin.told.state) == (500, OK)
    assert sum(delta for _, delta in bin.events[1:]) == 0


def test_pieces_picked_beside_an_object_are_counted_when_it_is_gone(bin: HandledBin) -> None:
    bin.press(321.9).rest(20)
    bin.take(10).rest(20)
    bin.press(0.0).rest(60)
    assert (bin.told.pieces, bin.told.state) == (490, OK)


def test_a_wrong_early_guess_is_revoked() -> None:
    """A hand as heavy as two packs of the usual lot, and quite still, is taken for the refill: not for long."""
    bin = HandledBin().rest(60)
    refill_g = 2 * SETUP.pack_size * SETUP.apw_g
    bin.lean(refill_g, 20)
    assert ("refill", 400) in bin.events, "it was believed"
    bin.rest(30)
    assert (bin.told.pieces, bin.told.state) == (100, OK)
    assert sum(delta for _, delta in bin.events) == 0
    bin.take(5).rest(10)
    assert bin.told.pieces == 95


def test_a_lean_at_every_hour_of_a_day_leaves_the_count(bin: HandledBin) -> None:
    for hour in range(24):
        bin.lean(bin.chance.choice([-900.0, -250.0, 180.0, 700.0, 3_000.0]), 15 + 8 * hour).rest(50)
    assert (bin.told.pieces, bin.told.state) == (500, OK)
    assert sum(delta for _, delta in bin.events[1:]) == 0
