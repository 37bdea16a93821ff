# SPDX-License-Identifier: Apache-2.0
"""Time series in an SQLite file of their own, so that neither its writes nor its size concern the relational store.

Each measurement has a table, whose rows lie in the order (series, time): one series is read in one sweep.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from fleet.db import open_engine, read, write
from fleet.series.model import NS_IN_MS, Answer, Point, PointsRefusedError, Question, StoreDownError, Value
from fleet.series.schema import MEASUREMENTS, Measurement, Shelf

TIME_LEAST_NS, TIME_MOST_NS = -(2**63), 2**63 - 1
SERIES_KNOWN = 200_000  # ids of series kept in memory

_Series = tuple[str, tuple[str, ...]]


class SqliteSeries:
    """A `TimeSeriesStore` in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = open_engine(f"sqlite:///{path}")
        self._ids: dict[_Series, int] = {}

    def prepare(self) -> None:
        """Makes the file and its tables, readable by its owner alone; columns that came later are added."""
        self._ids.clear()  # it may be another file
        with self._writing() as connection:
            for measurement in MEASUREMENTS.values():
                _make_tables(connection, measurement)

    def write(self, points: Sequence[Point]) -> None:
        """All of them but those refused, of which the first is named."""
        known: dict[_Series, int] = {}
        refusals = [(point, _refusal(point)) for point in points]
        good = [point for point, refusal in refusals if refusal is None]
        with self._writing() as connection:
            for name, some in _by_measurement(good).items():
                self._insert(connection, MEASUREMENTS[name], some, known)
        if len(self._ids) > SERIES_KNOWN:
            self._ids.clear()
        self._ids |= known
        bad = [refusal for _, refusal in refusals if refusal is not None]
        if bad:
            raise PointsRefusedError(bad[0] + (f"; and {len(bad) - 1} more" if len(bad) > 1 else ""))

    def series(self, question: Question) -> list[Answer]:
        """One sweep of each series; `last` takes one for each field, since each has a last of its own."""
        if question.every_ms is None:
            return self._points(question)
        if question.aggregate == "last":
            return _merge(question, [self._last(question, name) for name in question.fields])
        span = f"p.time_ns / {question.every_ms * NS_IN_MS} * {question.every_ms}"
        values = ", ".join(f"{_AGGREGATES[question.aggregate]}(p.{name})" for name in question.fields)
        some = " OR ".join(f"p.{name} IS NOT NULL" for name in question.fields)
        return self._ask(question, f"{span} AS at_ms, {values}", f"AND ({some}) GROUP BY {_tags(question)}at_ms")

    def latest(self, question: Question) -> list[Answer]:
        """One descent of the index for each series."""
        measurement = question.measurement
        some = " OR ".join(f"p.{name} IS NOT NULL" for name in question.fields)
        newest = (
            f"SELECT max(p.time_ns) FROM {measurement.name} p WHERE p.series_id = s.id"  # noqa: S608  (our own names)
            f" AND p.time_ns >= ? AND p.time_ns < ? AND ({some})"
        )
        where, given = _where(question)
        values = ", ".join(f"p.{name}" for name in question.fields)
        statement = (
            f"SELECT {_tags(question)} p.time_ns, {values} FROM {measurement.name}_series s JOIN {measurement.name} p"  # noqa: S608
            f" ON p.series_id = s.id AND p.time_ns = ({newest}) WHERE 1 {where}"
        )
        found: dict[tuple[str, ...], tuple[int, tuple[Value | None, ...]]] = {}
        width = len(question.by)
        with self._reading() as connection:
            for row in connection.exec_driver_sql(statement, (*_span(question), *given)):
                by, at_ns = tuple(row[:width]), row[width]
                if by not in found or at_ns >= found[by][0]:
                    found[by] = at_ns, tuple(row[width + 1 :])
        return [Answer(by, at_ns // NS_IN_MS, values) for by, (at_ns, values) in sorted(found.items())]

    def forget_before(self, shelf: Shelf, before_ms: int, limit: int) -> int:
        """Deletes old points; the names of their series stay."""
        gone = 0
        with self._writing() as connection:
            for measurement in MEASUREMENTS.values():
                if measurement.shelf is not shelf or gone >= limit:
                    continue
                name = measurement.name
                doomed = (
                    f"SELECT p.series_id, p.time_ns FROM {name}_series s JOIN {name} p ON p.series_id = s.id"  # noqa: S608
                    " WHERE p.time_ns < ? LIMIT ?"
                )
                statement = f"DELETE FROM {name} WHERE (series_id, time_ns) IN ({doomed})"  # noqa: S608
                gone += connection.exec_driver_sql(statement, (before_ms * NS_IN_MS, limit - gone)).rowcount
        return gone

    def close(self) -> None:
        """Closes the file."""
        self._engine.dispose()

    def _points(self, question: Question) -> list[Answer]:
        some = " OR ".join(f"p.{name} IS NOT NULL" for name in question.fields)
        values = ", ".join(f"p.{name}" for name in question.fields)
        at_ms = f"p.time_ns / {NS_IN_MS}"
        return self._ask(question, f"{at_ms}, {values}", f"AND ({some})", f"{_tags(question)}p.time_ns, s.id")

    def _last(self, question: Question, name: str) -> list[Answer]:
        assert question.every_ms is not None
        span = f"p.time_ns / {question.every_ms * NS_IN_MS} * {question.every_ms}"
        columns = f"{span} AS at_ms, p.{name}, max(p.time_ns)"  # beside max() SQLite gives the columns of its row
        rows = self._ask(question, columns, f"AND p.{name} IS NOT NULL GROUP BY {_tags(question)}at_ms")
        return [Answer(row.by, row.at_ms, row.values[:1]) for row in rows]

    def _ask(self, question: Question, columns: str, and_so: str, order: str = "") -> list[Answer]:
        name, width = question.measurement.name, len(question.by)
        where, given = _where(question)
        statement = (
            f"SELECT {_tags(question)} {columns} FROM {name}_series s JOIN {name} p ON p.series_id = s.id"  # noqa: S608
            f" AND p.time_ns >= ? AND p.time_ns < ? WHERE 1 {where} {and_so}"
            f" ORDER BY {order or _tags(question) + 'at_ms'}"
        )
        with self._reading() as connection:
            rows = connection.exec_driver_sql(statement, (*_span(question), *given)).all()
        return [Answer(tuple(row[:width]), row[width], tuple(row[width + 1 :])) for row in rows]

    def _insert(
        self,
        connection: Connection,
        measurement: Measurement,
        points: Iterable[Point],
        known: dict[_Series, int],
    ) -> None:
        names = [field.name for field in measurement.fields]
        rows = []
        for point in points:
            key = (measurement.name, point.tags)
            if key not in self._ids and key not in known:
                known[key] = _series_id(connection, measurement, point.tags)
            series_id = known.get(key) or self._ids[key]
            rows.append((series_id, point.time_ns, *(point.fields.get(name) for name in names)))
        marks = ", ".join("?" * (2 + len(names)))
        columns = ", ".join(("series_id", "time_ns", *names))
        kept = ", ".join(f"{name} = coalesce(excluded.{name}, {name})" for name in names)
        statement = (
            f"INSERT INTO {measurement.name} ({columns}) VALUES ({marks})"  # noqa: S608
            f" ON CONFLICT (series_id, time_ns) DO UPDATE SET {kept}"
        )
        if rows:
            connection.exec_driver_sql(statement, rows)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._or_down(), write(self._engine) as session:
            yield session.connection()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._or_down(), read(self._engine) as session:
            yield session.connection()

    @contextmanager
    def _or_down(self) -> Iterator[None]:
        """What SQLite cannot do just now is StoreDownError."""
        try:
            yield
        except DBAPIError as error:
            raise StoreDownError(f"{self._path}: {error.orig}") from error


_AGGREGATES = {"sum": "sum", "mean": "avg", "min": "min", "max": "max"}


def _make_tables(connection: Connection, measurement: Measurement) -> None:
    name = measurement.name
    tags = ", ".join(f"{tag} TEXT NOT NULL" for tag in measurement.tags)
    connection.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS {name}_series"
        f" (id INTEGER PRIMARY KEY, {tags}, UNIQUE ({', '.join(measurement.tags)}))"
    )
    connection.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS {name} (series_id INTEGER NOT NULL, time_ns INTEGER NOT NULL,"
        " PRIMARY KEY (series_id, time_ns)) WITHOUT ROWID"
    )
    there = {row.name for row in connection.exec_driver_sql(f"PRAGMA table_info({name})")}
    for field in measurement.fields:
        if field.name not in there:
            connection.exec_driver_sql(
                f"ALTER TABLE {name} ADD COLUMN {field.name} {'TEXT' if field.is_text else 'REAL'}"
            )


def _series_id(connection: Connection, measurement: Measurement, tags: tuple[str, ...]) -> int:
    name = measurement.name
    marks = ", ".join("?" * len(tags))
    columns = ", ".join(measurement.tags)
    same = " AND ".join(f"{tag} = ?" for tag in measurement.tags)
    connection.exec_driver_sql(f"INSERT OR IGNORE INTO {name}_series ({columns}) VALUES ({marks})", tags)  # noqa: S608
    row = connection.exec_driver_sql(f"SELECT id FROM {name}_series WHERE {same}", tags).one()  # noqa: S608
    series_id: int = row[0]
    return series_id


def _refusal(point: Point) -> str | None:
    """Why a point can never be kept, None when it can."""
    measurement = MEASUREMENTS.get(point.measurement)
    if measurement is None:
        return f"{point.measurement}: there is no such measurement"
    if len(point.tags) != len(measurement.tags):
        return f"{point.measurement}: the tags are {', '.join(measurement.tags)}, not {point.tags}"
    if not TIME_LEAST_NS <= point.time_ns <= TIME_MOST_NS:
        return f"{point.measurement}: {point.time_ns} ns is no time that can be kept"
    for field in measurement.fields:
        value = point.fields.get(field.name)
        if value is not None and isinstance(value, str) is not field.is_text:
            return f"{point.measurement}: {field.name} is {'text' if field.is_text else 'a figure'}, not {value!r}"
    return None


def _by_measurement(points: Iterable[Point]) -> dict[str, list[Point]]:
    grouped: dict[str, list[Point]] = {}
    for point in points:
        grouped.setdefault(point.measurement, []).append(point)
    return grouped


def _tags(question: Question) -> str:
    return "".join(f"s.{tag}, " for tag in question.by)


def _span(question: Question) -> tuple[int, int]:
    return question.start_ms * NS_IN_MS, question.end_ms * NS_IN_MS


def _where(question: Question) -> tuple[str, list[str]]:
    """The condition on tags and what fills its question marks."""
    condition, given = "", list[str]()
    for tag, values in question.where.items():
        condition += f" AND s.{tag} IN ({', '.join('?' * len(values))})"
        given += values
    return condition, given


def _merge(question: Question, columns: Sequence[Sequence[Answer]]) -> list[Answer]:
    """Answers of one field each as answers of all of them."""
    merged: dict[tuple[tuple[str, ...], int], list[Value | None]] = {}
    for place, column in enumerate(columns):
        for row in column:
            merged.setdefault((row.by, row.at_ms), [None] * len(question.fields))[place] = row.values[0]
    return [Answer(by, at_ms, tuple(values)) for (by, at_ms), values in sorted(merged.items())]
