# SPDX-License-Identifier: Apache-2.0
"""What people do: at which hours, how often, how much, and never two at once."""

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tools.simulate.trace.classes import CLASSES, BinClass
from tools.simulate.trace.contents import Contents
from tools.simulate.trace.life import DAY_S, HOUR_S, Life
from tools.simulate.trace.trace import FOREIGN, LEAN, LIFT, PICK, REFILL, RETURN, RUMMAGE, Activity

TYPICAL = CLASSES["typical-5g"]
FAULTY = CLASSES["faulty-5g"]
DAYS = 728  # 520 working days


@cache
def lived(bin_class: BinClass, days: float = DAYS, seed: int = 1) -> tuple[Activity, ...]:
    random = np.random.default_rng(seed)
    return tuple(Life(bin_class, Contents(bin_class, random), days, random).activities)


def of(kind: str, activities: tuple[Activity, ...]) -> list[Activity]:
    return [each for each in activities if each.kind == kind]


def test_people_are_there_on_working_days_from_six_to_six() -> None:
    for each in lived(FAULTY):
        assert each.start_s % (7 * DAY_S) < 5 * DAY_S
        assert 6 * HOUR_S <= each.start_s % DAY_S < 18.1 * HOUR_S


def test_each_kind_happens_as_often_as_the_class_says() -> None:
    number = Counter(each.kind for each in lived(FAULTY))
    rates = {PICK: 12.0, RUMMAGE: 1.0, LEAN: 2.0, LIFT: 0.5, FOREIGN: 0.3, RETURN: 0.3}
    for kind, rate in rates.items():
        assert number[kind] == pytest.approx(520 * rate, rel=0.15), kind


def test_a_pick_takes_at_least_one_piece_and_the_mean_of_the_class() -> None:
    deltas = [each.delta for each in of(PICK, lived(TYPICAL))]
    assert max(deltas) == -1
    assert np.mean(deltas) == pytest.approx(-5.0, rel=0.05)


def test_the_bin_never_holds_less_than_nothing() -> None:
    hungry = replace(TYPICAL, picks=60.0)
    changes = sorted((each.changes_at_s, each.delta) for each in lived(hungry) if each.delta)
    held = 500 + np.cumsum([delta for _, delta in changes])
    assert min(held) == 0


def test_nobody_does_two_things_at_once_but_a_foreign_object_may_lie_there_meanwhile() -> None:
    free_at_s = 0.0
    for each in lived(FAULTY):
        assert each.start_s >= free_at_s
        free_at_s = each.end_s if each.kind != FOREIGN else each.start_s + 3.0


def test_people_take_pieces_while_a_foreign_object_lies_there_and_leave_the_bin_where_it_is() -> None:
    foreign = of(FOREIGN, lived(FAULTY))
    meanwhile = {
        each.kind
        for each in lived(FAULTY)
        for object_ in foreign
        if object_.start_s < each.start_s < object_.end_s and each is not object_
    }
    assert PICK in meanwhile
    assert not meanwhile & {LIFT, REFILL, FOREIGN}


def test_a_change_happens_between_start_and_end_and_one_that_changes_nothing_ends_with_it() -> None:
    for each in lived(FAULTY):
        assert each.start_s < each.changes_at_s <= each.end_s
        assert each.delta or each.changes_at_s == each.end_s


def test_it_is_refilled_about_a_day_after_the_reorder_point_was_passed() -> None:
    held, passed_s, waits_d = 500, None, []
    for each in sorted((each for each in lived(TYPICAL) if each.delta), key=lambda each: each.changes_at_s):
        if each.kind == REFILL:
            assert passed_s is not None
            waits_d.append((each.start_s - passed_s) / DAY_S)
            passed_s = None
        held += each.delta
        if held <= TYPICAL.reorder_point and passed_s is None:
            passed_s = each.changes_at_s
    assert min(waits_d) > 0.49
    assert max(waits_d) < 4.0  # over a week-end
    assert 0.8 < np.median(waits_d) < 1.5


def test_a_third_of_the_lifted_bins_come_back_lighter() -> None:
    lifts = of(LIFT, lived(replace(TYPICAL, lifts=3.0)))
    assert np.mean([each.delta < 0 for each in lifts]) == pytest.approx(1 / 3, abs=0.05)
    lasted_s = np.array([each.end_s - each.start_s for each in lifts])
    assert lasted_s.min() >= 30
    assert lasted_s.max() <= 2 * HOUR_S + 10


def test_people_lean_both_ways_and_a_third_of_them_perfectly_still() -> None:
    details = [each.detail for each in of(LEAN, lived(replace(TYPICAL, leans=5.0)))]
    assert np.mean(["up" in detail for detail in details]) == pytest.approx(0.2, abs=0.03)
    assert np.mean(["still" in detail for detail in details]) == pytest.approx(1 / 3, abs=0.04)


def test_what_cannot_end_before_the_trace_does_is_not_begun() -> None:
    for seed in range(30):
        assert all(each.end_s <= 0.5 * DAY_S for each in lived(FAULTY, 0.5, seed))
