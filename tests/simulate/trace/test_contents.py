# SPDX-License-Identifier: Apache-2.0
"""What pieces weigh: one by one, in lots, and mixed."""

from dataclasses import replace

import numpy as np
import pytest

from tools.simulate.trace.classes import CLASSES, BinClass
from tools.simulate.trace.contents import Contents

TYPICAL = CLASSES["typical-5g"]
EVEN = replace(TYPICAL, piece_cv=0.0, lot_shift=0.0)


def contents(bin_class: BinClass, number: int = 1) -> Contents:
    return Contents(bin_class, np.random.default_rng(number))


def test_the_first_lot_is_shifted_and_the_configured_weight_is_half_a_percent_off_it() -> None:
    bins = [contents(TYPICAL, number) for number in range(300)]
    means_g = np.array([each.mass_g / each.pieces for each in bins])
    apw_g = np.array([each.apw_g for each in bins])
    assert np.std(means_g / TYPICAL.piece_g) == pytest.approx(TYPICAL.lot_shift, rel=0.15)
    assert np.std(apw_g / means_g) == pytest.approx(0.005, rel=0.2)


def test_what_is_taken_scatters_with_the_root_of_its_number() -> None:
    bins = [contents(replace(TYPICAL, lot_shift=0.0), number) for number in range(400)]
    taken_g = np.array([each.take(9) for each in bins])
    assert np.mean(taken_g) == pytest.approx(45.0, rel=0.002)
    assert np.std(taken_g) == pytest.approx(5.0 * 0.015 * 3, rel=0.15)


def test_what_is_taken_and_what_is_left_weigh_as_much_as_before() -> None:
    bin_ = contents(TYPICAL)
    before_g = bin_.mass_g
    taken_g = bin_.take(300) + bin_.take(200)
    assert bin_.pieces == 0
    assert bin_.mass_g == 0.0
    assert taken_g == pytest.approx(before_g)


def test_after_a_refill_a_pick_takes_of_the_mixture() -> None:
    bin_ = contents(replace(TYPICAL, piece_cv=0.0))
    bin_.take(400)
    before_g = bin_.mass_g / bin_.pieces
    packs = bin_.fill()
    lot_g = packs[0][1] / packs[0][0]
    assert lot_g != before_g
    assert bin_.take(1) == pytest.approx((100 * before_g + 400 * lot_g) / 500)


def test_the_packs_of_a_refill_are_of_one_lot_and_exact_where_the_class_says_so() -> None:
    assert [pieces for pieces, _ in contents(TYPICAL).fill()] == [200, 200]
    (first, first_g), (second, second_g) = contents(replace(TYPICAL, piece_cv=0.0)).fill()
    assert first_g / first == pytest.approx(second_g / second)


def test_packs_are_filled_with_an_error_where_the_class_says_so() -> None:
    sizes = [pieces for number in range(300) for pieces, _ in contents(CLASSES["tiny-0.1g"], number).fill()]
    assert np.std(sizes) == pytest.approx(2000 * 0.002, rel=0.15)
    assert np.mean(sizes) == pytest.approx(2000, abs=1)


def test_only_what_was_taken_can_come_back() -> None:
    bin_ = contents(EVEN)
    assert bin_.out == 0
    bin_.take(3)
    assert bin_.give_back(2) == pytest.approx(10.0)
    assert (bin_.out, bin_.pieces) == (1, 499)
    bin_.fill()
    assert bin_.out == 0
