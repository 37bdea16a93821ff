# SPDX-License-Identifier: Apache-2.0
"""The outcomes of many bins as Markdown: counters side by side, the goals beside them, and what was missed."""

from collections.abc import Callable, Iterable, Sequence

from tests.bench.counting.bins import Outcome
from tests.bench.counting.goals import GOALS, Goal, missed, too_many_orders
from tests.bench.counting.metrics import CLAIM_EDGES, Figures

OURS = "ours"
NONE = "\N{EN DASH}"
NAMES = {
    "exact": "exact",
    "within_1pct": "within max(1, 1 %)",
    "pick_exact": "picks exact",
    "false_events": "false events/day",
    "false_orders": "false orders/year",
    "late_orders": "late orders/year",
    "exact_when_ok": "exact when ok",
    "us_per_update": "µs an update",
    "state_bytes": "bytes of state",
}
ALSO = (
    ("exact, worst bin", None, 4),
    ("within 1", "within_1", 4),
    ("mean error, pieces", "mae", 3),
    ("at 30 d", "error_30d", 2),
    ("at 90 d", "error_90d", 2),
    ("at 365 d", "error_365d", 2),
    ("picks detected", "pick_detected", 4),
    ("refills exact", "refill_exact", 3),
    ("returns exact", "return_exact", 3),
    ("ok coverage", "ok_coverage", 4),
    ("claimed when ok", "claimed_when_ok", 4),
    ("in bounds", "in_bounds", 4),
    ("µs", "us_per_update", 1),
    ("bytes", "state_bytes", 0),
)


def mean(outcomes: Iterable[Outcome], name: str) -> float | None:
    """The mean of a figure over the bins that have it."""
    known = [value for outcome in outcomes if (value := outcome.figures.get(name)) is not None]
    return sum(known) / len(known) if known else None


def means(outcomes: Sequence[Outcome]) -> Figures:
    """The mean of every figure; of the memory the most that any bin took."""
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.figures)
    sizes = [size for outcome in outcomes if (size := outcome.figures.get("state_bytes")) is not None]
    return {name: mean(outcomes, name) for name in names} | {"state_bytes": max(sizes, default=None)}


def row(cells: Iterable[str]) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def shown(value: float | None, digits: int) -> str:
    """A figure as a table has it, a dash for none. Never rounded up to a perfect share."""
    if value is None:
        return NONE
    text = f"{value:.{digits}f}"
    return f"{1 - 10**-digits:.{digits}f}" if value < 1 and text == f"{1:.{digits}f}" and digits >= 3 else text


class Table:
    """Outcomes by class and counter, in the order of the goals."""

    def __init__(self, outcomes: Iterable[Outcome], counters: Sequence[str]) -> None:
        self._counters = counters
        self._by: dict[tuple[str, str], list[Outcome]] = {}
        for outcome in outcomes:
            if outcome.failure is None:
                self._by.setdefault((outcome.class_name, outcome.counter), []).append(outcome)
        self._classes = [name for name in GOALS if any(name == key for key, _ in self._by)]

    def markdown(self) -> str:
        """All tables."""
        parts = [self._main(), self._also(), self._claims(), self._missed()]
        return "\n\n".join("\n".join(part) for part in parts if part) + "\n"

    def _rows(self, cells: Callable[[str, list[Outcome]], list[str]]) -> list[str]:
        return [
            row([class_name, counter, str(len(outcomes)), *cells(class_name, outcomes)])
            for class_name in self._classes
            for counter in self._counters
            if (outcomes := self._by.get((class_name, counter)))
        ]

    def _main(self) -> list[str]:
        head = ["class", "counter", "bins", "exact", "within max(1, 1 %)", "picks exact", "false events/day"]
        head += ["false / late orders a year", "exact when ok"]
        lines = [row(head), "|---|---|" + "---:|" * (len(head) - 2)]
        for class_name in self._classes:
            lines.append(row([class_name, "*goal*", "", *self._goal_cells(GOALS[class_name])]))
            for counter in self._counters:
                outcomes = self._by.get((class_name, counter))
                if outcomes:
                    figures = means(outcomes)
                    bad = missed(GOALS[class_name], figures) if counter == OURS else []
                    lines.append(row([class_name, counter, str(len(outcomes)), *self._cells(figures, bad)]))
        return lines

    @staticmethod
    def _goal_cells(goal: Goal) -> list[str]:
        def least(value: float | None) -> str:
            return NONE if value is None else f"≥ {value:g}"

        orders = f"{goal.false_orders:g} / {goal.late_orders:g}"
        shares = [least(goal.exact), least(goal.within_1pct), least(goal.pick_exact)]
        return [
            *shares,
            f"≤ {goal.false_events:g}",
            f"≤ {orders}" if orders != "0 / 0" else orders,
            least(goal.exact_when_ok),
        ]

    @staticmethod
    def _cells(figures: Figures, bad: list[str]) -> list[str]:
        def cell(name: str, digits: int) -> str:
            text = shown(figures.get(name), digits)
            return f"**{text}**" if name in bad else text

        orders = f"{cell('false_orders', 2)} / {cell('late_orders', 2)}"
        first = [cell("exact", 4), cell("within_1pct", 4), cell("pick_exact", 4), cell("false_events", 3)]
        return [*first, orders, cell("exact_when_ok", 4)]

    def _also(self) -> list[str]:
        def cells(_: str, outcomes: list[Outcome]) -> list[str]:
            figures, worst = means(outcomes), min(outcomes, key=lambda outcome: outcome.figures["exact"] or 0.0)
            first = f"{shown(worst.figures['exact'], 4)} (seed {worst.seed})"
            return [first, *(shown(figures.get(name), digits) for _, name, digits in ALSO if name)]

        head = ["class", "counter", "bins", *(name for name, _, _ in ALSO)]
        return ["Also measured:", "", row(head), "|---|---|" + "---:|" * (len(head) - 2), *self._rows(cells)]

    def _claims(self) -> list[str]:
        """Honesty: by range of claimed probability, what was claimed and what was exact, over all bins of a class."""
        lines: list[str] = []
        for class_name in self._classes:
            for counter in self._counters:
                outcomes = self._by.get((class_name, counter), [])
                cells = [self._claim_cell(outcomes, above) for above in CLAIM_EDGES]
                if any(cell != NONE for cell in cells):
                    lines.append(row([class_name, counter, *cells]))
        if not lines:
            return []
        head = ["class", "counter", *(f"from {above:g}" for above in CLAIM_EDGES)]
        said = "Probability claimed for counts called ok → how often they were exact (share of the ok time):"
        return [said, "", row(head), "|---|---|" + "---:|" * len(CLAIM_EDGES), *lines]

    @staticmethod
    def _claim_cell(outcomes: list[Outcome], above: float) -> str:
        here = [claim for outcome in outcomes for claim in outcome.claims if claim["above"] == above]
        weight = sum(claim["share"] for claim in here)
        if weight == 0:
            return NONE
        claimed, exact = (sum(claim["share"] * claim[name] for claim in here) / weight for name in ("claimed", "exact"))
        return f"{claimed:.3f} → {exact:.3f} ({weight / len(outcomes):.3f})"

    def _missed(self) -> list[str]:
        lines: list[str] = []
        for class_name in self._classes:
            outcomes, goal = self._by.get((class_name, OURS)), GOALS[class_name]
            if not outcomes:
                continue
            figures, median = means(outcomes), means(self._by.get((class_name, "median"), []))
            lines += [
                f"- {class_name}: {NAMES[name]} {figures[name]:.5g}, goal {getattr(goal, name):g}"
                for name in missed(goal, figures)
            ]
            if too_many := too_many_orders(goal, figures, median):
                lines.append(
                    f"- {class_name}: {too_many[0]:.2f} false or late orders a year; "
                    f"the goals and the median allow {too_many[1]:.2f}"
                )
        is_there = any((class_name, OURS) in self._by for class_name in self._classes)
        return ["Goals missed:", "", *lines] if lines else ["No goal is missed."] if is_there else []
