# SPDX-License-Identifier: Apache-2.0
"""Counts go on where no level comes to rest: a light hand that stays in the bin, and a cell that has become noisy."""

import pytest

from fleet.counting.bayes import BayesCounter
from fleet.counting.counter import CORRECT, FAULT_NOISY, OK, PICK, REFILL, UNCERTAIN
from fleet.counting.packing import pack
from tests.fakes.handled_bin import NOISE_RAW, SETUP, HandledBin

POINT = 120
LIGHT_G = (0.2, 1.6, 0.7, 1.9, 0.4, 1.2, 0.0, 1.5, 0.9)  # never twice the same, and less apart than the device sends at
NOISY_RAW = 20 * NOISE_RAW  # 1.8 g: a third of a piece
MINUTES_S = 420  # until a noisy cell is known, and the mean of it has been the same twice


@pytest.fixture
def bin() -> HandledBin:
    """A bin of 500 pieces that has been refilled once."""
    return HandledBin().rest(60).refill().rest(60)


def fumble(bin: HandledBin, times: int = 1, more_g: float = 0.0) -> HandledBin:
    """A light hand in the bin for nine seconds, after which the device falls silent."""
    for force_g in LIGHT_G * times:
        bin.on_top_g = force_g - 0.5 + more_g
        bin.read(1.0)
    return bin


def noisy(bin: HandledBin, seconds: int = MINUTES_S) -> HandledBin:
    """The cell is noisy, so that the device sends on and on."""
    bin.noise_raw = NOISY_RAW
    return bin.burst(seconds)


def told_since(bin: HandledBin, before: int) -> list[tuple[str, int]]:
    return [(event.kind, event.delta) for count in bin.history[before:] for event in count.events]


class TestAHandThatStays:
    @pytest.mark.parametrize("taken", [1, 4, 12])
    def test_a_pick_is_told_before_the_device_falls_silent(self, bin: HandledBin, taken: int) -> None:
        before = len(bin.history)
        bin.remove(taken)
        fumble(bin)
        assert told_since(bin, before) == [(PICK, -taken)]

    def test_rest_confirms_it_and_tells_it_no_second_time(self, bin: HandledBin) -> None:
        before = len(bin.history)
        bin.remove(4)
        fumble(bin)
        bin.on_top_g = 0.0
        bin.rest(30)
        assert (bin.told.pieces, bin.told.state) == (496, OK)
        assert told_since(bin, before) == [(PICK, -4)]

    def test_it_is_no_evidence_before_rest_has_confirmed_it(self, bin: HandledBin) -> None:
        bin.take(370).rest(30)
        bin.remove(14)
        fumble(bin)
        assert bin.told.pieces in (115, 116, 117)
        assert not bin.told.is_evidence
        assert not bin.is_order_due(POINT)
        bin.on_top_g = 0.0
        bin.rest(30)
        assert bin.is_order_due(POINT)

    def test_what_was_no_pick_is_taken_back(self, bin: HandledBin) -> None:
        before = len(bin.history)
        fumble(bin, more_g=-4 * SETUP.apw_g)
        assert bin.told.pieces == 496, "as if four had gone"
        bin.on_top_g = 0.0
        bin.rest(30)
        assert (bin.told.pieces, bin.told.state) == (500, OK)
        assert sum(delta for _, delta in told_since(bin, before)) == 0
        bin.take(3).rest(30)
        assert bin.events[-1] == (PICK, -3), "nothing of it is left for the next change"

    def test_a_stocktake_meanwhile_has_the_last_word(self, bin: HandledBin) -> None:
        bin.remove(4)
        fumble(bin)
        bin.take_answer(bin.counter.stocktake(bin.t_s, 490))
        bin.on_top_g = 0.0
        bin.rest(30)
        assert bin.told.pieces == 490
        assert bin.events[-1] == (CORRECT, -6)

    def test_a_hand_too_heavy_to_tell_by_tells_nothing(self, bin: HandledBin) -> None:
        before = len(bin.history)
        bin.remove(4)
        for _ in range(20):
            bin.on_top_g = bin.chance.uniform(-20, 60)
            bin.read(1.0)
        assert told_since(bin, before) == []

    def test_a_hand_that_fumbles_and_takes_nothing_is_nothing(self, bin: HandledBin) -> None:
        before = len(bin.history)
        bin.read(1.0, bin.raw() + 4000)
        fumble(bin, 7)
        bin.on_top_g = 0.0
        bin.rest(60)
        assert told_since(bin, before) == []
        assert (bin.told.pieces, bin.told.state) == (500, OK)


class TestANoisyCell:
    @pytest.mark.parametrize("taken", [2, 30])
    def test_a_pick_is_told_by_the_mean_of_minutes(self, bin: HandledBin, taken: int) -> None:
        noisy(bin)
        before = len(bin.history)
        bin.remove(taken)
        noisy(bin)
        assert told_since(bin, before) == [(PICK, -taken)], "not first what a mean over both makes of it"
        assert {count.state for count in bin.history[before:]} == {FAULT_NOISY}

    def test_a_refill_is_told(self, bin: HandledBin) -> None:
        noisy(bin)
        bin.add(400)
        noisy(bin)
        assert bin.events[-1][0] == REFILL
        assert abs((bin.told.pieces or 0) - 900) <= 2

    def test_an_order_is_due_on_that_evidence(self, bin: HandledBin) -> None:
        bin.take(375).rest(30)
        noisy(bin)
        assert not any(due_while_noisy(bin, MINUTES_S)), "125 are left"
        bin.remove(10)
        assert any(due_while_noisy(bin, 2 * MINUTES_S)), "no hand stays for so long"

    def test_nothing_that_noise_alone_does_is_told(self, bin: HandledBin) -> None:
        before = len(bin.history)
        noisy(bin, 3 * 3600)
        assert told_since(bin, before) == []

    def test_when_it_is_well_again_counting_goes_on_from_there(self, bin: HandledBin) -> None:
        noisy(bin)
        bin.remove(30)
        noisy(bin)
        bin.noise_raw = NOISE_RAW
        bin.burst(30).rest(60)
        assert bin.told.state in (OK, UNCERTAIN)
        assert bin.told.pieces == 470
        bin.take(5).rest(30)
        assert bin.events[-1] == (PICK, -5)

    def test_noise_so_strong_that_its_mean_tells_no_piece_tells_nothing(self, bin: HandledBin) -> None:
        before = len(bin.history)
        bin.noise_raw = 3000 * NOISE_RAW
        bin.burst(600)
        bin.remove(30)
        bin.burst(900)
        assert told_since(bin, before) == []

    def test_strong_noise_takes_a_longer_look(self, bin: HandledBin) -> None:
        bin.noise_raw = 280 * NOISE_RAW  # five pieces
        bin.burst(900)
        bin.remove(30)
        bin.burst(1200)
        assert abs((bin.told.pieces or 0) - 470) <= 2
        assert bin.told.state == FAULT_NOISY

    def test_bad_values_among_it_do_not_move_the_mean(self, bin: HandledBin) -> None:
        noisy(bin)
        bin.remove(30)
        for second in range(MINUTES_S):
            bin.read(1.0, 2_000_000 if second % 40 == 17 else None)
        assert bin.told.pieces in (469, 470, 471)

    def test_temperature_and_creep_are_not_learnt_from_it(self, bin: HandledBin) -> None:
        slope, creep = bin.counter._known.drift.g_per_k, bin.counter._known.drift.creep
        noisy(bin, 3600)
        bin.swing_k = 3.0
        for _ in range(3):
            bin.add(100)
            noisy(bin, 3000)
        assert (bin.counter._known.drift.g_per_k, bin.counter._known.drift.creep) == (slope, creep)


def due_while_noisy(bin: HandledBin, seconds: int) -> list[bool]:
    dues = []
    for _ in range(seconds):
        noisy(bin, 1)
        dues.append(bin.is_order_due(POINT))
    return dues


def test_a_counter_taken_up_amid_either_goes_on_bit_for_bit(bin: HandledBin) -> None:
    bin.remove(4)
    fumble(bin)
    assert bin.counter._known.watch.guessed
    goes_on_alike(bin)
    noisy(bin, MINUTES_S + 37)
    assert bin.counter._known.noise.is_on
    assert bin.counter._known.noise.readings
    goes_on_alike(bin)


def goes_on_alike(bin: HandledBin) -> None:
    other = BayesCounter.load(bin.setup, bin.counter.dump())
    assert other._known.loose.last_s == bin.counter._known.loose.last_s
    for _ in range(300):
        told = bin.read(1.0)
        assert other.update(bin.t_s, int(bin.counter._known.watch.raw), bin.temp_c) == told
    assert pack(other._known) == pack(bin.counter._known)
