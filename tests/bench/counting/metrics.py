# SPDX-License-Identifier: Apache-2.0
"""The figures of one counter over one trace. Shares are of clean time (timeline.py); None: nothing to judge."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from fleet.counting.counter import OK
from tests.bench.counting.answers import Answers
from tests.bench.counting.orders import Cycle, cycles_of
from tests.bench.counting.timeline import Timeline, Wrong, timeline_of, wrong_spans
from tests.bench.counting.windows import PICK, REFILL, RETURN, Verdict, judge
from tools.simulate.trace import Trace

DAY_S = 86400.0
YEAR_D = 365.0
ERROR_OVER_D = 3.0
CLAIM_EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
Figures = dict[str, float | None]


class Claim(TypedDict):
    """Counts called ok whose claimed probability lies in one range: what was claimed, what was true."""

    above: float  # the lower end of the range
    share: float  # of the time of all such counts
    claimed: float  # mean probability
    exact: float  # share of their time in which the count was right


@dataclass(frozen=True)
class Judgement:
    """All that is known of how a counter did: figures, and what they are made of."""

    figures: Figures
    claims: list[Claim]
    verdicts: list[Verdict]
    made_up: list[int]  # readings with a change outside of every window
    cycles: list[Cycle]
    wrong: list[Wrong]
    timeline: Timeline


def judge_all(trace: Trace, answers: Answers) -> Judgement:
    """Every metric of a counter's answers to a trace."""
    verdicts, made_up = judge(trace, answers)
    cycles = cycles_of(trace, answers)
    timeline = timeline_of(trace, answers)
    days = float(trace.t_s[-1] - trace.t_s[0]) / DAY_S
    figures = (
        time_figures(timeline, answers)
        | event_figures(verdicts, made_up, days)
        | order_figures(cycles, days)
        | {f"error_{day}d": error_before(timeline, float(trace.t_s[0]), day) for day in (30, 90, 365)}
        | honesty_figures(timeline, answers)
        | {"us_per_update": answers.us_per_update, "state_bytes": answers.state_bytes}
        | {"readings": float(len(trace.t_s)), "days": days}
    )
    return Judgement(
        figures, claims_of(timeline, answers), verdicts, made_up, cycles, wrong_spans(timeline, answers), timeline
    )


def share(of: NDArray[np.float64], where: NDArray[np.bool_]) -> float | None:
    """Which share of the weights lies where; None if there are none."""
    total = float(of.sum())
    return float(of[where].sum()) / total if total > 0 else None


def mean_error(weights: NDArray[np.float64], error: NDArray[np.float64]) -> float | None:
    """The mean absolute error in pieces over the time with a count."""
    is_known = ~np.isnan(error)
    total = float(weights[is_known].sum())
    return float((weights[is_known] * abs(error[is_known])).sum()) / total if total > 0 else None


def time_figures(timeline: Timeline, answers: Answers) -> Figures:
    """What holds for which share of clean time. A missing count is a wrong one, but has no error in pieces."""
    clean_s, off = timeline.clean_s, abs(timeline.error)
    is_ok = _is_ok(timeline, answers)
    return {
        "exact": share(clean_s, off == 0),
        "within_1": share(clean_s, off <= 1),
        "within_1pct": share(clean_s, off <= np.maximum(1, 0.01 * timeline.truth)),
        "mae": mean_error(clean_s, timeline.error),
        "ok_coverage": share(clean_s, is_ok),
        "exact_when_ok": share(clean_s * is_ok, off == 0),
        "clean": float(clean_s.sum() / timeline.lasts_s.sum()),
    }


def _is_ok(timeline: Timeline, answers: Answers) -> NDArray[np.bool_]:
    if OK not in answers.states:
        return np.zeros(len(timeline.reading), np.bool_)
    return answers.state[timeline.reading] == answers.states.index(OK)


def error_before(timeline: Timeline, begin_s: float, day: int) -> float | None:
    """The mean absolute error over the clean time of the 3 days before that day of the trace; None if it is shorter.

    A trace of so many days ends with its last reading, up to a heartbeat before the day is over.
    """
    until_s = begin_s + day * DAY_S
    if float(timeline.start_s[-1] + timeline.lasts_s[-1]) < until_s - DAY_S / 24:
        return None
    is_then = (timeline.start_s >= until_s - ERROR_OVER_D * DAY_S) & (timeline.start_s < until_s)
    return mean_error(timeline.clean_s * is_then, timeline.error)


def _rate(hits: Iterable[bool]) -> float | None:
    listed = list(hits)
    return sum(listed) / len(listed) if listed else None


def event_figures(verdicts: list[Verdict], made_up: list[int], days: float) -> Figures:
    """How picks, refills and returns were reported, and the false events a day in three parts."""
    picks = [verdict for verdict in verdicts if verdict.role == PICK]
    reversed_picks = sum(verdict.is_false for verdict in picks)
    disturbed = sum(verdict.is_false for verdict in verdicts) - reversed_picks
    return {
        "pick_exact": _rate(verdict.is_exact for verdict in picks),
        "pick_detected": _rate(verdict.is_detected for verdict in picks),
        "refill_exact": _rate(verdict.is_exact for verdict in verdicts if verdict.role == REFILL),
        "return_exact": _rate(verdict.is_exact for verdict in verdicts if verdict.role == RETURN),
        "picks": float(len(picks)),
        "false_events": (len(made_up) + disturbed + reversed_picks) / days,
        "false_events_idle": len(made_up) / days,
        "false_events_disturbed": disturbed / days,
        "false_events_reversed": reversed_picks / days,
    }


def order_figures(cycles: list[Cycle], days: float) -> Figures:
    """Orders a year that were false or late; `carried_orders` are among the false ones."""
    years = days / YEAR_D
    return {
        "false_orders": sum(cycle.is_false for cycle in cycles) / years,
        "late_orders": sum(cycle.is_late for cycle in cycles) / years,
        "carried_orders": sum(cycle.is_false and cycle.is_carried for cycle in cycles) / years,
        "cycles": float(len(cycles)),
    }


def honesty_figures(timeline: Timeline, answers: Answers) -> Figures:
    """The probability that the counter claimed for the counts it called ok beside how often they were exact.

    Over the same sample of readings, weighted by the clean time in which each held. `in_bounds` is over all ok counts
    that have bounds.
    """
    weight_s, exact_s, claimed = _claimed_time(timeline, answers)
    total_s = float(weight_s.sum())
    lower, upper = answers.lower[timeline.reading], answers.upper[timeline.reading]
    bounded_s = timeline.clean_s * (_is_ok(timeline, answers) & ~np.isnan(lower))
    return {
        "claimed_when_ok": float((weight_s * claimed).sum()) / total_s if total_s > 0 else None,
        "exact_when_claimed": float(exact_s.sum()) / total_s if total_s > 0 else None,
        "in_bounds": share(bounded_s, (lower <= timeline.truth) & (timeline.truth <= upper)),
    }


def claims_of(timeline: Timeline, answers: Answers) -> list[Claim]:
    """Reliability: the same as `honesty_figures`, for each range of claimed probability that occurred."""
    weight_s, exact_s, claimed = _claimed_time(timeline, answers)
    total_s, ranges = float(weight_s.sum()), np.digitize(claimed, CLAIM_EDGES) - 1
    claims: list[Claim] = []
    for number, above in enumerate(CLAIM_EDGES):
        here = (ranges == number) & (weight_s > 0)
        here_s = float(weight_s[here].sum())
        if here_s > 0:
            claims.append(
                Claim(
                    above=above,
                    share=here_s / total_s,
                    claimed=float((weight_s[here] * claimed[here]).sum()) / here_s,
                    exact=float(exact_s[here].sum()) / here_s,
                )
            )
    return claims


def _claimed_time(
    timeline: Timeline, answers: Answers
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each ok reading whose probability was asked for: clean seconds, exact ones among them, the probability."""
    count = len(answers.pieces)
    clean_s = np.bincount(timeline.reading, timeline.clean_s, count)
    exact_s = np.bincount(timeline.reading, timeline.clean_s * (timeline.error == 0), count)
    is_asked = ~np.isnan(answers.claimed)
    if OK in answers.states:
        is_asked &= answers.state == answers.states.index(OK)
    return clean_s[is_asked], exact_s[is_asked], answers.claimed[is_asked]
