# SPDX-License-Identifier: Apache-2.0
"""The thread between the stores: what waits is written in order, what is refused is kept aside, a store may be away."""

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fleet.counting.service import count_new_readings
from fleet.db import read, write
from fleet.series import outbox
from fleet.series.influx import InfluxSeries
from fleet.series.levels import collect_levels
from fleet.series.model import NS_IN_MS, Point, PointsRefusedError, Question, StoreDownError, TimeSeriesStore
from fleet.series.packing import pack, unpack
from fleet.series.schema import BIN_LEVEL, SERVICE, SITE_STATUS, Shelf
from fleet.series.sqlite import SqliteSeries
from fleet.series.tables import SeriesOutboxRow, SeriesRefusedRow
from fleet.series.worker import STATE_EVERY_MS, SeriesWorker
from tests.fleet.plant import NOW_MS, SimulatedBin, store_readings
from tests.fleet.series.conftest import KEEP_DAYS, influx_store
from tests.servers.influxd import Influxd

DAY_MS = 86_400_000


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at_ms = NOW_MS + 60_000

    def now_ms(self) -> int:
        return self.at_ms


class Watched(SqliteSeries):
    """A real store behind a door that can be shut, and that counts who comes through."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.is_shut = False
        self.batches: list[list[Point]] = []

    def prepare(self) -> None:
        self._knock()
        super().prepare()

    def write(self, points: Sequence[Point]) -> None:
        self._knock()
        super().write(points)
        self.batches.append(list(points))

    def _knock(self) -> None:
        if self.is_shut:
            raise StoreDownError("shut")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def series(tmp_path: Path) -> Iterator[Watched]:
    store = Watched(tmp_path / "series.sqlite")
    yield store
    store.close()


@pytest.fixture
def worker(plant: Engine, series: Watched, clock: Clock) -> Iterator[SeriesWorker]:
    worker = SeriesWorker(plant, series, clock, KEEP_DAYS)
    yield worker
    worker.stop()


def report(engine: Engine, bin_: SimulatedBin) -> None:
    with write(engine) as session:
        store_readings(session, list(bin_.burst()))
        count_new_readings(session, NOW_MS, 1000)


def number_of(engine: Engine, table: type) -> int:
    with read(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def pieces(store: TimeSeriesStore) -> list[object]:
    question = Question(BIN_LEVEL, ("pieces",), NOW_MS - DAY_MS, NOW_MS + DAY_MS)
    return [answer.values[0] for answer in store.series(question)]


def put(session: Session, points: list[Point], at_ms: int) -> None:
    """A batch of its own."""
    session.add(SeriesOutboxRow(points=len(points), packed=pack(points), made_at_ms=at_ms))
    session.flush()


def settle(worker: SeriesWorker) -> None:
    while worker.turn():
        pass


def service_point(n: int, value: float | str = 1.0) -> Point:
    return Point(SERVICE.name, ("fleet",), (NOW_MS + n) * NS_IN_MS, {"readings": value})


def test_what_is_counted_is_in_the_time_series_after_a_turn(
    plant: Engine, series: Watched, worker: SeriesWorker
) -> None:
    report(plant, SimulatedBin(pieces=100))
    settle(worker)
    assert pieces(series) == [100.0]
    assert number_of(plant, SeriesOutboxRow) == 0


def test_a_store_that_is_away_gets_everything_when_it_is_back_in_the_order_it_was_made(
    plant: Engine, series: Watched, worker: SeriesWorker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH_POINTS", 5)
    bin_ = SimulatedBin(pieces=100)
    series.is_shut = True
    for taken in range(3):
        bin_.pieces = 100 - 10 * taken
        report(plant, bin_)
        clock.at_ms += STATE_EVERY_MS
        with pytest.raises(StoreDownError):
            worker.turn()
        assert worker.is_down
    waiting = number_of(plant, SeriesOutboxRow)
    assert waiting >= 3
    series.is_shut = False
    settle(worker)
    assert not worker.is_down
    assert len(series.batches) == waiting
    assert number_of(plant, SeriesOutboxRow) == 0
    told_ns = [point.time_ns for batch in series.batches for point in batch if point.measurement == SERVICE.name]
    assert len(told_ns) == 3
    assert told_ns == sorted(told_ns)


def test_what_waits_is_packed_together_however_little_comes_at_once(
    plant: Engine, series: Watched, worker: SeriesWorker, clock: Clock
) -> None:
    series.is_shut = True
    for _ in range(100):
        clock.at_ms += STATE_EVERY_MS
        with pytest.raises(StoreDownError):
            worker.turn()
    assert number_of(plant, SeriesOutboxRow) == 1
    series.is_shut = False
    settle(worker)
    assert len(series.series(Question(SERVICE, ("readings",), 0, clock.at_ms + 1))) == 100


def test_when_too_much_waits_news_wait_where_they_are_and_nothing_is_lost(
    plant: Engine, series: Watched, worker: SeriesWorker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH_POINTS", 1)
    monkeypatch.setattr(outbox, "WAITING_MAX", 1)
    series.is_shut = True
    bin_ = SimulatedBin(pieces=100)
    for taken in range(4):
        bin_.pieces = 100 - 10 * taken
        report(plant, bin_)
        clock.at_ms += STATE_EVERY_MS
        with pytest.raises(StoreDownError):
            worker.turn()
    with read(plant) as session:
        counted = [
            point.fields["pieces"] for point in collect_levels(session, 0, 1000).points if "pieces" in point.fields
        ]
        waiting = [point for row in session.scalars(select(SeriesOutboxRow)) for point in unpack(row.packed)]
    assert BIN_LEVEL.name not in {point.measurement for point in waiting}
    series.is_shut = False
    worker.turn()  # makes room
    settle(worker)
    assert pieces(series) == counted
    told = series.series(Question(SERVICE, ("readings",), 0, clock.at_ms + 1))
    assert len(told) == 4, "what is told once a minute is told all the time"


def test_a_clock_that_was_ahead_and_is_set_right_stops_nothing(
    plant: Engine, series: Watched, worker: SeriesWorker, clock: Clock
) -> None:
    right_ms = clock.at_ms
    clock.at_ms += 400 * DAY_MS
    settle(worker)
    for minute in range(1, 4):
        clock.at_ms = right_ms + minute * STATE_EVERY_MS
        settle(worker)
    assert len(series.series(Question(SERVICE, ("readings",), 0, clock.at_ms + 1))) == 3


def test_points_older_than_is_kept_are_left_out_since_an_influxdb_would_refuse_them(
    plant: Engine, clock: Clock, influxd: Influxd
) -> None:
    keep_days = {Shelf.RAW: 90, Shelf.ROLLUP: 90}
    store = InfluxSeries(influxd.url, "short", "", "", keep_days)
    clock.at_ms = time.time_ns() // NS_IN_MS
    old_ns = (clock.at_ms - 100 * DAY_MS) * NS_IN_MS
    with write(plant) as session:
        put(session, [service_point(0)._replace(time_ns=old_ns)], clock.at_ms)
    settle(SeriesWorker(plant, store, clock, keep_days))
    assert number_of(plant, SeriesRefusedRow) == 0
    with pytest.raises(PointsRefusedError, match="beyond retention policy"):
        store.write([service_point(0)._replace(time_ns=old_ns)])
    store.close()


def test_a_batch_that_is_refused_is_kept_aside_with_the_reason_and_the_next_one_is_written(
    plant: Engine, series: Watched, worker: SeriesWorker, caplog: pytest.LogCaptureFixture
) -> None:
    bad = [service_point(1), service_point(2, "many")]
    with write(plant) as session:
        put(session, bad, NOW_MS)
        put(session, [service_point(3)], NOW_MS)
    with caplog.at_level(logging.ERROR):
        settle(worker)
    with read(plant) as session:
        kept = session.scalars(select(SeriesRefusedRow)).one()
    assert kept.reason == "service: readings is a figure, not 'many'"
    assert (kept.points, unpack(kept.packed)) == (2, bad)
    assert "alarm: the time series refused some of 2 points" in caplog.text
    assert number_of(plant, SeriesOutboxRow) == 0
    assert service_point(3) in [point for batch in series.batches for point in batch]


def test_what_an_influxdb_refuses_is_kept_aside_and_not_tried_again(
    plant: Engine, clock: Clock, influxd: Influxd
) -> None:
    store = influx_store(influxd.url)
    worker = SeriesWorker(plant, store, clock, KEEP_DAYS)
    with write(plant) as session:
        for points in ([service_point(1)], [service_point(2), service_point(3, "many")], [service_point(4)]):
            put(session, points, NOW_MS)
    settle(worker)
    with read(plant) as session:
        assert "field type conflict" in session.scalars(select(SeriesRefusedRow.reason)).one()
    question = Question(SERVICE, ("readings",), NOW_MS, NOW_MS + 10)
    assert [answer.at_ms - NOW_MS for answer in store.series(question)] == [1, 2, 4], "the good one of the batch too"
    store.close()


def test_only_the_newest_refused_batches_are_kept(plant: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "REFUSED_KEPT", 3)
    with write(plant) as session:
        for n in range(5):
            put(session, [service_point(n)], NOW_MS)
        for row in session.scalars(select(SeriesOutboxRow).order_by(SeriesOutboxRow.id)).all():
            outbox.keep_aside(session, row.id, "no", NOW_MS)
    with read(plant) as session:
        kept = [unpack(row.packed) for row in session.scalars(select(SeriesRefusedRow).order_by(SeriesRefusedRow.id))]
    assert kept == [[service_point(n)] for n in (2, 3, 4)]


def test_a_broken_batch_in_the_outbox_stops_nothing(plant: Engine, series: Watched, worker: SeriesWorker) -> None:
    with write(plant) as session:
        session.add(SeriesOutboxRow(points=1, packed=b"rust", made_at_ms=NOW_MS))
        session.flush()
        put(session, [service_point(1)], NOW_MS)
    settle(worker)
    assert number_of(plant, SeriesRefusedRow) == 1
    assert service_point(1) in [point for batch in series.batches for point in batch]


def test_old_points_of_a_file_go_as_the_settings_say(plant: Engine, series: Watched, clock: Clock) -> None:
    worker = SeriesWorker(plant, series, clock, {Shelf.RAW: 90, Shelf.ROLLUP: 200})
    old_ns = (clock.at_ms - 100 * DAY_MS) * NS_IN_MS
    series.prepare()
    series.write(
        [
            Point(SERVICE.name, ("fleet",), old_ns, {"readings": 1.0}),
            Point(SITE_STATUS.name, ("acme", "plant-1"), old_ns, {"bins": 1.0}),
        ]
    )
    settle(worker)
    assert len(series.series(Question(SERVICE, ("readings",), 0, clock.at_ms + 1))) == 1, "the one of just now"
    assert len(series.series(Question(SITE_STATUS, ("bins",), 0, clock.at_ms + 1))) == 2
    worker.stop()


def test_a_trouble_is_said_once_and_so_is_its_end(
    plant: Engine, series: Watched, worker: SeriesWorker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "kanbin.series"):
        for trouble in ("away", "away", None, None):
            worker._say(trouble)
    assert [record.message for record in caplog.records] == ["away", "the time series are written again"]


def test_a_batch_comes_out_of_its_bytes_as_it_went_in() -> None:
    points = [service_point(1), Point(BIN_LEVEL.name, ("Ü", "b", "", "d", "e"), 7, {"pieces": 0.1, "state": "ok"})]
    assert unpack(pack(points)) == points
    with pytest.raises(ValueError, match="not a packed batch"):
        unpack(b"rust")
