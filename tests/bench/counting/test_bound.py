# SPDX-License-Identifier: Apache-2.0
"""The computed bounds: nothing is asked of light pieces that physics does not give."""

from dataclasses import replace

import pytest

from tests.bench.counting import bound
from tools.simulate.trace import CLASSES

TYPICAL = CLASSES["typical-5g"]
TINY = CLASSES["tiny-0.1g"]


def test_a_heavy_piece_can_always_be_told() -> None:
    assert bound._told(TYPICAL, left=300, taken=5) > 0.9999


def test_a_light_piece_is_told_worse_the_more_of_them_lie_on_the_cell() -> None:
    few, many = bound._told(TINY, left=500, taken=40), bound._told(TINY, left=5000, taken=40)
    assert 0.5 < many < few < 0.95


def test_a_large_pick_is_told_worse_than_a_small_one() -> None:
    assert bound._told(TINY, left=2000, taken=200) < bound._told(TINY, left=2000, taken=2)


def test_the_chances_of_a_misfill_add_up_and_favour_neither_side() -> None:
    prior = bound._misfill_prior(CLASSES["hard-4g"])
    assert sum(prior.values()) == pytest.approx(1, abs=1e-6)
    assert prior[1] == pytest.approx(prior[-1])
    assert max(prior, key=prior.__getitem__) == 0


def test_right_after_a_refill_the_count_is_right_as_often_as_packs_are_and_later_more_often() -> None:
    prior = bound._misfill_prior(CLASSES["hard-4g"])
    at_once = bound._most_probable(CLASSES["hard-4g"], prior, first=520, taken=0)
    late = bound._most_probable(CLASSES["hard-4g"], prior, first=520, taken=390)
    assert at_once == pytest.approx(prior[0], abs=0.01)
    assert late > at_once + 0.2


def test_a_quieter_cell_allows_more() -> None:
    hard = CLASSES["hard-4g"]
    prior = bound._misfill_prior(hard)
    quiet = replace(hard, piece_cv=0.005, off_centre=1e-5)
    assert bound._most_probable(quiet, prior, 520, 200) > bound._most_probable(hard, prior, 520, 200)
