# SPDX-License-Identifier: Apache-2.0
"""One counter over one trace: what it answered, and what that cost."""

from collections.abc import Callable, Sequence
from math import nan
from time import thread_time_ns
from typing import Any

import numpy as np

from fleet.counting.counter import OK, BinSetup, Count
from tests.bench.counting.answers import NOT_COUNTED, Answers, Reported
from tools.simulate.trace import Trace
from tools.simulate.trace.faults import NOISY
from tools.simulate.trace.trace import FAULT

CLAIM_EVERY = 23  # readings between two askings for the counter's own probability: costs little, and no rhythm fits it
DUMP_EVERY = 997
Make = Callable[[BinSetup], Any]  # of a Counter; the baselines have `update` and `is_order_due` alone


def setup_of(config: dict[str, Any]) -> BinSetup:
    """What the counter is told of the bin: the trace's config line."""
    return BinSetup(
        tare_raw=config["tare_raw"],
        counts_per_gram=config["counts_per_g"],
        cell_capacity_g=config["capacity_g"],
        bin_weight_g=config["bin_weight_g"],
        apw_g=config["apw_g"],
        pack_size=config["pack_size"],
        packs_per_refill=config["packs_per_refill"],
        initial_count=config["initial_count"],
        heartbeat_s=config["heartbeat_s"],
        send_delta_g=config["send_delta_g"],
    )


def run(trace: Trace, make: Make) -> Answers:
    """Every reading of the trace, in order, to a new counter. Nobody tells it of refills.

    The cost is the thread's CPU time within `update` alone: reading the clock costs some 0.3 us and is in it; asking
    for orders, probabilities and the memory is not.
    """
    counter = make(setup_of(trace.config))
    update, is_order_due, reorder_point = counter.update, counter.is_order_due, trace.config["reorder_point"]
    can_claim, can_dump = hasattr(counter, "p_at_or_below"), hasattr(counter, "dump")
    counts: list[Count] = []
    order_due: list[bool] = []
    claimed = [nan] * len(trace.t_s)
    spent_ns = state_bytes = 0
    temps_c = [None if temp_c != temp_c else temp_c for temp_c in trace.temp_c.tolist()]
    for index, (t_s, raw, temp_c) in enumerate(zip(trace.t_s.tolist(), trace.raw.tolist(), temps_c, strict=True)):
        before_ns = thread_time_ns()
        count = update(t_s, raw, temp_c)
        spent_ns += thread_time_ns() - before_ns
        counts.append(count)
        order_due.append(is_order_due(reorder_point))
        if can_claim and index % CLAIM_EVERY == 0 and count.state == OK and count.pieces is not None:
            claimed[index] = counter.p_at_or_below(count.pieces) - counter.p_at_or_below(count.pieces - 1)
        if can_dump and index % DUMP_EVERY == 0:
            state_bytes = max(state_bytes, len(counter.dump()))
    return answers_of(
        counts,
        order_due,
        claimed=claimed,
        us_per_update=spent_ns / 1e3 / max(1, len(counts)),
        state_bytes=state_bytes if can_dump else None,
    )


def answers_of(counts: Sequence[Count], order_due: Sequence[bool], claimed: Sequence[float], **cost: Any) -> Answers:
    """The answers as arrays."""
    states = list(dict.fromkeys(count.state for count in counts))
    number = {state: index for index, state in enumerate(states)}
    return Answers(
        pieces=np.array([NOT_COUNTED if count.pieces is None else count.pieces for count in counts], np.int64),
        state=np.array([number[count.state] for count in counts], np.int8),
        states=states,
        order_due=np.array(order_due, np.bool_),
        events=[Reported(at, event.kind, event.delta) for at, count in enumerate(counts) for event in count.events],
        claimed=np.array(claimed, np.float64),
        lower=np.array([nan if count.lower is None else count.lower for count in counts], np.float64),
        upper=np.array([nan if count.upper is None else count.upper for count in counts], np.float64),
        **cost,
    )


def perfect(trace: Trace) -> Answers:
    """What a counter would answer that knows the truth at each reading: the best that these readings allow.

    It is not perfect by the metrics: between a change and the next reading it is wrong like everybody, of two picks
    without a reading between them it says the sum, and while the sensor says nothing of the load it knows no more.
    """
    is_well = np.ones(len(trace.t_s), np.bool_)
    for activity in trace.activities:
        if activity.kind == FAULT and activity.detail != NOISY:
            is_well &= (trace.t_s < activity.start_s) | (trace.t_s >= activity.end_s)
    told = np.maximum.accumulate(np.where(is_well, np.arange(len(trace.t_s)), 0))
    pieces = trace.count_at(trace.t_s).astype(np.int64)[told]
    change = np.diff(pieces, prepend=pieces[0])
    nothing = np.full(len(pieces), nan)
    return Answers(
        pieces=pieces,
        state=np.zeros(len(pieces), np.int8),
        states=[OK],
        order_due=(pieces <= trace.config["reorder_point"]) & is_well,
        events=[Reported(int(at), "correct", int(change[at])) for at in np.flatnonzero(change)],
        claimed=nothing,
        lower=nothing,
        upper=nothing,
    )
