# SPDX-License-Identifier: Apache-2.0
"""Points, questions about them, and what a store of time series must do. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from fleet.series.schema import Measurement, Shelf

Value = float | str

AGGREGATES = ("last", "sum", "mean", "min", "max")
NS_IN_MS = 1_000_000


class Point(NamedTuple):
    """Some fields of a measurement at one time; the tags in the order that the measurement has them.

    Written again under the same tags and time its fields take the place of the former ones; others stay.
    """

    measurement: str
    tags: tuple[str, ...]
    time_ns: int
    fields: Mapping[str, Value]


def moment_ns(at_ms: int, row_id: int) -> int:
    """A time of its own for each row of a table: the millisecond, and below it what the row's id tells apart.

    Readings whose time is not known share the millisecond in which they were heard; none may take another's place.
    """
    return at_ms * NS_IN_MS + row_id % NS_IN_MS


@dataclass(frozen=True, slots=True)
class Question:
    """Fields of one measurement from `start_ms` (inclusive) to `end_ms` (exclusive), one series for each set of `by`.

    `where` says which tag must have one of which values. With `every_ms` the points of each such span (which begins at
    a multiple of it since 1970) are brought together by `aggregate`, and the time is the span's beginning; without it
    all points are given. Spans without points are left out.
    """

    measurement: Measurement
    fields: tuple[str, ...]
    start_ms: int
    end_ms: int
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    every_ms: int | None = None
    aggregate: str = "last"

    def __post_init__(self) -> None:
        for name in (*self.where, *self.by):
            if name not in self.measurement.tags:
                raise ValueError(
                    f"{name}: no tag of {self.measurement.name}; it has {', '.join(self.measurement.tags)}"
                )
        for name in self.fields:
            if self.measurement.field(name).is_text and self.aggregate != "last":
                raise ValueError(f"{name}: text has no {self.aggregate}; ask for the last")
        if self.aggregate not in AGGREGATES:
            raise ValueError(f"aggregate: {self.aggregate} is none; there are {', '.join(AGGREGATES)}")


class Answer(NamedTuple):
    """The fields of a question at one time, in its order (None: no such field then), of the series `by` says."""

    by: tuple[str, ...]
    at_ms: int
    values: tuple[Value | None, ...]


class StoreDownError(Exception):
    """The store cannot be reached or is not able to write just now; the same later may do."""


class PointsRefusedError(Exception):
    """The store will never take these points; says why. Others of the same batch may have been written."""


class TimeSeriesStore(Protocol):
    """A place for time series. Calls block; one thread writes, any may read."""

    def prepare(self) -> None:
        """Makes what is missing (databases, tables), again and again if need be. Raises StoreDownError."""
        ...

    def write(self, points: Sequence[Point]) -> None:
        """Puts points down, durably once this returns. Raises StoreDownError, PointsRefusedError."""
        ...

    def series(self, question: Question) -> list[Answer]:
        """What the question asks for, ordered by series, then by time. Raises StoreDownError."""
        ...

    def latest(self, question: Question) -> list[Answer]:
        """The newest point in the question's time with any of its fields, of each series; `every_ms` has no say here.

        Raises StoreDownError.
        """
        ...

    def forget_before(self, shelf: Shelf, before_ms: int, limit: int) -> int:
        """Deletes at most `limit` points of a shelf that are older, where the server does not do so; how many."""
        ...

    def close(self) -> None:
        """Lets go of connections."""
        ...
