# SPDX-License-Identifier: Apache-2.0
"""How an item stands: cover, safety stock and the word for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.series.schema import STANDINGS
from fleet.series.standing import DAY_MS, OUT, Levels, used_over_ms, weigh

LEVELS = Levels(reorder_point=100, order_up_to=300, order_multiple=50, lead_time_s=3 * 86_400)
MONTH_MS = 30 * DAY_MS


@pytest.mark.parametrize(
    ("on_hand", "standing"),
    [
        (-1, "out"),
        (0, "out"),
        (1, "below safety stock"),
        (69, "below safety stock"),  # 100, less ten a day for three days
        (70, "to reorder"),
        (100, "to reorder"),
        (101, "healthy"),
        (350, "healthy"),
        (351, "excess"),
    ],
)
def test_an_item_stands_by_its_levels_and_by_what_is_used_while_a_delivery_comes(on_hand: int, standing: str) -> None:
    stands = weigh(on_hand, 0, False, 300, MONTH_MS, LEVELS)
    assert STANDINGS[stands.standing] == standing
    assert stands.safety_stock == 70.0


def test_cover_is_what_is_there_by_what_is_used_a_day() -> None:
    assert weigh(45, 0, False, 300, MONTH_MS, LEVELS).days_of_cover == 4.5
    assert weigh(0, 0, False, 300, MONTH_MS, LEVELS).days_of_cover == 0.0


def test_what_nobody_uses_has_no_end_of_cover_and_is_not_below_its_safety_stock() -> None:
    stands = weigh(5, 0, False, 0, MONTH_MS, LEVELS)
    assert stands.days_of_cover is None
    assert STANDINGS[stands.standing] == "to reorder"


def test_more_handed_back_than_taken_is_no_use() -> None:
    assert weigh(5, 0, False, -20, MONTH_MS, LEVELS).usage_per_day == 0.0


def test_without_levels_an_item_is_healthy_until_it_is_out() -> None:
    stands = weigh(5, 0, True, 30, MONTH_MS, None)
    assert (STANDINGS[stands.standing], stands.safety_stock, stands.reorder_point) == ("healthy", None, None)
    assert weigh(0, 0, True, 30, MONTH_MS, None).standing == OUT


@pytest.mark.parametrize(("first_ago_days", "over_days"), [(None, 1), (0, 1), (0.5, 1), (7, 7), (30, 30), (400, 30)])
def test_use_is_averaged_over_a_month_or_since_the_first_movement(
    first_ago_days: float | None, over_days: float
) -> None:
    now_ms = 1_790_000_000_000
    first_at_ms = None if first_ago_days is None else now_ms - int(first_ago_days * DAY_MS)
    assert used_over_ms(first_at_ms, now_ms) == over_days * DAY_MS


@given(st.integers(-10, 10_000), st.integers(-100, 100_000), st.integers(0, 400) | st.none())
def test_less_on_hand_never_stands_better_below_the_max(on_hand: int, used: int, reorder_point: int | None) -> None:
    levels = None if reorder_point is None else Levels(reorder_point, reorder_point + 200, 50, 86_400)
    more, less = (weigh(pieces, 0, False, used, MONTH_MS, levels) for pieces in (on_hand, on_hand - 1))
    assert less.standing <= more.standing
    assert (less.days_of_cover or 0) <= (more.days_of_cover or 0)
