# SPDX-License-Identifier: Apache-2.0
"""The page of figures: means, goals, and what is missed."""

from typing import Any

import pytest

from tests.bench.counting.bins import Outcome
from tests.bench.counting.goals import EASY, GOALS, TYPICAL, missed, too_many_orders
from tests.bench.counting.table import Table, shown
from tools.simulate.trace import CLASSES

REACHED = {
    "exact": 0.995,
    "within_1pct": 0.9995,
    "pick_exact": 0.999,
    "false_events": 0.03,
    "false_orders": 0.0,
    "late_orders": 0.0,
    "exact_when_ok": 0.999,
    "us_per_update": 50.0,
    "state_bytes": 1000.0,
}


def outcome(counter: str = "ours", class_name: str = "easy-50g", seed: int = 1, **figures: Any) -> Outcome:
    claims = figures.pop("claims", [])
    return Outcome(class_name, seed, 365.0, counter, REACHED | figures, claims)


def lines(*outcomes: Outcome) -> list[str]:
    return Table(outcomes, ["naive", "median", "ours"]).markdown().splitlines()


def test_every_class_has_a_goal() -> None:
    assert list(GOALS) == list(CLASSES)


@pytest.mark.parametrize("name", REACHED)
def test_a_goal_is_reached_at_the_figure_and_missed_beyond_it(name: str) -> None:
    worse = -1e-6 if name in ("exact", "within_1pct", "pick_exact", "exact_when_ok") else 1e-6
    assert missed(EASY, REACHED) == []
    assert missed(EASY, REACHED | {name: REACHED[name] + worse}) == [name]


def test_what_has_no_goal_or_no_figure_misses_nothing() -> None:
    assert missed(GOALS["tiny-0.1g"], REACHED | {"exact": 0.0, "exact_when_ok": 0.0}) == []
    assert missed(EASY, REACHED | {"pick_exact": None}) == []


def test_orders_may_be_as_bad_as_the_goal_or_as_the_median() -> None:
    ours = {"false_orders": 0.5, "late_orders": 0.5}
    assert too_many_orders(TYPICAL, ours, {"false_orders": 0.0, "late_orders": 1.0}) is None
    assert too_many_orders(TYPICAL, ours, {"false_orders": 0.2, "late_orders": 0.2}) == (1.0, 0.4)
    assert too_many_orders(TYPICAL, ours, {}) == (1.0, 0.05)
    assert too_many_orders(TYPICAL, {"false_orders": 0.05}, {}) is None


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(1.0, 4, "1.0000"), (0.99996, 4, "0.9999"), (0.98, 4, "0.9800"), (0.96, 1, "1.0")]
)
def test_a_share_is_never_rounded_up_to_all(value: float, digits: int, text: str) -> None:
    assert shown(value, digits) == text


def test_a_class_shows_its_goal_and_the_mean_of_its_bins_for_each_counter() -> None:
    page = lines(outcome(exact=0.999), outcome(exact=0.997, seed=2), outcome("naive", exact=0.2), outcome("median"))
    rows = [line for line in page[: page.index("")] if line.startswith("| easy-50g")]
    assert [row.split(" | ")[1] for row in rows] == ["*goal*", "naive", "median", "ours"]
    assert rows[0].split(" | ")[3:] == ["≥ 0.995", "≥ 0.9995", "≥ 0.999", "≤ 0.03", "0 / 0", "≥ 0.999 |"]
    assert rows[3].split(" | ")[2:4] == ["2", "0.9980"]
    assert rows[1].split(" | ")[2:4] == ["1", "0.2000"]


def test_a_missed_goal_of_ours_is_bold_and_listed() -> None:
    page = lines(outcome(late_orders=1.0), outcome("naive", late_orders=3.0))
    assert any("0.00 / **1.00**" in line for line in page)
    assert not any("**3.00**" in line for line in page)
    assert "- easy-50g: late orders/year 1, goal 0" in page
    assert "- easy-50g: 1.00 false or late orders a year; the goals and the median allow 0.00" in page


def test_reached_goals_are_said_to_be() -> None:
    assert lines(outcome())[-1] == "No goal is missed."
    assert "No goal is missed." not in lines(outcome("naive"))


def test_the_worst_bin_is_named() -> None:
    page = lines(outcome(exact=0.999), outcome(exact=0.5, seed=7))
    assert any("0.5000 (seed 7)" in line for line in page)


def test_the_memory_is_the_most_that_any_bin_took() -> None:
    page = lines(outcome(state_bytes=900), outcome(seed=2, state_bytes=1100))
    assert "- easy-50g: bytes of state 1100, goal 1000" in page


def test_claims_of_several_bins_are_weighted_by_their_time() -> None:
    first = {"above": 0.99, "share": 0.6, "claimed": 0.992, "exact": 1.0}
    second = {"above": 0.99, "share": 0.2, "claimed": 0.996, "exact": 0.8}
    page = lines(outcome(claims=[first]), outcome(seed=2, claims=[second]))
    assert any("0.993 → 0.950 (0.400)" in line for line in page)


def test_a_counter_that_failed_is_not_in_the_table() -> None:
    page = lines(outcome(), Outcome("easy-50g", 2, 365.0, "ours", failure="ValueError: no"))
    assert page[3].startswith("| easy-50g | ours | 1 |")
