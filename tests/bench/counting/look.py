# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.bench.counting.look CLASS SEED`: all that a counter did wrong in one bin, in the order of time.

One line each: orders (right, false, late), picks, refills and returns that were reported wrong, false events, and spans
in which the count was wrong. For whoever works on a counter.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Annotated

import numpy as np
import typer

from tests.bench.counting.answers import Answers, Reported
from tests.bench.counting.counters import NAMES, OURS, answer
from tests.bench.counting.metrics import Judgement, judge_all
from tests.bench.counting.orders import Cycle
from tests.bench.counting.timeline import Wrong
from tests.bench.counting.windows import QUIET, UNJUDGED, Verdict
from tools.simulate.trace import CLASSES, Activity, Trace, make_trace

Line = tuple[float, str]  # when, in seconds; what


def clock(t_s: float) -> str:
    """A moment of a trace: day and time."""
    day, second = divmod(int(t_s), 86400)
    return f"{day:03d}d {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def lasting(seconds: float) -> str:
    """A duration, in the unit that fits."""
    if seconds < 120:
        return f"{seconds:.0f}s"
    if seconds < 7200:
        return f"{seconds / 60:.0f}min"
    return f"{seconds / 3600:.1f}h" if seconds < 172800 else f"{seconds / 86400:.1f}d"


def named(activity: Activity) -> str:
    """An activity in a few words."""
    change = f" {activity.delta:+d}" if activity.delta else ""
    detail = f" ({activity.detail})" if activity.detail else ""
    lasts = lasting(activity.end_s - activity.start_s)
    return f"{activity.kind}{change} {clock(activity.start_s)[5:]}+{lasts}{detail}"


class Look:
    """Says what was wrong, one line a thing."""

    def __init__(self, trace: Trace, answers: Answers, judgement: Judgement, shortest_s: float = 60.0) -> None:
        self._trace, self._answers, self._judgement, self._shortest_s = trace, answers, judgement, shortest_s
        self._starts_s = [activity.start_s for activity in trace.activities]
        self._events: dict[int, list[Reported]] = {}
        for event in answers.events:
            self._events.setdefault(event.reading, []).append(event)

    def lines(self) -> list[Line]:
        """Everything, in the order of time."""
        return sorted([*self.orders(), *self.verdicts(), *self.made_up(), *self.wrong()])

    def orders(self) -> Iterator[Line]:
        """The order of each cycle, or its absence where it was needed."""
        for cycle in self._judgement.cycles:
            yield from self._order(cycle)

    def _order(self, cycle: Cycle) -> Iterator[Line]:
        if cycle.is_late and cycle.low_since_s is not None:
            ordered = "never" if cycle.ordered_at_s is None else clock(cycle.ordered_at_s)
            yield (
                cycle.low_since_s,
                f"ORDER LATE   too few from now on, ordered {ordered}{self._then(cycle.low_since_s)}",
            )
        if cycle.ordered_at_s is not None:
            word = "FALSE " if cycle.is_false else "late  " if cycle.is_late else "right "
            carried = " (of the cycle before)" if cycle.is_carried else ""
            yield (
                cycle.ordered_at_s,
                f"ORDER {word} point {cycle.reorder_point}{carried}{self._then(cycle.ordered_at_s)}",
            )

    def verdicts(self) -> Iterator[Line]:
        """Activities that were reported wrong."""
        for verdict in self._judgement.verdicts:
            if verdict.role == UNJUDGED or (verdict.is_exact and not verdict.is_false):
                continue
            if verdict.role == QUIET and not verdict.is_false:
                continue
            yield verdict.activity.start_s, self._verdict(verdict)

    def _verdict(self, verdict: Verdict) -> str:
        word = "FALSE EVENT" if verdict.is_false else f"{verdict.role.upper():6} WRONG"
        start_s = verdict.activity.start_s
        window = f"window {verdict.from_s - start_s:+.0f}..{verdict.until_s - start_s:+.0f}s"
        said = f"true {verdict.expected:+d} said {verdict.reported:+d} [{self._said(verdict)}]"
        return f"{word:12} {said} {window}{self._then(verdict.until_s, named(verdict.activity))}"

    def _said(self, verdict: Verdict) -> str:
        low, high = np.searchsorted(self._trace.t_s, (verdict.from_s, verdict.until_s))
        said = [event for reading in range(low, high) for event in self._events.get(reading, ())]
        return ", ".join(f"{kind} {delta:+d}" for _, kind, delta in said[:4]) + (", ..." if len(said) > 4 else "")

    def made_up(self) -> Iterator[Line]:
        """Changes that were reported while nothing happened."""
        for reading in self._judgement.made_up:
            t_s = float(self._trace.t_s[reading])
            said = ", ".join(f"{kind} {delta:+d}" for _, kind, delta in self._events[reading])
            yield t_s, f"FALSE EVENT  said [{said}] while nothing happened{self._then(t_s)}"

    def wrong(self) -> Iterator[Line]:
        """Spans with a wrong count, but for those that are only a short delay."""
        return (self._wrong(span) for span in self._judgement.wrong if span.clean_s >= self._shortest_s)

    def longest_wrong(self, number: int) -> list[Line]:
        """The spans with the most clean time and a wrong count in it, the longest first."""
        return [self._wrong(span) for span in sorted(self._judgement.wrong, key=lambda span: -span.clean_s)[:number]]

    def _wrong(self, span: Wrong) -> Line:
        error = f"{span.error:+.0f}"
        if span.error_min != span.error_max:
            error += f" mostly (from {span.error_min:+.0f} to {span.error_max:+.0f})"
        what = f"until {clock(span.end_s)} ({lasting(span.clean_s)} clean) by {error}, {','.join(span.states)}"
        return span.start_s, f"COUNT WRONG  {what}{self._then(span.start_s)}"

    def _then(self, t_s: float, activity: str | None = None) -> str:
        """Truth, count and state at a moment, and the activity that began last."""
        reading = int(np.searchsorted(self._trace.t_s, t_s, side="right")) - 1
        truth = int(self._trace.count_at(np.array([t_s]))[0])
        if activity is None:
            before = bisect_left(self._starts_s, t_s + 1e-6) - 1
            activity = f"after {named(self._trace.activities[before])}" if before >= 0 else "after nothing"
        return f" | truth {truth} count {self._answers.pieces[reading]} {self._answers.state_at(reading)} | {activity}"


def main(
    class_name: Annotated[str, typer.Argument(metavar="CLASS", help=", ".join(CLASSES))],
    seed: int,
    counter: Annotated[str, typer.Option(help=f"one of {', '.join(NAMES)}")] = "ours",
    days: float = 365.0,
    ours: Annotated[str, typer.Option(help="module:Class of the counter called ours")] = OURS,
    shortest_s: Annotated[float, typer.Option(help="leave out wrong counts of less clean time than this")] = 60.0,
) -> None:
    """Prints all that a counter did wrong in one bin, then its figures."""
    trace = make_trace(class_name, seed, days)
    answers = answer(counter, trace, ours)
    judgement = judge_all(trace, answers)
    for t_s, what in Look(trace, answers, judgement, shortest_s).lines():
        print(clock(t_s), what)
    for name, figure in judgement.figures.items():
        print(f"{name:24} {'-' if figure is None else f'{figure:.5g}'}")
    for claim in judgement.claims:
        print("claimed {claimed:.4f} exact {exact:.4f} in {share:.4f} of the ok time".format(**claim))


if __name__ == "__main__":
    typer.run(main)
