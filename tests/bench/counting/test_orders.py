# SPDX-License-Identifier: Apache-2.0
"""When an order is false, late, or right."""

import pytest

from tests.bench.counting.handmade import answers_to, happens, trace_of
from tests.bench.counting.metrics import judge_all
from tests.bench.counting.orders import Cycle, cycles_of
from tools.simulate.trace import Activity

Due = list[tuple[float, float]]
REFILL = happens("refill", 1000, 1040, 400, 1020)


def cycles(
    *activities: Activity, due: Due, first_count: int = 150, seconds: int = 5000, point: int = 120
) -> list[Cycle]:
    trace = trace_of(*activities, t_s=range(seconds + 1), first_count=first_count, reorder_point=point)
    return cycles_of(trace, answers_to(trace, due=due))


def falls_to(count: int, at_s: float = 100, first: int = 150) -> Activity:
    return happens("pick", at_s, at_s + 5, count - first)


@pytest.mark.parametrize(
    ("point", "count", "is_false"),
    [(120, 120, False), (120, 126, False), (120, 127, True), (10, 11, False), (10, 12, True)],
)
def test_an_order_is_false_while_more_than_a_little_above_the_point_is_there(
    point: int, count: int, is_false: bool
) -> None:
    (cycle,) = cycles(falls_to(count), due=[(200, 300)], point=point)
    assert cycle.is_false is is_false
    assert cycle.truth == count


def test_the_truth_at_the_moment_of_the_order_counts() -> None:
    (cycle,) = cycles(falls_to(110), due=[(99, 300)])
    assert cycle.is_false
    assert not cycles(falls_to(110), due=[(100, 300)])[0].is_false


def test_only_the_first_order_of_a_cycle_counts() -> None:
    (cycle,) = cycles(falls_to(120), happens("return", 300, 305, 20), due=[(200, 250), (400, 450)])
    assert not cycle.is_false
    assert cycle.ordered_at_s == 200


def test_each_refill_begins_a_cycle() -> None:
    first, second = cycles(falls_to(110), REFILL, due=[(50, 60), (3000, 3001)])
    assert first.is_false
    assert second.is_false
    assert (first.until_s, second.from_s) == (1020, 1020)


@pytest.mark.parametrize(("count", "is_late"), [(107, False), (106, True)])
def test_a_cycle_is_late_below_nine_tenths_of_the_point_less_one(count: int, is_late: bool) -> None:
    assert cycles(falls_to(count), due=[])[0].is_late is is_late


@pytest.mark.parametrize(("ordered_at_s", "is_late"), [(101, False), (1000, False), (1001, True)])
def test_there_are_fifteen_minutes_to_order(ordered_at_s: float, is_late: bool) -> None:
    assert cycles(falls_to(100), due=[(ordered_at_s, 4000)])[0].is_late is is_late


def test_a_refill_within_fifteen_minutes_makes_no_order_late() -> None:
    in_time = happens("refill", 990, 1010, 400, 1000)
    assert not cycles(falls_to(100), in_time, due=[])[0].is_late
    assert cycles(falls_to(100), happens("refill", 990, 1010, 400, 1001), due=[])[0].is_late


def test_the_fifteen_minutes_begin_anew_when_enough_is_there_again() -> None:
    back = happens("return", 600, 605, 10)
    assert not cycles(falls_to(100), back, happens("pick", 700, 705, -10), due=[], seconds=1500)[0].is_late
    assert cycles(falls_to(100), back, happens("pick", 700, 705, -10), due=[], seconds=1601)[0].is_late


def test_two_falls_below_the_point_are_one_time_too_low() -> None:
    assert cycles(falls_to(100), happens("pick", 700, 705, -10), due=[], seconds=1001)[0].is_late


def test_what_was_ordered_too_early_is_not_ordered_too_late_as_well() -> None:
    (cycle,) = cycles(falls_to(100), due=[(50, 60)])
    assert cycle.is_false
    assert not cycle.is_late


def test_an_order_that_is_due_until_the_refill_is_seen_is_no_new_one() -> None:
    first, second = cycles(falls_to(110), REFILL, due=[(200, 1700)])
    assert first.ordered_at_s == 200
    assert second.ordered_at_s is None


def test_an_order_that_stays_due_after_the_refill_should_have_been_seen_is_a_false_one() -> None:
    second = cycles(falls_to(110), REFILL, due=[(200, 1791)])[1]
    assert second.is_carried
    assert second.is_false
    assert cycles(falls_to(110), REFILL, due=[(200, 1790)])[1].ordered_at_s is None


def test_an_order_that_is_due_again_after_the_refill_is_a_false_one() -> None:
    second = cycles(falls_to(110), REFILL, due=[(200, 1030), (1031, 1032)])[1]
    assert second.is_false
    assert not second.is_carried


def test_orders_are_told_by_the_year() -> None:
    trace = trace_of(falls_to(100), REFILL, t_s=range(0, 73 * 86400 + 1, 100), first_count=150)
    figures = judge_all(trace, answers_to(trace, due=[(5000, 6000)])).figures
    assert figures["false_orders"] == 5
    assert figures["late_orders"] == 5
