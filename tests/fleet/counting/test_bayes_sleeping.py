# SPDX-License-Identifier: Apache-2.0
"""A device that sleeps tells one reading in ten minutes: much happens between two, and a hand may be in one."""

from dataclasses import replace

import pytest

from fleet.counting.counter import OK
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
