# SPDX-License-Identifier: Apache-2.0
"""Traces and answers small enough to be judged by hand."""

from collections.abc import Iterable, Mapping
from math import nan
from typing import Any

import numpy as np

from tests.bench.counting.answers import NOT_COUNTED, Answers, Reported
from tools.simulate.trace import Activity, Trace

CONFIG: dict[str, Any] = {
    "type": "config",
    "bin_id": "b1",
    "tare_raw": 1000,
    "counts_per_g": 100.0,
    "capacity_g": 10000.0,
    "apw_g": 5.0,
    "pack_size": 200,
    "packs_per_refill": 2,
    "reorder_point": 120,
    "initial_count": 100,
    "bin_weight_g": 300.0,
    "heartbeat_s": 300.0,
    "send_delta_g": 2.0,
}


def happens(kind: str, start_s: float, end_s: float, delta: int = 0, changes_at_s: float | None = None) -> Activity:
    """An activity; the truth changes at its start unless said otherwise."""
    return Activity(
        kind, start_s, end_s, delta, (start_s if delta else end_s) if changes_at_s is None else changes_at_s
    )


def trace_of(*activities: Activity, t_s: Iterable[float] = range(2001), first_count: int = 100, **config: Any) -> Trace:
    """A reading a second unless said otherwise; what the readings weigh does not matter to the metrics."""
    moments_s = np.array(list(t_s), np.float64)
    return Trace(
        config=CONFIG | {"initial_count": first_count} | config,
        t_s=moments_s,
        raw=np.zeros(len(moments_s), np.int32),
        temp_c=np.full(len(moments_s), nan),
        first_count=first_count,
        activities=list(activities),
    )


def answers_to(
    trace: Trace,
    said: Mapping[float, int] | None = None,
    due: Iterable[tuple[float, float]] = (),
    states: Mapping[float, str] | None = None,
    first_count: int | None = None,
    counted_from_s: float = 0.0,
    **more: Any,
) -> Answers:
    """What a counter says that begins with the true count and reports these changes of it at these seconds.

    `due`: spans in which an order is due, the end not included. `states`: from when on which state, ok before.
    """
    size, names, nothing = len(trace.t_s), ["ok"], np.full(len(trace.t_s), nan)
    change, state, order_due = np.zeros(size, np.int64), np.zeros(size, np.int8), np.zeros(size, np.bool_)
    for at_s, delta in (said or {}).items():
        change[np.flatnonzero(trace.t_s == at_s)[0]] = delta
    for from_s, name in (states or {}).items():
        names += [] if name in names else [name]
        state[trace.t_s >= from_s] = names.index(name)
    for from_s, until_s in due:
        order_due |= (trace.t_s >= from_s) & (trace.t_s < until_s)
    pieces = (trace.first_count if first_count is None else first_count) + np.cumsum(change)
    return Answers(
        pieces=np.where(trace.t_s >= counted_from_s, pieces, NOT_COUNTED),
        state=state,
        states=names,
        order_due=order_due,
        events=[Reported(int(at), "correct", int(change[at])) for at in np.flatnonzero(change)],
        **{"claimed": nothing, "lower": nothing, "upper": nothing} | more,
    )
