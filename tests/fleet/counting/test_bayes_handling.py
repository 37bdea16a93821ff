# SPDX-License-Identifier: Apache-2.0
"""What people do to a bin is counted: picks, hand-backs, refills of heavier and lighter lots; nothing else is."""

from dataclasses import replace

import pytest

from fleet.counting.counter import OK, PICK, REFILL, RETURN, UNCERTAIN
from tests.fakes.handled_bin import SETUP, HandledBin


@pytest.fixture
def bin() -> HandledBin:
    """A bin of 100 pieces, known from the start, that has rested for an hour."""
    return HandledBin().rest(60)


def test_a_bin_at_rest_is_counted_ok_and_is_evidence(bin: HandledBin) -> None:
    assert (bin.told.pieces, bin.told.state, bin.told.is_settled, bin.told.is_evidence) == (100, OK, True, True)
    assert (bin.told.lower, bin.told.upper) == (100, 100)
    assert bin.events == []


@pytest.mark.parametrize("pieces", [1, 2, 7, 20])
def test_a_pick_is_counted_within_seconds_and_once(bin: HandledBin, pieces: int) -> None:
    bin.take(pieces)
    assert bin.told.pieces == 100 - pieces
    assert bin.rest().events == [(PICK, -pieces)]
    assert bin.told.state == OK


def test_pieces_handed_back_are_a_return(bin: HandledBin) -> None:
    bin.take(6).rest().put(4).rest()
    assert bin.events == [(PICK, -6), (RETURN, 4)]
    assert bin.told.pieces == 98


def test_nearly_all_pieces_taken_out_and_put_back_at_once_are_a_return(bin: HandledBin) -> None:
    weights_g = list(bin.weights_g)
    bin.take(90)
    assert bin.rest(10).told.pieces == 10
    bin.pieces, bin.weights_g = 100, weights_g
    bin.rummage().rest()
    assert bin.events == [(PICK, -90), (RETURN, 90)]


def test_the_last_pieces_leave_an_empty_bin(bin: HandledBin) -> None:
    for _ in range(10):
        bin.take(10).rest()
    assert (bin.told.pieces, bin.told.state) == (0, OK)
    bin.rest(600)
    assert bin.told.pieces == 0


@pytest.mark.parametrize("lot", [0.97, 1.0, 1.02, 1.03])
def test_a_refill_is_whole_packs_whatever_its_lot_weighs(bin: HandledBin, lot: float) -> None:
    bin.refill(lot=lot).rest()
    assert bin.events == [(REFILL, 400)]
    assert (bin.told.pieces, bin.told.state) == (500, OK)


@pytest.mark.parametrize("lot", [0.98, 1.02])
def test_a_refill_tells_what_the_pieces_of_its_lot_weigh(bin: HandledBin, lot: float) -> None:
    """Ten pieces in five hundred lie in 2 %: what is picked from the new lot is exact all the same."""
    bin.refill(lot=lot).rest()
    while bin.pieces > 10:
        bin.take(7).rest(5)
        assert bin.told.pieces == bin.pieces
    assert bin.told.state == OK


def test_a_refill_is_booked_once_however_long_it_stays(bin: HandledBin) -> None:
    bin.refill()
    assert sum(kind == REFILL for kind, _ in bin.events) == 1
    bin.rest(24 * 60)
    assert bin.events == [(REFILL, 400)]


def test_refill_after_refill_stays_exact() -> None:
    bin = HandledBin().rest(60)
    for lot in (1.02, 0.985, 1.01, 1.0, 0.99):
        while bin.pieces > 60:
            bin.take(9).rest(5)
        bin.refill(lot=lot).rest(20)
        assert bin.told.pieces == bin.pieces
    assert sum(delta for kind, delta in bin.events if kind == REFILL) == 5 * 400


def test_rummaging_changes_no_count(bin: HandledBin) -> None:
    for _ in range(20):
        bin.rummage().rest(10)
    assert bin.events == []
    assert (bin.told.pieces, bin.told.state) == (100, OK)


def test_a_device_without_bursts_is_counted_at_its_heartbeats() -> None:
    bin = HandledBin(setup=replace(SETUP, heartbeat_s=600.0, send_delta_g=None))
    bin.rest(60)
    bin.remove(5)
    bin.rest(20)
    assert (bin.events, bin.told.pieces) == ([(PICK, -5)], 95)


def test_without_a_first_count_the_weight_tells_it_about_and_says_how_far_it_may_be_off() -> None:
    bin = HandledBin(setup=replace(SETUP, initial_count=None), pieces=300, lot=1.01).rest()
    told = bin.told
    assert told.pieces is not None
    assert told.lower is not None
    assert told.upper is not None
    assert abs(told.pieces - 300) <= 10
    assert told.lower <= 300 <= told.upper
    assert told.state == UNCERTAIN
    assert told.is_evidence, "and stock may be booked on it"


def test_without_a_first_count_it_is_found_as_the_bin_empties() -> None:
    bin = HandledBin(setup=replace(SETUP, initial_count=None), pieces=300, lot=1.01).rest()
    while bin.pieces > 20:
        bin.take(8).rest(10)
    assert (bin.told.pieces, bin.told.state) == (bin.pieces, OK)


def test_before_the_first_rest_nothing_is_counted() -> None:
    bin = HandledBin(setup=replace(SETUP, initial_count=None))
    first = bin.history[0]
    assert (first.pieces, first.mean, first.state, first.is_evidence) == (None, None, UNCERTAIN, False)
    assert bin.history[0].events == ()


def test_a_refill_that_is_believed_late_is_a_refill_still() -> None:
    """Four packs where two are usual may be somebody who leans on the bin, for a while."""
    bin = HandledBin().rest(60)
    bin.put(800).rest(60)
    assert [kind for kind, _ in bin.events] == [REFILL]
    assert bin.told.pieces == 900


def test_a_large_pick_that_is_believed_late_is_a_pick_still() -> None:
    bin = HandledBin(setup=replace(SETUP, initial_count=400), pieces=400).rest(60)
    bin.take(120)
    assert bin.told.state == UNCERTAIN or bin.told.pieces == 280
    bin.rest(60)
    assert bin.events == [(PICK, -120)]
    assert (bin.told.pieces, bin.told.state) == (280, OK)


@pytest.mark.parametrize("pack_size", [1, 2, 3])
def test_packs_of_hardly_any_pieces_bring_some_all_the_same(pack_size: int) -> None:
    """Of a pack of one that is filled two short nothing would be left, and less."""
    setup = replace(SETUP, pack_size=pack_size, packs_per_refill=1, initial_count=0)
    bin = HandledBin(setup=setup, pieces=0).rest(30)
    known = bin.counter._known
    risen_g = pack_size * setup.apw_g
    change = known._change(bin.t_s + 60, known.level.g + risen_g, 0.01, is_lifted=False, is_glimpse=False)
    poured = [each for each in known.belief.explain(change, setup, known.habits) if each.poured]
    assert {each.change for each in poured} >= {pack_size}
    assert min(each.change for each in poured) > 0
    assert min(each.poured for each in poured) > 0
