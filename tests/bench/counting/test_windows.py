# SPDX-License-Identifier: Apache-2.0
"""Which report belongs to which activity, and what is made up."""

import pytest

from tests.bench.counting.handmade import answers_to, happens, trace_of
from tests.bench.counting.metrics import judge_all
from tests.bench.counting.windows import Verdict, judge
from tools.simulate.trace import Activity

PICK = happens("pick", 100, 105, -5)
DAY_S = 86400


def judged(*activities: Activity, said: dict[float, int], **config: float) -> tuple[list[Verdict], list[int]]:
    trace = trace_of(*activities, **config)
    return judge(trace, answers_to(trace, said))


def false_events(*activities: Activity, said: dict[float, int]) -> int:
    verdicts, made_up = judged(*activities, said=said)
    return sum(verdict.is_false for verdict in verdicts) + len(made_up)


@pytest.mark.parametrize("said", [{107: -5}, {103: -2, 110: -3}, {103: -9, 110: 4}, {100: -5}, {854: -5}])
def test_a_pick_is_exact_when_the_reports_in_its_window_add_up(said: dict[float, int]) -> None:
    (verdict,), made_up = judged(PICK, said=said)
    assert verdict.is_exact
    assert verdict.is_detected
    assert not made_up
    assert not verdict.is_false


@pytest.mark.parametrize(("said", "is_detected"), [({107: -4}, True), ({}, False), ({107: 2}, False)])
def test_another_number_is_not_exact_and_the_right_sign_is_enough_to_detect(
    said: dict[float, int], is_detected: bool
) -> None:
    (verdict,), _ = judged(PICK, said=said)
    assert not verdict.is_exact
    assert verdict.is_detected is is_detected


@pytest.mark.parametrize(("heartbeat_s", "last_s"), [(300, 854), (20, 164), (24, 164), (30, 179)])
def test_a_pick_may_be_reported_for_two_and_a_half_heartbeats_but_at_least_a_minute(
    heartbeat_s: float, last_s: float
) -> None:
    (in_time,), nothing = judged(PICK, said={last_s: -5}, heartbeat_s=heartbeat_s)
    (too_late,), made_up = judged(PICK, said={last_s + 1: -5}, heartbeat_s=heartbeat_s)
    assert in_time.is_exact
    assert not nothing
    assert not too_late.is_exact
    assert made_up == [last_s + 1]


def test_a_pick_may_be_reported_three_seconds_before_it_begins_and_no_earlier() -> None:
    assert judged(PICK, said={97: -5})[0][0].is_exact
    assert not judged(PICK, said={96: -5})[0][0].is_exact


def test_the_next_activity_ends_the_window() -> None:
    verdicts, made_up = judged(PICK, happens("pick", 130, 135, -3), said={129: -5, 136: -3})
    assert [verdict.is_exact for verdict in verdicts] == [True, True]
    verdicts, made_up = judged(PICK, happens("pick", 130, 135, -3), said={136: -8})
    assert [verdict.reported for verdict in verdicts] == [0, -8]
    assert not made_up


def test_a_report_is_never_counted_twice() -> None:
    verdicts, _ = judged(PICK, happens("pick", 130, 135, -3), said={128: -5, 136: -3})
    assert [verdict.reported for verdict in verdicts] == [-5, -3]


def test_a_pick_reported_the_wrong_way_is_a_false_event() -> None:
    assert false_events(PICK, said={107: 2}) == 1
    assert false_events(PICK, said={107: -1}) == 0


def test_every_change_outside_of_the_windows_is_a_false_event() -> None:
    assert false_events(PICK, said={50: 1, 60: -1, 107: -5, 900: 2}) == 3


@pytest.mark.parametrize("kind", ["lean", "rummage", "lift"])
def test_handling_that_changes_nothing_may_be_reported_and_taken_back(kind: str) -> None:
    assert false_events(happens(kind, 100, 130), said={110: -60, 131: 60}) == 0
    assert false_events(happens(kind, 100, 130), said={110: -60, 131: 59}) == 1


def test_a_bin_that_comes_back_lighter_is_a_pick() -> None:
    (verdict,), _ = judged(happens("lift", 100, 160, -4), said={162: -4})
    assert verdict.role == "pick"
    assert verdict.is_exact


def test_refills_and_returns_are_judged_apart_from_picks() -> None:
    three = (happens("refill", 100, 140, 400), happens("return", 1000, 1005, 2), happens("pick", 1800, 1805, -1))
    trace = trace_of(*three)
    figures = judge_all(trace, answers_to(trace, {141: 400, 1010: 1, 1806: -1})).figures
    assert (figures["pick_exact"], figures["refill_exact"], figures["return_exact"]) == (1, 1, 0)


def test_without_any_pick_there_is_no_share_of_picks() -> None:
    trace = trace_of(happens("lean", 100, 140))
    figures = judge_all(trace, answers_to(trace)).figures
    assert figures["pick_exact"] is figures["refill_exact"] is None


def test_false_events_are_told_by_the_day_and_by_their_kind() -> None:
    trace = trace_of(happens("lean", 100, 140), happens("pick", 1000, 1005, -5), t_s=range(0, 2 * DAY_S + 1, 5))
    figures = judge_all(trace, answers_to(trace, {145: 1, 1010: 3, 40000: 1, 50000: 1})).figures
    assert figures["false_events"] == 2
    assert figures["false_events_idle"] == 1
    assert figures["false_events_disturbed"] == figures["false_events_reversed"] == 0.5


FOREIGN = happens("foreign", 100, 500)
PICK_MEANWHILE = happens("pick", 200, 205, -5)


def test_a_foreign_object_may_be_reported_and_taken_back_when_it_leaves() -> None:
    assert false_events(FOREIGN, said={102: 27, 501: -27}) == 0
    assert false_events(FOREIGN, said={102: 27, 501: -25}) == 1
    assert false_events(FOREIGN, said={102: 27}) == 1


def test_what_is_reported_before_a_stay_belongs_to_the_pick_before_it() -> None:
    assert false_events(PICK, happens("foreign", 130, 300), said={128: -5}) == 0


def test_a_lean_beside_a_foreign_object_may_be_taken_back_with_it() -> None:
    assert false_events(FOREIGN, happens("lean", 200, 220), said={210: 3, 501: -3}) == 0


def test_a_pick_beside_a_foreign_object_is_judged() -> None:
    verdicts, _ = judged(FOREIGN, PICK_MEANWHILE, said={102: 27, 210: -5, 501: -27})
    assert [(verdict.activity.kind, verdict.is_exact) for verdict in verdicts] == [("foreign", True), ("pick", True)]
    assert false_events(FOREIGN, PICK_MEANWHILE, said={102: 27, 210: -5, 501: -27}) == 0


def test_a_pick_beside_a_foreign_object_that_is_told_afterwards_is_missed_but_not_made_up() -> None:
    verdicts, _ = judged(FOREIGN, PICK_MEANWHILE, said={501: -5})
    assert [verdict.is_exact for verdict in verdicts if verdict.role == "pick"] == [False]
    assert false_events(FOREIGN, PICK_MEANWHILE, said={501: -5}) == 0
    assert false_events(FOREIGN, PICK_MEANWHILE, said={501: -6}) == 1
    assert false_events(FOREIGN, PICK_MEANWHILE, said={}) == 0


def test_taking_out_the_foreign_object_ends_the_window_of_a_pick_before() -> None:
    verdicts, _ = judged(FOREIGN, PICK_MEANWHILE, said={496: -5})
    assert [verdict.is_exact for verdict in verdicts if verdict.role == "pick"] == [True]
    verdicts, _ = judged(FOREIGN, PICK_MEANWHILE, said={497: -5})
    assert [verdict.is_exact for verdict in verdicts if verdict.role == "pick"] == [False]


FAULT = happens("fault", 100, 500)


def test_a_pick_during_a_fault_is_not_judged_and_may_be_told_afterwards() -> None:
    for pick in (PICK_MEANWHILE, happens("pick", 95, 101, -5), happens("pick", 499, 504, -5)):
        trace = trace_of(*sorted([FAULT, pick], key=lambda activity: activity.start_s))
        assert judge_all(trace, answers_to(trace, {506: -5})).figures["picks"] == 0
    assert false_events(FAULT, PICK_MEANWHILE, said={502: -5}) == 0
    assert false_events(FAULT, PICK_MEANWHILE, said={210: -30, 502: 25}) == 0
    assert false_events(FAULT, PICK_MEANWHILE, said={502: -6}) == 1
    assert false_events(FAULT, PICK_MEANWHILE, said={210: -6}) == 1


def test_a_lean_that_a_fault_interrupts_may_be_taken_back_after_the_fault() -> None:
    assert false_events(happens("lean", 90, 110), FAULT, said={95: -20, 501: 20}) == 0
    assert false_events(happens("lean", 90, 110), FAULT, said={95: -20}) == 1


def test_what_is_made_up_between_a_pick_and_a_fault_is_not_the_faults() -> None:
    assert false_events(PICK, happens("fault", 1200, 1300), said={107: -5, 1000: 1, 1301: -1}) == 2


def test_a_lean_during_a_fault_is_not_judged_alone() -> None:
    assert false_events(FAULT, happens("lean", 200, 220), said={150: 9, 210: -9}) == 0


def test_stays_that_overlap_are_one() -> None:
    stays = (happens("foreign", 100, 500), happens("fault", 400, 1500))
    assert false_events(*stays, said={102: 27, 1501: -27}) == 0
    assert len(judged(*stays, said={})[0]) == 1
    assert false_events(happens("foreign", 100, 1500), happens("fault", 300, 400), said={102: 27, 1501: -27}) == 0


def test_after_a_stay_the_next_pick_has_its_window_again() -> None:
    verdicts, made_up = judged(FAULT, happens("pick", 600, 605, -2), said={598: -3, 606: -2})
    assert [verdict.reported for verdict in verdicts] == [-3, -2]
    assert not made_up
