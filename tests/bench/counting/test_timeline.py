# SPDX-License-Identifier: Apache-2.0
"""How long a count was right, in time that can be judged."""

from math import isnan
from typing import Any

import numpy as np
import pytest

from tests.bench.counting.handmade import answers_to, happens, trace_of
from tests.bench.counting.metrics import Figures, judge_all
from tests.bench.counting.timeline import timeline_of, wrong_spans
from tools.simulate.trace import Trace

PICK = happens("pick", 100, 110, -5)
DAY_S = 86400


def figures(trace: Trace, said: dict[float, int] | None = None, **more: Any) -> Figures:
    return judge_all(trace, answers_to(trace, said, **more)).figures


def test_the_count_is_judged_from_the_end_of_an_activity_on() -> None:
    trace = trace_of(PICK, t_s=range(211))
    assert figures(trace, {105: -5})["exact"] == 1
    assert figures(trace, {110: -5})["exact"] == 1
    assert figures(trace, {130: -5})["exact"] == pytest.approx(0.9)
    assert figures(trace)["clean"] == pytest.approx(200 / 210)


def test_time_before_a_change_of_the_truth_counts_as_it_was_then() -> None:
    assert figures(trace_of(PICK, t_s=range(211)), {60: -5})["exact"] == pytest.approx(0.8)


def test_a_count_holds_until_the_next_reading() -> None:
    trace = trace_of(PICK, t_s=(0, 50, 160, 210))
    assert figures(trace, {160: -5})["exact"] == pytest.approx(150 / 200)


def test_activities_that_overlap_are_one_unclean_time() -> None:
    trace = trace_of(happens("foreign", 50, 150), happens("lean", 140, 170), t_s=range(201))
    assert figures(trace)["clean"] == pytest.approx(80 / 200)


@pytest.mark.parametrize(
    ("off", "within_1", "within_1pct"), [(1, 1, 1), (-1, 1, 1), (2, 0, 1), (10, 0, 1), (-10, 0, 1), (11, 0, 0)]
)
def test_a_count_may_be_off_by_one_piece_or_a_hundredth(off: int, within_1: float, within_1pct: float) -> None:
    known = figures(trace_of(t_s=range(101), first_count=1000), first_count=1000 + off)
    assert (known["within_1"], known["within_1pct"]) == (within_1, within_1pct)
    assert known["exact"] == 0
    assert known["mae"] == abs(off)


def test_of_few_pieces_one_is_still_near() -> None:
    known = figures(trace_of(t_s=range(101), first_count=3), {50: 1})
    assert known["within_1pct"] == 1
    assert figures(trace_of(t_s=range(101), first_count=3), {50: 2})["within_1pct"] == 0.5


def test_a_missing_count_is_wrong_without_an_error_in_pieces() -> None:
    known = figures(trace_of(t_s=range(101)), counted_from_s=40)
    assert known["exact"] == pytest.approx(0.6)
    assert known["within_1pct"] == pytest.approx(0.6)
    assert known["mae"] == 0


def test_the_mean_error_is_weighted_by_time() -> None:
    assert figures(trace_of(t_s=range(101)), {75: 4})["mae"] == pytest.approx(1)


def test_shares_of_the_time_called_ok() -> None:
    trace = trace_of(happens("lean", 80, 100), t_s=range(101))
    known = figures(trace, {50: 1}, states={60: "uncertain"})
    assert known["ok_coverage"] == pytest.approx(60 / 80)
    assert known["exact_when_ok"] == pytest.approx(50 / 60)
    assert known["exact"] == pytest.approx(50 / 80)


def test_a_counter_that_never_says_ok_has_no_share_of_it() -> None:
    known = figures(trace_of(t_s=range(101)), states={0: "uncertain"})
    assert known["ok_coverage"] == 0
    assert known["exact_when_ok"] is None


def test_the_error_at_30_days_is_that_of_the_three_days_before() -> None:
    trace = trace_of(t_s=range(0, 31 * DAY_S, 600))
    assert figures(trace, {27 * DAY_S: 2, 30 * DAY_S: 7})["error_30d"] == pytest.approx(2)
    assert figures(trace, {25 * DAY_S: 3, 27 * DAY_S: -3})["error_30d"] == 0
    assert figures(trace, {27.5 * DAY_S: 6})["error_30d"] == pytest.approx(5)


def test_a_trace_that_ends_before_the_day_has_no_error_at_it() -> None:
    known = figures(trace_of(t_s=range(0, 30 * DAY_S, 600)), {27 * DAY_S: 2})
    assert known["error_30d"] == pytest.approx(2)
    assert known["error_90d"] is known["error_365d"] is None
    assert figures(trace_of(t_s=range(0, 29 * DAY_S, 600)))["error_30d"] is None


def test_bounds_hold_for_the_share_of_ok_time_in_which_the_truth_is_within_them() -> None:
    trace = trace_of(t_s=range(101))
    lower, upper = np.full(101, 99.0), np.full(101, 100.0)
    upper[30:] = 99
    upper[35:] = lower[35:] = np.nan
    known = figures(trace, states={40: "uncertain"}, lower=lower, upper=upper)
    assert known["in_bounds"] == pytest.approx(30 / 35)


def test_claimed_probabilities_stand_beside_what_was_exact() -> None:
    trace = trace_of(t_s=(0, 100, 200, 300, 400, 500, 600, 900, 910, 920, 930))
    claimed = np.array([0.6, 0.6, 0.97, 0.97, np.nan, 0.97, 0.97, np.nan, 1.0, 1.0, np.nan])
    answers = answers_to(trace, {100: 1, 200: -1, 600: 1}, states={910: "uncertain"}, claimed=claimed)
    judgement = judge_all(trace, answers)
    assert [(claim["above"], claim["exact"]) for claim in judgement.claims] == [(0.5, 0.5), (0.95, 0.5)]
    assert judgement.claims[1]["claimed"] == pytest.approx(0.97)
    assert judgement.claims[0]["share"] == pytest.approx(200 / 800)
    assert judgement.figures["claimed_when_ok"] == pytest.approx((2 * 0.6 + 6 * 0.97) / 8)
    assert judgement.figures["exact_when_claimed"] == pytest.approx(4 / 8)


def test_a_wrong_span_goes_on_through_an_activity_and_ends_when_the_count_is_right() -> None:
    trace = trace_of(PICK, t_s=range(301))
    answers = answers_to(trace, {50: 1, 112: -4, 120: -2, 250: 3}, states={80: "uncertain"})
    first, last = wrong_spans(timeline_of(trace, answers), answers)
    assert (first.start_s, first.end_s, first.clean_s) == (50, 120, 60)
    assert (first.error, first.error_min, first.error_max) == (1, 1, 6)  # 1 for 50 s, 6 for 2 s, 2 for 8 s
    assert first.states == ("ok", "uncertain")
    assert (last.start_s, last.end_s, last.error) == (250, 300, 3)


def test_a_span_without_any_count_is_wrong() -> None:
    trace = trace_of(t_s=range(101))
    answers = answers_to(trace, counted_from_s=40)
    (span,) = wrong_spans(timeline_of(trace, answers), answers)
    assert span.end_s == 40
    assert isnan(span.error)
