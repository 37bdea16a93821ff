# SPDX-License-Identifier: Apache-2.0
"""What the counter must reach, class by class: means over bins of a year that were not used to develop it."""

from collections.abc import Mapping
from dataclasses import dataclass

US_PER_UPDATE_MAX = 50.0
STATE_BYTES_MAX = 1000.0
AT_LEAST = ("exact", "within_1pct", "pick_exact", "exact_when_ok")
AT_MOST = ("false_events", "false_orders", "late_orders", "us_per_update", "state_bytes")


@dataclass(frozen=True)
class Goal:
    """Shares at least, events a day and orders a year at most. None: no goal, for no piece can be resolved."""

    exact: float | None
    within_1pct: float
    pick_exact: float
    false_events: float
    false_orders: float
    late_orders: float
    exact_when_ok: float | None
    us_per_update: float = US_PER_UPDATE_MAX
    state_bytes: float = STATE_BYTES_MAX


EASY = Goal(0.995, 0.9995, 0.999, 0.03, 0.0, 0.0, 0.999)
TYPICAL = Goal(0.98, 0.995, 0.998, 0.04, 0.0, 0.05, 0.995)
GOALS = {
    "easy-50g": EASY,
    "easy-12g": EASY,
    "typical-25g": TYPICAL,
    "typical-5g": TYPICAL,
    "too-big-2g": TYPICAL,
    "light-1g": Goal(0.80, 0.99, 0.99, 0.1, 0.05, 0.1, 0.95),
    "faulty-5g": Goal(0.95, 0.985, 0.985, 0.2, 0.1, 0.2, 0.99),
    "sleeping-5g": Goal(0.80, 0.95, 0.90, 0.3, 0.1, 0.3, 0.95),
    "hard-4g": Goal(0.50, 0.90, 0.97, 0.5, 0.2, 0.3, 0.80),
    "hard-light-0.5g": Goal(None, 0.97, 0.985, 0.3, 0.1, 0.2, None),
    "tiny-0.1g": Goal(None, 0.85, 0.75, 1.0, 0.2, 0.3, None),
}


def missed(goal: Goal, figures: Mapping[str, float | None]) -> list[str]:
    """The names of the figures that do not reach the goal. What could not be measured misses nothing."""
    names: list[str] = []
    for name in (*AT_LEAST, *AT_MOST):
        wanted, reached = getattr(goal, name), figures.get(name)
        if wanted is None or reached is None:
            continue
        if (reached < wanted) if name in AT_LEAST else (reached > wanted):
            names.append(name)
    return names


def too_many_orders(
    goal: Goal, figures: Mapping[str, float | None], median: Mapping[str, float | None]
) -> tuple[float, float] | None:
    """False plus late orders a year and how many there may be, if they are more than the goal's and the median's."""

    def both(of: Mapping[str, float | None]) -> float:
        return (of.get("false_orders") or 0.0) + (of.get("late_orders") or 0.0)

    allowed = max(goal.false_orders + goal.late_orders, both(median))
    return (both(figures), allowed) if both(figures) > allowed else None
