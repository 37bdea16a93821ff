# SPDX-License-Identifier: Apache-2.0
"""What a counter is told, and what is kept of what it says."""

from dataclasses import replace
from math import isnan, nan
from typing import Any

import numpy as np
import pytest

from fleet.counting.counter import BinSetup, Count, Event
from tests.bench.counting.answers import NOT_COUNTED
from tests.bench.counting.handmade import answers_to, happens, trace_of
from tests.bench.counting.metrics import judge_all
from tests.bench.counting.run import CLAIM_EVERY, perfect, run
from tools.simulate.trace import Trace


class Scripted:
    """A counter that says what it was given to say, and keeps what it was told."""

    def __init__(self, setup: BinSetup, pieces: list[int | None], states: list[str], events: list[list[int]]) -> None:
        self.setup, self.told, self.asked = setup, list[Any](), list[tuple[int, int]]()
        self._counts = [
            Count(
                count, None, None, count, count, state, True, True, tuple(Event("correct", delta) for delta in deltas)
            )
            for count, state, deltas in zip(pieces, states, events, strict=True)
        ]

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        self.told.append((t_s, raw, temp_c))
        return self._counts[len(self.told) - 1]

    def is_order_due(self, reorder_point: int) -> bool:
        self.asked.append((len(self.told), reorder_point))
        return len(self.told) == 3

    def p_at_or_below(self, pieces: int) -> float:
        return {100: 0.9, 99: 0.2}[pieces]

    def dump(self) -> bytes:
        return bytes(321)


def scripted(
    trace: Trace, pieces: list[int | None], events: list[list[int]], states: list[str] | None = None
) -> tuple[Scripted, Any]:
    made: list[Scripted] = []

    def make(setup: BinSetup) -> Scripted:
        made.append(Scripted(setup, pieces, states or ["ok"] * len(pieces), events))
        return made[0]

    answers = run(trace, make)
    return made[0], answers


def test_a_counter_is_told_of_the_bin_and_of_every_reading_but_of_no_refill() -> None:
    trace = replace(
        trace_of(happens("refill", 1, 2, 400), t_s=(0, 1.5, 3)),
        raw=np.array([5, 6, 7], np.int32),
        temp_c=np.array([20.5, nan, 21.0]),
    )
    counter, _ = scripted(trace, [100] * 3, [[]] * 3)
    assert counter.told == [(0.0, 5, 20.5), (1.5, 6, None), (3.0, 7, 21.0)]
    assert [type(part) for part in counter.told[0]] == [float, int, float]
    assert counter.setup == BinSetup(1000, 100.0, 10000.0, 300.0, 5.0, 200, 2, 100, 300.0, 2.0)


def test_a_counter_is_asked_for_an_order_after_every_reading() -> None:
    counter, answers = scripted(trace_of(t_s=range(4), reorder_point=77), [100] * 4, [[]] * 4)
    assert counter.asked == [(1, 77), (2, 77), (3, 77), (4, 77)]
    assert answers.order_due.tolist() == [False, False, True, False]


def test_what_it_said_is_kept() -> None:
    _, answers = scripted(
        trace_of(t_s=range(4)), [None, 100, 95, 96], [[], [100], [-4, -1], [1]], ["uncertain", "ok", "ok", "absent"]
    )
    assert answers.pieces.tolist() == [NOT_COUNTED, 100, 95, 96]
    assert [answers.state_at(reading) for reading in range(4)] == ["uncertain", "ok", "ok", "absent"]
    assert answers.change.tolist() == [0, 0, -5, 1]
    assert isnan(answers.lower[0])
    assert answers.upper.tolist()[1:] == [100, 95, 96]
    assert answers.state_bytes == 321


def test_it_is_asked_now_and_then_how_sure_it_is() -> None:
    size = CLAIM_EVERY * 2
    _, answers = scripted(trace_of(t_s=range(size)), [100] * size, [[]] * size)
    asked = np.flatnonzero(~np.isnan(answers.claimed))
    assert asked.tolist() == [0, CLAIM_EVERY]
    assert answers.claimed[0] == pytest.approx(0.7)


@pytest.mark.parametrize("events", [[[], []], [[], [-4]], [[], [-5, 1]]])
def test_events_that_do_not_add_up_to_the_change_are_an_error(events: list[list[int]]) -> None:
    _, answers = scripted(trace_of(t_s=range(2)), [100, 95], events)
    with pytest.raises(ValueError, match="reading 1: the events add up to"):
        _ = answers.change


def test_a_count_that_is_lost_again_is_an_error() -> None:
    _, answers = scripted(trace_of(t_s=range(3)), [100, None, 100], [[]] * 3)
    with pytest.raises(ValueError, match="reading 1: the count became None"):
        _ = answers.change


def test_a_counter_that_never_counts_changed_nothing() -> None:
    answers = answers_to(trace_of(t_s=range(3)), counted_from_s=10)
    assert not answers.change.any()


def test_who_knows_the_truth_is_wrong_only_where_no_reading_was() -> None:
    picks = (happens("pick", 1000, 1010, -5), happens("pick", 1850, 1860, -3), happens("pick", 2010, 2020, -2))
    trace = trace_of(*picks, t_s=range(0, 4001, 300))
    figures = judge_all(trace, perfect(trace)).figures
    assert figures["pick_exact"] == pytest.approx(1 / 3)
    assert figures["exact"] == pytest.approx(1 - (190 + 150 + 80) / (3900 - 30))
    assert figures["false_events"] == 0


@pytest.mark.parametrize(("fault", "known"), [("stuck", 100), ("saturated", 100), ("noisy", 95)])
def test_who_knows_the_truth_learns_none_of_it_from_a_sensor_at_fault(fault: str, known: int) -> None:
    broken = replace(happens("fault", 900, 2000), detail=fault)
    pieces = perfect(trace_of(broken, happens("pick", 1000, 1010, -5), t_s=range(0, 4001, 100))).pieces
    assert (pieces[15], pieces[-1]) == (known, 95)
