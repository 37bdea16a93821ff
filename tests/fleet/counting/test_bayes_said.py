# SPDX-License-Identifier: Apache-2.0
"""What people say of a bin: stocktakes, scanned refills, another setup; and what the counter remembers."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.counting.bayes import BayesCounter
from fleet.counting.counter import CORRECT, Event
from tests.fakes.weighed_bin import SETUP, WeighedBin, at_rest


def test_a_stocktake_is_believed_and_the_piece_weight_follows() -> None:
    bin = WeighedBin(replace(SETUP, initial_count=None), piece_g=5.2)
    bin.contents_g = 300 * 5.2
    bin.seconds(5)
    bin.wait(30)
    count = bin.counter.stocktake(bin.now_s, 300)
    assert count.pieces == 300
    assert [event.kind for event in count.events] in ([CORRECT], [])
    left = 300
    for _ in range(15):
        bin.handle(-13)
        bin.wait(30)
        left -= 13
    assert bin.count.pieces == left


def test_a_stocktake_while_the_bin_is_off_the_cell_speaks_of_what_comes_back() -> None:
    bin = at_rest()
    bin.seconds(30, -SETUP.bin_weight_g)
    bin.contents_g = 80 * bin.piece_g
    bin.counter.stocktake(bin.now_s, 80)
    bin.seconds(9)
    assert bin.wait(10).pieces == 80


def test_a_stocktake_of_pieces_whose_pick_is_still_to_be_reported_is_not_subtracted_twice() -> None:
    bin = at_rest()
    bin.counter.stocktake(bin.now_s, 480)
    bin.contents_g -= 20 * bin.piece_g
    bin.seconds(9)
    assert bin.wait(15).pieces == 480


def test_pieces_said_to_be_there_before_they_are_poured_count_once() -> None:
    bin = WeighedBin(replace(SETUP, initial_count=400))
    bin.contents_g = 0.0
    bin.seconds(5)
    bin.wait(10)
    assert not bin.count.is_evidence
    bin.contents_g = 400 * bin.piece_g
    bin.seconds(9)
    assert bin.wait(15).pieces == 400


def test_a_scanned_refill_makes_an_unusual_one_certain() -> None:
    bin = at_rest()
    bin.counter.refill(bin.now_s, 1)
    bin.handle(200)
    assert bin.wait(10).pieces == 700


def test_a_refill_scanned_after_it_was_poured_leaves_no_doubt_about_its_packs() -> None:
    bin = at_rest()
    bin.handle(400)
    doubt = 1 - bin.counter.p_at_or_below(900) + bin.counter.p_at_or_below(899)
    bin.counter.refill(bin.now_s, 2)
    assert 1 - bin.counter.p_at_or_below(900) + bin.counter.p_at_or_below(899) < doubt / 50


def test_the_same_pieces_lie_there_under_another_tare_and_another_scale() -> None:
    bin = at_rest()
    setup = replace(SETUP, tare_raw=120_000, counts_per_gram=220.0)
    count = bin.counter.recalibrate(bin.now_s, setup)
    assert count.pieces == 500
    bin.setup = setup
    bin.wait(30)
    bin.handle(-8)
    assert bin.wait(10).pieces == 492


def test_what_nothing_but_the_weight_has_told_is_weighed_anew_by_another_setup() -> None:
    bin = WeighedBin(replace(SETUP, initial_count=None), piece_g=5.0)
    bin.contents_g = 500.0
    bin.seconds(5)
    bin.wait(30)
    assert bin.count.pieces == 100
    count = bin.counter.recalibrate(bin.now_s, replace(bin.setup, apw_g=5.5))
    assert count.pieces == 91
    assert count.events == (Event(CORRECT, -9),)


def rough_day(seed: int) -> list[tuple[float, int]]:
    """Readings of a day with everything in it."""
    bin, random = WeighedBin(seed=seed), Random(seed)
    bin.seconds(5)
    readings: list[tuple[float, int]] = []
    say_raw = bin.say_raw

    def noted(raw: int) -> object:
        readings.append((bin.now_s, raw))
        return say_raw(raw)

    bin.say_raw = noted  # type: ignore[method-assign, assignment]
    for _ in range(25):
        happening = random.randrange(7)
        if happening < 3:
            bin.handle(-random.randint(1, 12))
        elif happening == 3:
            bin.seconds(random.randint(3, 60), bin.contents_g + random.uniform(-400, 3000))
        elif happening == 4:
            bin.seconds(random.randint(5, 40), -SETUP.bin_weight_g)
        elif happening == 5:
            bin.seconds(40, noise=100.0)
        else:
            for _ in range(5):
                bin.now_s += 300
                bin.say_raw(random.choice([650_000, 0x7FFFFF, 0]))
        bin.seconds(random.randint(1, 10))
        bin.wait(random.choice([5, 30]))
    return readings


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), every=st.integers(1, 7))
def test_a_counter_made_of_its_memory_goes_on_bit_for_bit_at_any_reading(seed: int, every: int) -> None:
    one = other = BayesCounter(SETUP)
    pieces = None
    for number, (t_s, raw) in enumerate(rough_day(seed)):
        count = one.update(t_s, raw, None)
        if other is not one:
            assert other.update(t_s, raw, None) == count
        if number % every == 0:
            memory = one.dump()
            assert len(memory) <= 1000
            other = BayesCounter.load(SETUP, memory)
            assert other.dump() == memory
        if pieces is not None:
            assert count.pieces == pieces + sum(event.delta for event in count.events)
        pieces = count.pieces
        if count.lower is not None:
            assert count.lower <= count.pieces <= count.upper  # type: ignore[operator]
        odds = [one.p_at_or_below(limit) for limit in (0, 100, 400, 500, 2000)]
        assert odds == sorted(odds)


@pytest.mark.parametrize("memory", [b"", b"median", b"B1", b"B1" + bytes(2000)])
def test_foreign_bytes_are_refused(memory: bytes) -> None:
    with pytest.raises(ValueError, match="count the bin anew"):
        BayesCounter.load(SETUP, memory)


@pytest.mark.parametrize("cut", [1, 40, 500])
def test_a_memory_that_was_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="count the bin anew"):
        BayesCounter.load(SETUP, at_rest().counter.dump()[:-cut])


def test_a_tare_that_was_wrong_is_mended_without_a_piece_changing() -> None:
    bin = WeighedBin(replace(SETUP, tare_raw=105_000, initial_count=100))  # 23 g: more than four pieces
    bin.contents_g = 100 * bin.piece_g
    bin.setup = SETUP  # what the cell really says
    bin.seconds(5)
    bin.wait(30)
    bin.counter.recalibrate(bin.now_s, replace(SETUP, initial_count=100))
    bin.wait(30)
    left = 100
    for _ in range(9):
        bin.handle(-4)
        bin.wait(30)
        left -= 4
    assert bin.count.pieces == left


def test_another_cell_under_the_bin_changes_no_piece() -> None:
    bin = at_rest()
    bin.setup = replace(SETUP, tare_raw=140_000, counts_per_gram=214.7 * 1.3)
    bin.counter.recalibrate(bin.now_s, bin.setup)
    bin.wait(30)
    assert bin.count.pieces == 500
    bin.handle(-6)
    assert bin.wait(10).pieces == 494
