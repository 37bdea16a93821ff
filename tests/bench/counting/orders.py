# SPDX-License-Identifier: Apache-2.0
"""When a counter said that an order was due, and whether that was right.

A cycle runs from refill to refill of the truth; the first begins and the last ends with the trace, and they count like
the others. The order of a cycle is the first reading in it with `order_due`.

An `order_due` that has held without a break since before the refill is the order of the cycle before, as long as the
refill may still be reported (the window of windows.py, not cut by what happens next). If it holds longer than that, it
is an order of the new cycle, and a false one.
"""

from dataclasses import dataclass

import numpy as np

from tests.bench.counting.answers import Answers
from tests.bench.counting.windows import tail_s
from tools.simulate.trace import Trace

FALSE_SHARE = 1.05
LATE_SHARE = 0.9
LATE_AFTER_S = 15 * 60


@dataclass(frozen=True)
class Cycle:
    """One refill cycle: the first order in it, with the truth at that moment, and when it was too late for one."""

    from_s: float
    until_s: float
    reorder_point: int
    ordered_at_s: float | None
    truth: int | None
    low_since_s: float | None  # of the first time that the truth was too low for more than 15 minutes
    is_carried: bool  # the order is one of the cycle before that did not end in time

    @property
    def is_false(self) -> bool:
        """The order came while more than the reorder point, and a little more, was there."""
        limit = max(FALSE_SHARE * self.reorder_point, self.reorder_point + 1)
        return self.truth is not None and self.truth > limit

    @property
    def is_late(self) -> bool:
        """Too little was there for more than 15 minutes without an order."""
        if self.low_since_s is None:
            return False
        return self.ordered_at_s is None or self.ordered_at_s > self.low_since_s + LATE_AFTER_S


def cycles_of(trace: Trace, answers: Answers) -> list[Cycle]:
    """The cycles of a trace, in order."""
    refills = [activity for activity in trace.activities if activity.kind == "refill" and activity.delta > 0]
    edges_s = [float(trace.t_s[0]), *(refill.changes_at_s for refill in refills), float(trace.t_s[-1])]
    forgiven_until_s = [-np.inf, *(refill.end_s + tail_s(trace) for refill in refills)]
    return [
        _cycle(trace, answers.order_due, from_s, until_s, forgiven_s)
        for from_s, until_s, forgiven_s in zip(edges_s[:-1], edges_s[1:], forgiven_until_s, strict=True)
        if until_s > from_s
    ]


def _cycle(trace: Trace, order_due: np.ndarray, from_s: float, until_s: float, forgiven_until_s: float) -> Cycle:
    t_s, point = trace.t_s, trace.config["reorder_point"]
    low, high = (int(index) for index in np.searchsorted(t_s, (from_s, until_s)))
    if until_s == t_s[-1]:
        high = len(t_s)
    start = low
    if low > 0 and order_due[low - 1]:
        forgiven = min(high, int(np.searchsorted(t_s, forgiven_until_s)))
        while start < forgiven and order_due[start]:
            start += 1
    due = start + np.flatnonzero(order_due[start:high])[:1]
    ordered_at_s = float(t_s[due[0]]) if len(due) else None
    return Cycle(
        from_s=from_s,
        until_s=until_s,
        reorder_point=point,
        ordered_at_s=ordered_at_s,
        truth=None if ordered_at_s is None else int(trace.count_at(np.array([ordered_at_s]))[0]),
        low_since_s=_low_since_s(trace, from_s, until_s, LATE_SHARE * point - 1),
        is_carried=bool(start > low and len(due) and due[0] == start),
    )


def _low_since_s(trace: Trace, from_s: float, until_s: float, limit: float) -> float | None:
    """Since when the truth is below the limit, the first time that it stays there for more than 15 minutes."""
    steps_s = [activity.changes_at_s for activity in trace.activities if from_s < activity.changes_at_s < until_s]
    edges_s = np.array([from_s, *sorted(steps_s), until_s])
    since_s: float | None = None
    for edge_s, end_s, truth in zip(edges_s[:-1], edges_s[1:], trace.count_at(edges_s[:-1]), strict=True):
        if truth >= limit:
            since_s = None
            continue
        since_s = float(edge_s) if since_s is None else since_s
        if end_s - since_s > LATE_AFTER_S:
            return since_s
    return None
