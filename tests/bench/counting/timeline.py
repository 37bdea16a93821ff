# SPDX-License-Identifier: Apache-2.0
"""Count and truth over time: pieces of time in which neither changes, and the spans in which they differ.

Clean time is all in which no activity is going on: from its start to its end it is not. A lift ends when the bin is
back, a foreign object when it is out, a fault when the sensor is well, so the bin is then present, alone and well. The
time between the end of a pick and the reading that shows it is clean, and the count is wrong in it. The count of a
reading holds until the next one; before the first reading and after the last one nothing is judged.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.bench.counting.answers import NOT_COUNTED, Answers
from tools.simulate.trace import Trace


@dataclass(frozen=True)
class Timeline:
    """Pieces of time, in order, without gaps. `error` is count minus truth in pieces, NaN without a count."""

    start_s: NDArray[np.float64]
    lasts_s: NDArray[np.float64]
    reading: NDArray[np.int64]  # the index of the one whose count holds
    truth: NDArray[np.int64]
    error: NDArray[np.float64]
    is_clean: NDArray[np.bool_]

    @property
    def clean_s(self) -> NDArray[np.float64]:
        """How much clean time each piece is."""
        return self.lasts_s * self.is_clean


@dataclass(frozen=True)
class Wrong:
    """A span in which the count was wrong whenever time was clean. `error*` are count minus truth in pieces.

    `error` is the one that held for most of the clean time, NaN if there was mostly no count.
    """

    start_s: float
    end_s: float
    clean_s: float
    truth: int  # at the start
    error: float
    error_min: float
    error_max: float
    states: tuple[str, ...]


def timeline_of(trace: Trace, answers: Answers) -> Timeline:
    """Cuts the trace wherever the count, the truth or the cleanness may change."""
    starts_s = np.sort(np.array([activity.start_s for activity in trace.activities], np.float64))
    ends_s = np.sort(np.array([activity.end_s for activity in trace.activities], np.float64))
    changes_s = np.array([activity.changes_at_s for activity in trace.activities], np.float64)
    edges_s = np.unique(np.concatenate([trace.t_s, starts_s, ends_s, changes_s]))
    edges_s = edges_s[(edges_s >= trace.t_s[0]) & (edges_s <= trace.t_s[-1])]
    start_s = edges_s[:-1]
    reading = np.searchsorted(trace.t_s, start_s, side="right") - 1
    truth = trace.count_at(start_s).astype(np.int64)
    pieces = answers.pieces[reading]
    going_on = np.searchsorted(starts_s, start_s, side="right") - np.searchsorted(ends_s, start_s, side="right")
    return Timeline(
        start_s=start_s,
        lasts_s=np.diff(edges_s),
        reading=reading,
        truth=truth,
        error=np.where(pieces == NOT_COUNTED, np.nan, pieces - truth),
        is_clean=going_on == 0,
    )


def wrong_spans(timeline: Timeline, answers: Answers) -> list[Wrong]:
    """Every span, in order. What is not clean neither ends a span nor is part of its ends."""
    clean = np.flatnonzero(timeline.is_clean)
    is_wrong = timeline.error[clean] != 0
    edges = np.flatnonzero(np.diff(is_wrong, prepend=False, append=False))
    return [_wrong(timeline, answers, clean[low:high]) for low, high in zip(edges[::2], edges[1::2], strict=True)]


def _wrong(timeline: Timeline, answers: Answers, pieces: NDArray[np.int64]) -> Wrong:
    errors = timeline.error[pieces]
    known = errors[~np.isnan(errors)]
    values, which = np.unique(errors, return_inverse=True)
    first, last = pieces[0], pieces[-1]
    states = dict.fromkeys(int(number) for number in answers.state[timeline.reading[pieces]])
    return Wrong(
        start_s=float(timeline.start_s[first]),
        end_s=float(timeline.start_s[last] + timeline.lasts_s[last]),
        clean_s=float(timeline.lasts_s[pieces].sum()),
        truth=int(timeline.truth[first]),
        error=float(values[np.argmax(np.bincount(which, timeline.lasts_s[pieces]))]),
        error_min=float(known.min()) if len(known) else np.nan,
        error_max=float(known.max()) if len(known) else np.nan,
        states=tuple(answers.states[number] for number in states),
    )
