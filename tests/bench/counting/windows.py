# SPDX-License-Identifier: Apache-2.0
"""What a counter reported about each thing that happened to a bin, and what it made up.

A change belongs to the activity in whose window it was reported, to one activity only:

- A window runs from 3 s before the start until max(60 s, 2.5 heartbeats) after the end, or until the next activity's
  start if that is sooner, even when no reading came in between. Two picks that no reading separates are both wrong.
- The 3 s before the start belong to the activity before while its window is open: nobody sees a pick before it begins.
- What it is judged as, the true change says: below 0 a pick (a bin that comes back lighter is one), above 0 a refill or
  a return, 0 a quiet activity.
- A foreign object and a fault last, and other things happen meanwhile. Such a stay, with those that overlap it, is one
  window around the windows of what happens in it, and of what a fault interrupts. Putting in and taking out are
  handling: the taking out cuts the window of a pick before it, from 3 s before.
- Picks, refills and returns while a foreign object is in the bin are judged like all others. While a fault is going on
  nobody can see them: they are not judged.
- Quiet activities during a stay are not judged alone. The stay is: it is a false event if something was reported in it
  beside the windows judged alone, and the sum of all is not what truly changed. So a counter may say afterwards what
  was taken meanwhile, and one that says nothing has invented nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tests.bench.counting.answers import Answers
from tools.simulate.trace import Activity, Trace

LEAD_S = 3.0
TAIL_S = 60.0
TAIL_HEARTBEATS = 2.5
LASTING = ("foreign", "fault")

PICK, REFILL, RETURN, QUIET, UNJUDGED = "pick", "refill", "return", "quiet", "unjudged"


@dataclass(frozen=True)
class Verdict:
    """What was reported in the window of one activity. `expected` and `reported` are signed pieces."""

    activity: Activity
    role: str
    from_s: float
    until_s: float
    expected: int
    reported: int
    is_false: bool  # one of the false events

    @property
    def is_exact(self) -> bool:
        """The reported changes add up to the true change."""
        return self.reported == self.expected

    @property
    def is_detected(self) -> bool:
        """They have at least its sign."""
        return self.reported * self.expected > 0


@dataclass(frozen=True)
class Stay:
    """A foreign object or a fault, or several that overlap. It begins with what was going on when the first began."""

    first: Activity
    start_s: float
    end_s: float

    def holds(self, activity: Activity) -> bool:
        """Whether the activity began while it lasted."""
        return self.start_s <= activity.start_s < self.end_s


def tail_s(trace: Trace) -> float:
    """How long after its end an activity may be reported."""
    return max(TAIL_S, TAIL_HEARTBEATS * trace.config["heartbeat_s"])


def role_of(activity: Activity) -> str:
    """As what an activity is judged."""
    if activity.delta == 0:
        return QUIET
    if activity.delta < 0:
        return PICK
    return REFILL if activity.kind == "refill" else RETURN


def stays_of(activities: list[Activity]) -> list[Stay]:
    """What lasts, in order; overlapping ones are one."""
    stays: list[Stay] = []
    before: Activity | None = None
    for activity in activities:
        if activity.kind not in LASTING:
            before = activity
        elif stays and stays[-1].holds(activity):
            stays[-1] = replace(stays[-1], end_s=max(stays[-1].end_s, activity.end_s))
        else:
            is_interrupted = before is not None and activity.start_s < before.end_s
            start_s = before.start_s if before and is_interrupted else activity.start_s
            stays.append(Stay(activity, start_s, activity.end_s))
    return stays


class Reports:
    """The changes that were reported, by time."""

    def __init__(self, trace: Trace, answers: Answers) -> None:
        self._t_s = trace.t_s
        self._total = np.concatenate([[0], np.cumsum(answers.change)])
        self._change = answers.change
        self._is_claimed = np.zeros(len(trace.t_s), np.bool_)

    def take(self, from_s: float, until_s: float) -> int:
        """The sum of the changes of a window, which no longer count as made up."""
        low, high = np.searchsorted(self._t_s, (from_s, max(from_s, until_s)))
        self._is_claimed[low:high] = True
        return int(self._total[high] - self._total[low])

    def left(self) -> list[int]:
        """The readings with a change that no window took."""
        return np.flatnonzero((self._change != 0) & ~self._is_claimed).tolist()


def judge(trace: Trace, answers: Answers) -> tuple[list[Verdict], list[int]]:
    """The verdict on each activity in order of start, a stay's at its first; and the readings that made up a change."""
    reports = Reports(trace, answers)
    stays = stays_of(trace.activities)
    verdicts = list(_judge_alone(trace, stays, reports))
    verdicts += list(_judge_stays(trace, stays, verdicts, reports))
    return sorted(verdicts, key=lambda verdict: verdict.activity.start_s), reports.left()


def _until_s(trace: Trace, stays: list[Stay]) -> list[float]:
    """Until when each stay may be reported."""
    starts_s = [activity.start_s for activity in trace.activities] + [np.inf]
    return [min(stay.end_s + tail_s(trace), starts_s[bisect_left(starts_s, stay.end_s)]) for stay in stays]


def _judge_alone(trace: Trace, stays: list[Stay], reports: Reports) -> Iterator[Verdict]:
    """All that does not last, whether during a stay or not."""
    faults = [activity for activity in trace.activities if activity.kind == "fault"]
    cuts_s = [activity.start_s for activity in trace.activities] + [np.inf]
    cuts_s = sorted(cuts_s + [cut for stay in stays for cut in (stay.end_s - LEAD_S, stay.end_s)])
    ends_s, untils_s = [stay.end_s for stay in stays], _until_s(trace, stays)
    open_until_s = -np.inf
    for activity in trace.activities:
        if activity.kind in LASTING:
            continue
        start_s, role = activity.start_s, role_of(activity)
        over = bisect_right(ends_s, start_s)  # so many stays have ended; the next one may be going on
        is_during_stay = over < len(stays) and stays[over].holds(activity)
        before_s = max(open_until_s, untils_s[over - 1] if over else -np.inf)
        from_s = max(start_s - LEAD_S, min(before_s, start_s))
        open_until_s = until_s = min(activity.end_s + tail_s(trace), cuts_s[bisect_right(cuts_s, start_s)])
        reported = reports.take(from_s, until_s)
        is_faulty = any(fault.start_s <= activity.end_s and start_s <= fault.end_s for fault in faults)
        if is_faulty or (is_during_stay and role == QUIET):
            role = UNJUDGED
        is_false = (role == QUIET and reported != 0) or (role == PICK and reported > 0)
        yield Verdict(activity, role, from_s, until_s, activity.delta, reported, is_false)


def _judge_stays(trace: Trace, stays: list[Stay], verdicts: list[Verdict], reports: Reports) -> Iterator[Verdict]:
    """Each stay as a whole. `verdicts`: on all that does not last, in order."""
    starts_s = [verdict.activity.start_s for verdict in verdicts]
    open_until_s = -np.inf
    for stay, until_s in zip(stays, _until_s(trace, stays), strict=True):
        start_s = stay.start_s
        low, high = bisect_left(starts_s, start_s), bisect_left(starts_s, stay.end_s)
        before_s = max(open_until_s, verdicts[low - 1].until_s if low else -np.inf)
        from_s = max(start_s - LEAD_S, min(before_s, start_s))
        open_until_s = until_s
        reported, inside = reports.take(from_s, until_s), verdicts[low:high]
        beside = reported - sum(verdict.reported for verdict in inside if verdict.role != UNJUDGED)
        expected = sum(verdict.expected for verdict in inside) + stay.first.delta
        is_false = beside != 0 and reported != expected
        yield Verdict(stay.first, QUIET, from_s, until_s, expected, reported, is_false)
