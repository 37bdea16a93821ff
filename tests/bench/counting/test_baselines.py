# SPDX-License-Identifier: Apache-2.0
"""The two counters that everybody would write first."""

import pytest

from fleet.counting.counter import BinSetup, Event
from tests.bench.counting.median import MedianFilter
from tests.bench.counting.naive import NaiveCounter

SETUP = BinSetup(
    tare_raw=1000, counts_per_gram=100.0, cell_capacity_g=10000.0, bin_weight_g=300.0, apw_g=5.0, initial_count=7
)


def raw(pieces: float) -> int:
    return round(1000 + 100 * 5 * pieces)


def counts(counter: NaiveCounter | MedianFilter, *pieces: float) -> list[int | None]:
    return [counter.update(number, raw(level), None).pieces for number, level in enumerate(pieces)]


def test_naive_rounds_every_reading() -> None:
    assert counts(NaiveCounter(SETUP), 100, 100.4, 100.6, 3, 100, -60) == [100, 100, 101, 3, 100, -60]


def test_naive_reports_every_change_but_the_first() -> None:
    counter = NaiveCounter(SETUP)
    events = [counter.update(0, raw(level), 20.0).events for level in (100, 100, 95, 97)]
    assert events == [(), (), (Event("pick", -5),), (Event("return", 2),)]


def test_naive_always_believes_itself() -> None:
    counter = NaiveCounter(SETUP)
    assert {counter.update(0, value, None).state for value in (raw(5), raw(-60), 8388607, -8388608)} == {"ok"}


def test_naive_orders_after_two_readings_in_a_row() -> None:
    counter, due = NaiveCounter(SETUP), []
    for level in (10, 21, 20, 21, 19, 20, 22):
        counter.update(0, raw(level), None)
        due.append(counter.is_order_due(20))
    assert due == [False, False, False, False, False, True, False]


def test_median_takes_the_middle_of_the_last_five() -> None:
    levels = (100, 100, 100, 40, 40, 40, 40, 40, 100, 100, 100)
    assert counts(MedianFilter(SETUP), *levels) == [100, 100, 100, 100, 100, 40, 40, 40, 40, 40, 100]


@pytest.mark.parametrize(("level", "pieces"), [(100.69, 100), (100.71, 101), (99.31, 100), (99.29, 99), (101.6, 102)])
def test_median_changes_its_count_only_beyond_seven_tenths_of_a_piece(level: float, pieces: int) -> None:
    assert counts(MedianFilter(SETUP), 100, *[level] * 5)[-1] == pieces


def test_median_ignores_what_is_out_of_range() -> None:
    counter = MedianFilter(SETUP)
    counts(counter, *[100] * 5)
    lifted = [counter.update(9, raw(-60), None) for _ in range(5)]
    pulled = [counter.update(9, raw(-10.1), None) for _ in range(5)]
    pressed = [counter.update(9, raw(1990), None) for _ in range(5)]
    assert {(count.pieces, count.state) for count in lifted + pulled} == {(100, "absent")}
    assert {(count.pieces, count.state) for count in pressed} == {(100, "overloaded")}
    assert counter.update(9, raw(90), None).pieces == 100
    assert counter.update(9, raw(-9.9), None).state == "ok"


def test_median_reports_its_changes() -> None:
    counter = MedianFilter(SETUP)
    events = [counter.update(0, raw(level), None).events for level in (100, 100, 95, 95, 95, 95)]
    assert events == [(), (), (), (), (Event("pick", -5),), ()]


def test_median_orders_after_two_low_counts_in_a_row() -> None:
    counter, due = MedianFilter(SETUP), []
    for level in (30, 30, 30, 30, 30, 20, 20, 20, 20):
        counter.update(0, raw(level), None)
        due.append(counter.is_order_due(20))
    assert due == [False] * 8 + [True]


def test_median_orders_after_two_readings_in_range_in_a_row() -> None:
    counter, due = MedianFilter(SETUP), []
    for level in (20, -60, 20, 20, -60, 20):
        counter.update(0, raw(level), None)
        due.append(counter.is_order_due(20))
    assert due == [False, False, False, True, False, False]
    assert not counter.is_order_due(19)
