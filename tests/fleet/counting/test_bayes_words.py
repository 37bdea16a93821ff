# SPDX-License-Identifier: Apache-2.0
"""What people tell a counter beside the scale: a stocktake, a refill that was scanned, another setup."""

from dataclasses import replace

import pytest

from fleet.counting.counter import ABSENT, CORRECT, OK, PICK, REFILL, UNCERTAIN, BinSetup
from tests.fakes.handled_bin import SETUP, HandledBin

NOBODY_COUNTED = replace(SETUP, initial_count=None)


def stocktake(bin: HandledBin, pieces: int) -> HandledBin:
    bin.take_answer(bin.counter.stocktake(bin.t_s, pieces))
    return bin


def scan(bin: HandledBin, packs: int) -> HandledBin:
    bin.take_answer(bin.counter.refill(bin.t_s, packs))
    return bin


def weigh_by(bin: HandledBin, **changes: float) -> HandledBin:
    bin.setup = replace(bin.setup, **changes)  # type: ignore[arg-type]
    bin.take_answer(bin.counter.recalibrate(bin.t_s, bin.setup))
    return bin


class TestStocktake:
    """Somebody counted."""

    def test_it_is_the_count_at_once_and_the_scale_tells_the_changes_from_there(self) -> None:
        bin = HandledBin(setup=NOBODY_COUNTED, pieces=300, lot=1.03).rest(60)
        stocktake(bin, 300)
        assert (bin.told.pieces, bin.told.state) == (300, OK)
        assert bin.told.events[0].kind == CORRECT
        while bin.pieces > 30:
            bin.take(9).rest(5)
            assert bin.told.pieces == bin.pieces

    def test_the_same_as_counted_changes_nothing(self) -> None:
        bin = stocktake(HandledBin().rest(60), 100)
        assert bin.told.events == ()
        assert bin.told.pieces == 100

    def test_while_the_bin_is_lifted_it_is_what_comes_back(self) -> None:
        bin = HandledBin().rest(60).lift(30)
        bin.remove(20)
        stocktake(bin, 80)
        bin.put_back().rest(60)
        assert (bin.told.pieces, bin.told.state) == (80, OK)
        assert sum(delta for _, delta in bin.events) == -20

    def test_while_somebody_handles_the_bin_it_is_what_comes_to_rest(self) -> None:
        bin = HandledBin().rest(60)
        bin.remove(20)
        bin.read(1.0, bin.raw() + 9_000)
        stocktake(bin, 80)
        bin.burst().rest(60)
        assert (bin.told.pieces, bin.told.state) == (80, OK)

    def test_a_pick_not_reported_yet_is_not_taken_off_twice(self) -> None:
        """The device sleeps, or is out of reach: its readings of the pick come after the words."""
        bin = HandledBin().rest(60)
        stocktake(bin, 80)
        bin.remove(20)
        bin.rest(60)
        assert bin.told.pieces == 80
        bin.take(5).rest(20)
        assert bin.told.pieces == 75

    @pytest.mark.parametrize("off", [-2, -1, 1, 2])
    def test_a_slip_of_the_tongue_is_believed_and_leaves_the_bin_able_to_count(self, off: int) -> None:
        bin = HandledBin().rest(60)
        stocktake(bin, 100 + off)
        bin.take(7).rest(60)
        assert bin.told.is_evidence
        assert abs((bin.told.pieces or 0) - 93) <= abs(off)

    def test_pieces_that_are_not_on_the_scale_are_no_evidence_until_they_are(self) -> None:
        bin = HandledBin(setup=NOBODY_COUNTED, pieces=0).rest(60)
        stocktake(bin, 200).rest(30)
        assert not bin.told.is_evidence
        assert not bin.is_order_due(150)
        bin.put(200).rest(60)
        assert bin.told.pieces == 200

    def test_an_empty_bin_is_empty(self) -> None:
        bin = HandledBin(setup=NOBODY_COUNTED, pieces=0).rest(60)
        stocktake(bin, 0).rest(60)
        assert (bin.told.pieces, bin.told.state) == (0, OK)
        assert bin.is_order_due(0)

    @pytest.mark.parametrize("pieces", [1_000_000_000, 10**12])
    def test_absurd_figures_are_survived(self, pieces: int) -> None:
        bin = stocktake(HandledBin().rest(60), pieces).rest(30)
        bin.take(1).rest(30)
        assert len(bin.counter.dump()) <= 1_000
        stocktake(bin, 99).rest(30)
        bin.take(4).rest(30)
        assert bin.told.pieces == 95


class TestScannedRefill:
    """Somebody scanned packs."""

    def test_alone_it_changes_no_count(self) -> None:
        bin = scan(HandledBin().rest(60), 2).rest(60)
        assert bin.events == []
        assert bin.told.pieces == 100

    @pytest.mark.parametrize("packs", [1, 2, 3, 4])
    def test_it_makes_any_number_of_packs_believed_at_once(self, packs: int) -> None:
        bin = scan(HandledBin().rest(60), packs)
        bin.refill(packs, lot=1.02)
        assert bin.told.pieces == 100 + 200 * packs
        bin.rest(60)
        assert bin.events == [(REFILL, 200 * packs)]
        assert bin.told.state == OK

    def test_scanned_right_after_it_was_poured_it_is_not_counted_twice(self) -> None:
        bin = HandledBin().rest(60).refill(2)
        scan(bin, 2).rest(60)
        assert bin.events == [(REFILL, 400)]
        assert (bin.told.pieces, bin.told.state) == (500, OK)

    def test_of_a_bin_never_heard_it_says_nothing(self) -> None:
        bin = HandledBin(setup=NOBODY_COUNTED, is_lifted=True)
        scan(bin, 2)
        assert bin.told.pieces is None


class TestRecalibrate:
    """The same pieces by another setup."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"tare_raw": SETUP.tare_raw - 5_000},
            {"counts_per_gram": SETUP.counts_per_gram * 1.01},
            {"apw_g": 5.4},
            {"bin_weight_g": 450.0},
            {"pack_size": 100, "packs_per_refill": 3},
        ],
        ids=lambda changes: ",".join(changes),
    )
    def test_it_changes_no_count_that_somebody_told(self, changes: dict[str, float]) -> None:
        bin = HandledBin().rest(60)
        weigh_by(bin, **changes)
        assert (bin.told.pieces, bin.told.state, bin.told.events) == (100, OK, ())

    @pytest.mark.parametrize(
        "wrong",
        [{"counts_per_gram": SETUP.counts_per_gram * 1.1}, {"tare_raw": SETUP.tare_raw - 5_000}, {"apw_g": 5.3}],
        ids=lambda wrong: ",".join(wrong),
    )
    def test_picks_are_exact_after_a_setup_that_was_wrong_is_mended(self, wrong: dict[str, float]) -> None:
        bin = HandledBin(setup=replace(SETUP, **wrong)).rest(60)  # type: ignore[arg-type]
        weigh_by(bin, **{name: getattr(SETUP, name) for name in wrong}).rest(60)
        while bin.pieces > 10:
            bin.take(6).rest(20)
            assert bin.told.pieces == bin.pieces
        bin.refill().rest(20)
        assert bin.told.pieces == bin.pieces

    def test_another_bin_and_another_cell_hold_the_same_pieces(self) -> None:
        bin = HandledBin().rest(60)
        bin.tare_raw, bin.counts_per_gram = SETUP.tare_raw + 40_000, 1.3 * SETUP.counts_per_gram
        weigh_by(bin, tare_raw=bin.tare_raw, counts_per_gram=bin.counts_per_gram).rest(60)
        while bin.pieces > 10:
            bin.take(6).rest(20)
            assert bin.told.pieces == bin.pieces

    def test_what_the_weight_alone_has_told_is_weighed_anew(self) -> None:
        bin = HandledBin(setup=NOBODY_COUNTED).rest(60)
        assert bin.told.pieces in (99, 100, 101)
        weigh_by(bin, apw_g=5.5)
        assert bin.told.pieces in (90, 91, 92)
        assert [event.kind for event in bin.told.events] == [CORRECT]
        bin.rest(60).take(7).rest(20)
        assert bin.events[-1] in ((PICK, -6), (PICK, -7))

    def test_other_packs_alone_weigh_nothing_anew(self) -> None:
        bin = HandledBin(setup=NOBODY_COUNTED).rest(60)
        bin.take(5).rest(60)
        before = bin.told
        weigh_by(bin, pack_size=100, packs_per_refill=5)
        assert (bin.told.pieces, bin.told.sd, bin.told.events) == (before.pieces, before.sd, ())

    def test_weeks_after_the_last_reading_it_is_survived(self) -> None:
        bin = HandledBin().rest(60)
        bin.t_s += 20 * 86_400.0
        weigh_by(bin, tare_raw=SETUP.tare_raw + 300)
        bin.rest(60)
        assert bin.told.pieces == 100

    def test_while_the_bin_is_lifted_it_changes_no_count(self) -> None:
        bin = HandledBin().rest(60).lift(30)
        weigh_by(bin, tare_raw=SETUP.tare_raw + 2_000)
        assert (bin.told.pieces, bin.told.state) == (100, ABSENT)

    def test_before_the_first_rest_there_is_nothing_to_change(self) -> None:
        bin = HandledBin(setup=NOBODY_COUNTED, is_lifted=True)
        weigh_by(bin, apw_g=4.0)
        assert (bin.told.pieces, bin.told.state, bin.told.events) == (None, UNCERTAIN, ())


def test_a_bin_without_a_weight_of_its_own_is_counted() -> None:
    """The pieces lie on the bare cell: it can be neither lifted nor absent."""
    setup: BinSetup = replace(SETUP, bin_weight_g=0.0, initial_count=0)
    bin = HandledBin(setup=setup, pieces=0).rest(60)
    assert (bin.told.pieces, bin.told.state) == (0, OK)
    bin.put(10).rest(60)
    assert bin.told.pieces == 10
