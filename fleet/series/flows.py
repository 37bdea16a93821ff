# SPDX-License-Identifier: Apache-2.0
"""What the ledger adds up to: use, deliveries and corrections by day and item, and by hour and site.

Each sum is made of the ledger itself whenever one of its lines is new, so that to make it again changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from fleet.series.model import NS_IN_MS, Point, Value
from fleet.series.places import Tags, places, sites
from fleet.series.schema import ITEM_DAILY, SITE_HOURLY
from fleet.series.standing import DAY_MS
from fleet.stock.store import Pair
from fleet.stock.tables import MovementRow, StockingLocationRow

HOUR_MS = 3_600_000
OPENING = "opening"  # the reference of old lines folded into one: they were told when they were new
USED, RECEIVED, ADJUSTED = ("usage", "return"), ("receipt",), ("adjustment", "count")


@dataclass(frozen=True, slots=True)
class News:
    """What new lines of the ledger touch: pairs, their days, and hours (beginnings, ms)."""

    looked_at: int
    up_to: int
    pairs: set[Pair]
    days: set[tuple[Pair, int]]
    hours: set[int]


def read_news(session: Session, after_id: int, limit: int) -> News:
    """The next lines of the ledger."""
    statement = (
        select(
            MovementRow.id,
            MovementRow.item_id,
            MovementRow.stocking_location_id,
            MovementRow.kind,
            MovementRow.at_ms,
            MovementRow.reference,
        )
        .where(MovementRow.id > after_id)
        .order_by(MovementRow.id)
        .limit(limit)
    )
    rows = session.execute(statement).all()
    news = News(len(rows), rows[-1].id if rows else after_id, set(), set(), set())
    for row in rows:
        if row.reference == OPENING:
            continue
        pair = (row.item_id, row.stocking_location_id)
        news.pairs.add(pair)
        if row.kind in (*USED, *RECEIVED, *ADJUSTED):
            news.days.add((pair, row.at_ms // DAY_MS * DAY_MS))
            news.hours.add(row.at_ms // HOUR_MS * HOUR_MS)
    return news


def daily_points(session: Session, days: Iterable[tuple[Pair, int]]) -> list[Point]:
    """What these pairs used, got and were put right by, on these days."""
    wanted = sorted(days)
    where = places(session, {pair for pair, _ in wanted})
    points = []
    for pair, day_ms in wanted:
        of_pair = (MovementRow.item_id == pair[0]) & (MovementRow.stocking_location_id == pair[1])
        row = session.execute(select(*_SUMS, _FOLDED).where(of_pair, _within(day_ms, DAY_MS))).one()
        if row.folded:
            continue  # part of the day is summed up by now; it was told when it was new
        points.append(Point(ITEM_DAILY.name, where[pair][1], day_ms * NS_IN_MS, _flows(row)))
    return points


def hourly_points(session: Session, hours: Iterable[int]) -> list[Point]:
    """The same of all sites that had any, in these hours."""
    tags = sites(session)
    return [point for hour_ms in sorted(hours) for point in _hours(session, hour_ms, hour_ms + HOUR_MS, tags)]


def points_of_hours(session: Session, from_ms: int, until_ms: int) -> list[Point]:
    """The same, in all hours of a span."""
    return list(_hours(session, from_ms, until_ms, sites(session))) if from_ms < until_ms else []


def used_by(session: Session, pair: Pair, since_ms: int) -> tuple[int, int | None]:
    """Pieces of a pair used since a moment, and when it first moved at all."""
    of_pair = (MovementRow.item_id == pair[0]) & (MovementRow.stocking_location_id == pair[1])
    used = session.scalar(select(_sum(*USED)).where(of_pair, MovementRow.at_ms >= since_ms)) or 0
    return -used, session.scalar(select(func.min(MovementRow.at_ms)).where(of_pair))


def _hours(session: Session, from_ms: int, until_ms: int, tags: dict[int, Tags]) -> Sequence[Point]:
    hour = (MovementRow.at_ms - MovementRow.at_ms % HOUR_MS).label("hour_ms")
    statement = (
        select(StockingLocationRow.site_id, hour, func.count(MovementRow.id).label("movements"), *_SUMS)
        .join(StockingLocationRow, StockingLocationRow.id == MovementRow.stocking_location_id)
        .where(_within(from_ms, until_ms - from_ms), MovementRow.reference != OPENING)
        .group_by(StockingLocationRow.site_id, hour)
    )
    return [
        Point(
            SITE_HOURLY.name,
            tags[row.site_id],
            row.hour_ms * NS_IN_MS,
            _flows(row) | {"movements": float(row.movements)},
        )
        for row in session.execute(statement)
    ]


def _sum(*kinds: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((MovementRow.kind.in_(kinds), MovementRow.on_hand_delta), else_=0)), 0)


_FOLDED = func.coalesce(func.sum(case((MovementRow.reference == OPENING, 1), else_=0)), 0).label("folded")
_SUMS = (_sum(*USED).label("used"), _sum(*RECEIVED).label("received"), _sum(*ADJUSTED).label("adjusted"))


def _within(start_ms: int, length_ms: int) -> ColumnElement[bool]:
    return (MovementRow.at_ms >= start_ms) & (MovementRow.at_ms < start_ms + length_ms)


def _flows(row: Any) -> dict[str, Value]:
    return {"used": float(-row.used), "received": float(row.received), "adjusted": float(row.adjusted)}
