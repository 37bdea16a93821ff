# SPDX-License-Identifier: Apache-2.0
"""The counter follows what people do with a bin, and learns from it."""

from dataclasses import replace

import pytest

from fleet.counting.counter import OK, PICK, REFILL, RETURN, Event
from tests.fakes.weighed_bin import SETUP, WeighedBin, at_rest


def test_a_pick_a_hand_back_and_a_refill_are_counted() -> None:
    bin = at_rest()
    assert bin.handle(-7).pieces == 493
    bin.wait(10)
    bin.handle(3)
    bin.wait(10)
    bin.handle(400)
    bin.wait(10)
    assert bin.count.pieces == 896
    assert bin.events == [Event(PICK, -7), Event(RETURN, 3), Event(REFILL, 400)]
    assert bin.count.state == OK


@pytest.mark.parametrize("taken", [1, 2, 5, 12, 30])
def test_a_pick_is_told_within_seconds(taken: int) -> None:
    bin = at_rest()
    bin.handle(-taken)
    assert bin.count.pieces == 500 - taken


def test_a_bin_is_emptied_to_the_last_piece_and_filled_again() -> None:
    bin = WeighedBin(replace(SETUP, initial_count=23))
    bin.seconds(5)
    bin.wait(30)
    for _ in range(23):
        bin.handle(-1)
        bin.wait(10)
    assert bin.count.pieces == 0
    bin.handle(400)
    assert bin.wait(20).pieces == 400


def test_no_drift_of_the_zero_moves_a_count() -> None:
    bin = at_rest()
    for _ in range(24 * 12):
        bin.zero_g += 0.05  # 14 g in a day: nearly three pieces
        bin.wait(5)
    assert bin.count.pieces == 500
    assert bin.events == []


def test_drift_between_picks_does_not_add_up() -> None:
    bin, left = at_rest(), 500
    for number in range(60):
        for _ in range(12):
            bin.zero_g += 0.05  # 14 g a day
            bin.wait(5)
        taken = 1 + number % 6
        bin.handle(-taken)
        left -= taken
    assert bin.count.pieces == left


def test_a_heavier_lot_is_learnt_from_its_packs() -> None:
    bin, left = at_rest(), 500
    for _ in range(40):
        bin.handle(-10)
        left -= 10
        bin.wait(60)
    heavy_g = 5.02 * 1.03
    bin.handle(400, piece_g=heavy_g)
    left += 400
    bin.piece_g = bin.contents_g / left  # well mixed
    bin.wait(60)
    for _ in range(30):
        bin.handle(-12)  # three percent of this are a third of a piece, of all of them eleven
        left -= 12
        bin.wait(60)
    assert bin.count.pieces == left
    assert bin.counter._known.habits.lot_g > 5.04  # the next lot is expected between the two


def test_pieces_that_nobody_has_counted_are_told_by_weight_with_bounds() -> None:
    bin = WeighedBin(replace(SETUP, initial_count=None))
    bin.contents_g = 300 * 5.02
    bin.seconds(5)
    count = bin.wait(30)
    assert count.pieces is not None
    assert count.lower is not None
    assert count.upper is not None
    assert abs(count.pieces - 301) <= 3
    assert count.lower < count.pieces < count.upper
    assert count.state != OK


def test_what_was_taken_and_put_back_at_once_is_a_return() -> None:
    bin = at_rest()
    bin.handle(-40)
    bin.wait(10)
    bin.handle(40)
    bin.wait(10)
    assert bin.count.pieces == 500


def test_the_same_readings_give_the_same_memory_to_the_last_bit() -> None:
    memories = []
    for _ in range(2):
        bin = at_rest(seed=9)
        bin.handle(-5)
        bin.wait(60)
        memories.append(bin.counter.dump())
    assert memories[0] == memories[1]


def test_an_older_reading_changes_nothing() -> None:
    bin = at_rest()
    before = bin.counter.dump()
    bin.counter.update(bin.now_s - 1, 8_000_000, None)
    assert bin.counter.dump() == before


def test_a_thermometer_that_says_nothing_is_none() -> None:
    bin = at_rest()
    bin.temp_c = float("nan")
    bin.wait(60)
    bin.handle(-3)
    assert bin.wait(10).pieces == 497
