# SPDX-License-Identifier: Apache-2.0
"""Bars are as long as what they stand for, and lie where they should."""

import pytest

from fleet.web.bars import LEAST_PERCENT, LEAST_PX, MARKS_MAX, columns, marks, parts


def test_parts_follow_each_other_and_fill_the_bar() -> None:
    told = parts([1, 0, 3])
    assert [(part.x, part.width) for part in told] == [(0, 25), (25, 0), (25, 75)]


def test_a_part_too_small_to_see_is_seen_all_the_same() -> None:
    told = parts([1, 100_000])
    assert told[0].width >= LEAST_PERCENT * 0.95
    assert sum(part.width for part in told) == pytest.approx(100)


@pytest.mark.parametrize("quantities", [[], [0, 0, 0]])
def test_nothing_is_a_bar_without_parts(quantities: list[float]) -> None:
    assert [part.width for part in parts(quantities)] == [0] * len(quantities)


def test_columns_stand_on_one_ground_and_the_highest_reaches_the_top() -> None:
    told = columns([5, 10, 0], top_px=8, height_px=100)
    assert [column.y + column.height for column in told] == [108, 108, 108]
    assert [column.height for column in told] == [50, 100, 0]
    assert [column.middle for column in told] == pytest.approx([16.67, 50, 83.33])
    assert told[0].x + told[0].width < told[1].x


def test_a_column_of_little_is_seen_and_one_of_less_than_nothing_is_not() -> None:
    assert [column.height for column in columns([1, 10_000, -40], 0, 100)] == [LEAST_PX, 100, 0]


@pytest.mark.parametrize("quantities", [[], [0, 0], [-3]])
def test_nothing_has_no_columns(quantities: list[float]) -> None:
    assert not any(column.height for column in columns(quantities, 0, 100))
    assert [mark.quantity for mark in marks(quantities, 0, 100)] == [0]


@pytest.mark.parametrize(
    ("full", "quantities"),
    [
        (1, [0, 1]),
        (3.4, [0, 1, 2, 3]),
        (7, [0, 2, 4, 6]),
        (19_999, [0, 5000, 10_000, 15_000]),
        (20_000, [0, 10_000, 20_000]),
    ],
)
def test_marks_are_few_and_round(full: float, quantities: list[int]) -> None:
    told = marks([full], 0, 100)
    assert [mark.quantity for mark in told] == quantities
    assert len(told) <= MARKS_MAX + 1
    assert [mark.y for mark in told] == pytest.approx([100 - 100 * quantity / full for quantity in quantities], abs=0.1)
