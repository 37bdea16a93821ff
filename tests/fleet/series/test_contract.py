# SPDX-License-Identifier: Apache-2.0
"""What every store of time series must do; each test runs on SQLite and on a real InfluxDB."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.series.model import (
    AGGREGATES,
    NS_IN_MS,
    Answer,
    Point,
    PointsRefusedError,
    Question,
    TimeSeriesStore,
    Value,
    moment_ns,
)
from fleet.series.schema import BIN_LEVEL, ITEM_STOCK, SERVICE, SITE_STATUS, Shelf
from fleet.series.sqlite import SqliteSeries

NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


def level(at_ms: int, pieces: float, bin: str = "bin-1", item: str = "M4", state: str = "ok", row_id: int = 0) -> Point:
    tags = ("acme", "plant-1", "line-1", item, bin)
    return Point(BIN_LEVEL.name, tags, moment_ns(at_ms, row_id), {"pieces": pieces, "state": state})


def asked(*fields: str, **more: object) -> Question:
    return Question(BIN_LEVEL, fields, NOW_MS - HOUR_MS, NOW_MS + HOUR_MS, **more)  # type: ignore[arg-type]


def test_what_was_written_is_read_in_the_order_of_time(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS + 2000, 7), level(NOW_MS, 9, state="uncertain")])
    assert store.series(asked("pieces", "state")) == [
        Answer((), NOW_MS, (9.0, "uncertain")),
        Answer((), NOW_MS + 2000, (7.0, "ok")),
    ]


def test_a_point_written_twice_is_there_once(store: TimeSeriesStore) -> None:
    for _ in range(3):
        store.write([level(NOW_MS, 9), level(NOW_MS + 1, 8)])
    assert len(store.series(asked("pieces"))) == 2


def test_a_point_takes_the_place_of_one_with_the_same_tags_and_time(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, 9)])
    store.write([level(NOW_MS, 8, state="foreign")])
    assert store.series(asked("pieces", "state")) == [Answer((), NOW_MS, (8.0, "foreign"))]


def test_fields_that_are_not_written_again_stay(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, 9)])
    store.write([level(NOW_MS, 9)._replace(fields={"pieces": 7.0})])
    assert store.series(asked("pieces", "state")) == [Answer((), NOW_MS, (7.0, "ok"))]


def test_points_of_one_millisecond_and_different_rows_are_all_kept(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, pieces, row_id=pieces) for pieces in range(60)])
    assert [answer.values for answer in store.series(asked("pieces"))] == [(float(n),) for n in range(60)]


def test_the_beginning_belongs_to_a_question_and_the_end_does_not(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, 1), level(NOW_MS + 5, 2), level(NOW_MS + 10, 3)])
    question = Question(BIN_LEVEL, ("pieces",), NOW_MS, NOW_MS + 10)
    assert [answer.values[0] for answer in store.series(question)] == [1.0, 2.0]


def test_a_series_for_each_set_of_tags_asked_for(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, 1, "bin-1"), level(NOW_MS, 2, "bin-2"), level(NOW_MS + 1, 3, "bin-1")])
    assert store.series(asked("pieces", by=("bin",))) == [
        Answer(("bin-1",), NOW_MS, (1.0,)),
        Answer(("bin-1",), NOW_MS + 1, (3.0,)),
        Answer(("bin-2",), NOW_MS, (2.0,)),
    ]


def test_only_the_tags_asked_for_and_nothing_for_none(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, n, f"bin-{n}") for n in range(1, 5)])
    two = store.series(asked("pieces", where={"bin": ["bin-2", "bin-4"], "site": ["plant-1"]}))
    assert sorted(answer.values[0] for answer in two) == [2.0, 4.0]
    assert store.series(asked("pieces", where={"bin": []})) == []
    assert store.series(asked("pieces", where={"bin": ["bin-9"]})) == []


@pytest.mark.parametrize(
    "name",
    ["M4 x 12", "a,b", "a=b", 'say "M4"', "o'clock", "back\\slash", "Ü ß 钉", "; DROP", "<script>", "$p0", "/x/"],
)
def test_names_are_kept_letter_by_letter(store: TimeSeriesStore, name: str) -> None:
    store.write([level(NOW_MS, 5, bin=name, state=name), level(NOW_MS, 6, bin="other")])
    assert store.latest(asked("pieces", "state", where={"bin": [name]}, by=("bin",))) == [
        Answer((name,), NOW_MS, (5.0, name))
    ]


@pytest.mark.parametrize("name", ["ends in a back\\", "two\nlines"])
def test_a_name_that_a_store_must_alter_is_found_by_itself(store: TimeSeriesStore, name: str) -> None:
    store.write([level(NOW_MS, 5, bin=name), level(NOW_MS, 6, bin="other")])
    assert [answer.values for answer in store.series(asked("pieces", where={"bin": [name]}))] == [(5.0,)]


def test_the_newest_point_of_each_series(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS + n, n, f"bin-{n % 2}") for n in range(6)])
    assert store.latest(asked("pieces", by=("bin",))) == [
        Answer(("bin-0",), NOW_MS + 4, (4.0,)),
        Answer(("bin-1",), NOW_MS + 5, (5.0,)),
    ]
    assert store.latest(asked("pieces")) == [Answer((), NOW_MS + 5, (5.0,))]
    assert store.latest(Question(BIN_LEVEL, ("pieces",), NOW_MS + 6, NOW_MS + 9)) == []


def test_a_field_that_a_point_lacks_is_none_and_a_point_with_none_of_them_is_not_there(store: TimeSeriesStore) -> None:
    tags = ("acme", "plant-1", "line-1", "M4")
    store.write(
        [
            Point(ITEM_STOCK.name, tags, NOW_MS * NS_IN_MS, {"qty_on_hand": 3.0}),
            Point(ITEM_STOCK.name, tags, (NOW_MS + 1) * NS_IN_MS, {"days_of_cover": 2.5}),
        ]
    )
    question = Question(ITEM_STOCK, ("qty_on_hand", "days_of_cover"), NOW_MS, NOW_MS + 9)
    assert store.series(question) == [Answer((), NOW_MS, (3.0, None)), Answer((), NOW_MS + 1, (None, 2.5))]
    assert store.series(Question(ITEM_STOCK, ("reorder_point",), NOW_MS, NOW_MS + 9)) == []
    last = Question(ITEM_STOCK, ("qty_on_hand", "days_of_cover"), NOW_MS, NOW_MS + 9, every_ms=HOUR_MS)
    assert store.series(last) == [Answer((), NOW_MS // HOUR_MS * HOUR_MS, (3.0, 2.5))]


def test_the_shelves_do_not_mix(store: TimeSeriesStore) -> None:
    store.write(
        [level(NOW_MS, 1), Point(SITE_STATUS.name, ("acme", "plant-1"), NOW_MS * NS_IN_MS, {"bins": 4.0})],
    )
    question = Question(SITE_STATUS, ("bins",), NOW_MS, NOW_MS + 1, by=("customer", "site"))
    assert store.latest(question) == [Answer(("acme", "plant-1"), NOW_MS, (4.0,))]


def test_figures_keep_all_their_digits(store: TimeSeriesStore) -> None:
    odd = [0.1, -0.0, 1e-300, 1.7976931348623157e308, 2**53 + 1.0, -1 / 3]
    store.write([level(NOW_MS + n, value) for n, value in enumerate(odd)])
    assert [answer.values[0] for answer in store.series(asked("pieces"))] == odd


def test_a_measurement_nobody_knows_is_refused(store: TimeSeriesStore) -> None:
    with pytest.raises(PointsRefusedError, match="weather: there is no such measurement"):
        store.write([Point("weather", (), NOW_MS, {"rain": 1.0})])


def test_text_where_a_figure_belongs_is_refused(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, 1)])
    with pytest.raises(PointsRefusedError, match="pieces"):
        store.write([Point(BIN_LEVEL.name, level(NOW_MS, 1).tags, NOW_MS * NS_IN_MS + 7, {"pieces": "many"})])
    assert [answer.values[0] for answer in store.series(asked("pieces"))] == [1.0]


def test_one_bad_point_does_not_take_the_good_ones_with_it(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, 1)])
    bad = level(NOW_MS + 1, 2)._replace(fields={"pieces": "many"})
    with pytest.raises(PointsRefusedError):
        store.write([level(NOW_MS + 2, 3), bad, level(NOW_MS + 4, 5)])
    assert [answer.values[0] for answer in store.series(asked("pieces"))] == [1.0, 3.0, 5.0]


def test_a_time_that_cannot_be_kept_is_refused(store: TimeSeriesStore) -> None:
    with pytest.raises(PointsRefusedError):
        store.write([level(NOW_MS, 1)._replace(time_ns=2**63)])


def test_preparing_again_loses_nothing(store: TimeSeriesStore) -> None:
    store.write([level(NOW_MS, 1)])
    store.prepare()
    assert len(store.series(asked("pieces"))) == 1


def test_an_empty_batch_changes_nothing(store: TimeSeriesStore) -> None:
    store.write([])
    assert store.series(asked("pieces")) == []


def test_a_question_about_what_is_not_measured_is_refused_before_it_is_asked() -> None:
    with pytest.raises(ValueError, match="colour: no tag of bin_level; it has customer, site"):
        asked("pieces", by=("colour",))
    with pytest.raises(KeyError, match="bin_level has no field grams; it has pieces"):
        asked("grams")
    with pytest.raises(ValueError, match="state: text has no mean; ask for the last"):
        asked("state", aggregate="mean", every_ms=1000)
    with pytest.raises(ValueError, match="aggregate: median is none; there are last, sum"):
        asked("pieces", aggregate="median", every_ms=1000)


def test_old_points_of_an_sqlite_file_go_shelf_by_shelf(tmp_path: Path) -> None:
    store = SqliteSeries(tmp_path / "series.sqlite")
    store.prepare()
    site = Point(SITE_STATUS.name, ("acme", "plant-1"), NOW_MS * NS_IN_MS, {"bins": 4.0})
    store.write([*(level(NOW_MS + n, n) for n in range(5)), site])
    assert store.forget_before(Shelf.RAW, NOW_MS + 3, limit=2) == 2
    assert store.forget_before(Shelf.RAW, NOW_MS + 3, limit=2) == 1
    assert [answer.values[0] for answer in store.series(asked("pieces"))] == [3.0, 4.0]
    assert store.latest(Question(SITE_STATUS, ("bins",), 0, NOW_MS + 1))
    store.close()


def test_an_sqlite_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    store = SqliteSeries(tmp_path / "deep" / "series.sqlite")
    store.prepare()
    assert (tmp_path / "deep" / "series.sqlite").stat().st_mode & 0o077 == 0
    store.close()


# --- any points, any question: both answer as plain arithmetic does ---

SPAN_MS = 10_000
times_ms = st.integers(0, SPAN_MS - 1).map(lambda ms: NOW_MS + ms)
figures = st.integers(-1000, 1000).map(lambda quarter: quarter / 4)  # sums of these are exact in any order
points = st.builds(
    lambda at_ms, bin, item, pieces, upper: Point(
        BIN_LEVEL.name,
        ("acme", "plant-1", "line-1", item, bin),
        at_ms * NS_IN_MS,
        {name: value for name, value in (("pieces", pieces), ("upper", upper)) if value is not None},
    ),
    times_ms,
    st.sampled_from(["bin-1", "bin-2", "bin 3"]),
    st.sampled_from(["M4", "M5"]),
    figures,
    st.none() | figures,
)
questions = st.builds(
    lambda span, where, by, every_ms, aggregate: Question(
        BIN_LEVEL, ("pieces", "upper"), min(span), max(span), where, by, every_ms, aggregate
    ),
    st.tuples(times_ms, times_ms),
    st.dictionaries(
        st.sampled_from(["bin", "item"]), st.lists(st.sampled_from(["bin-1", "bin 3", "M5"]), max_size=2), max_size=2
    ),
    st.just(("item", "bin")),  # coarser series may hold two points of one time, of which either is the last
    st.none() | st.sampled_from([1000, 2500]),
    st.sampled_from(AGGREGATES),
)
ARITHMETIC: Mapping[str, Callable[[list[float]], float]] = {
    "last": lambda values: values[-1],
    "sum": sum,
    "mean": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
}


def by_arithmetic(written: list[Point], question: Question) -> list[Answer]:
    """The answer, from the definition."""
    kept: dict[tuple[tuple[str, ...], int], Point] = {}
    for point in written:
        before = kept.get(point[1:3])
        kept[point[1:3]] = point if before is None else point._replace(fields={**before.fields, **point.fields})
    cells: dict[tuple[tuple[str, ...], int], dict[str, list[float]]] = {}
    for point in sorted(kept.values(), key=lambda point: point.time_ns):
        tags = dict(zip(BIN_LEVEL.tags, point.tags, strict=True))
        at_ms = point.time_ns // NS_IN_MS
        if not question.start_ms <= at_ms < question.end_ms:
            continue
        if any(tags[name] not in values for name, values in question.where.items()):
            continue
        if question.every_ms:
            at_ms = at_ms // question.every_ms * question.every_ms
        cell = cells.setdefault((tuple(tags[name] for name in question.by), at_ms), {})
        for name, value in point.fields.items():
            cell.setdefault(name, []).append(float(value))
    aggregate = ARITHMETIC[question.aggregate]
    return [
        Answer(by, at_ms, tuple(aggregate(cell[name]) if name in cell else None for name in question.fields))
        for (by, at_ms), cell in sorted(cells.items())
    ]


def nearly(answers: list[Answer]) -> list[tuple[object, ...]]:
    """Means may differ in the last digit."""

    def rounded(value: Value | None) -> Value | None:
        return float(f"{value:.12g}") if isinstance(value, float) and math.isfinite(value) else value

    return [(by, at_ms, tuple(map(rounded, values))) for by, at_ms, values in answers]


_plants = count()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(points, max_size=12), min_size=1, max_size=4), st.lists(questions, min_size=1, max_size=6))
def test_any_question_about_any_points_is_answered_as_arithmetic_answers_it(
    store: TimeSeriesStore, batches: list[list[Point]], asked: list[Question]
) -> None:
    plant = f"plant-{next(_plants)}"  # of its own for each example
    batches = [[_at(plant, point) for point in batch] for batch in batches]
    for batch in batches:
        store.write(batch)
    written = [point for batch in batches for point in batch]
    for question in asked:
        here = replace(question, where={**question.where, "site": [plant]})
        assert nearly(store.series(here)) == nearly(by_arithmetic(written, here))
        newest = {answer.by: answer for answer in by_arithmetic(written, replace(here, every_ms=None))}
        assert store.latest(here) == sorted(newest.values())


def _at(plant: str, point: Point) -> Point:
    return point._replace(tags=(point.tags[0], plant, *point.tags[2:]))


def test_a_service_point_has_one_series(store: TimeSeriesStore) -> None:
    store.write([Point(SERVICE.name, ("fleet",), (NOW_MS + n) * NS_IN_MS, {"readings": float(n)}) for n in range(3)])
    assert store.latest(Question(SERVICE, ("readings",), NOW_MS, NOW_MS + 9)) == [Answer((), NOW_MS + 2, (2.0,))]
