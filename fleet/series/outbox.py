# SPDX-License-Identifier: Apache-2.0
"""Points on their way: put down in the transaction that made them, and gone when the store of time series has them.

Only the thread of the time series writes here.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from fleet.series.model import Point
from fleet.series.packing import pack, unpack
from fleet.series.tables import SeriesOutboxRow, SeriesRefusedRow

BATCH_POINTS = 2_000
WAITING_MAX = 2_000  # batches; above it no news is collected: what they are made of waits in its own tables
STATE_WAITING_MAX = 2 * WAITING_MAX  # above it state is not told any more either, and a moment's state is not kept
REFUSED_KEPT = 1_000

_log = logging.getLogger("kanbin.series")


@dataclass(frozen=True, slots=True)
class Packed:
    """Points ready to be put down: how many, their bytes, and the waiting batch that they are to be in now, if any."""

    points: int
    packed: bytes
    batch_id: int | None


def pack_up(session: Session, points: Sequence[Point]) -> list[Packed]:
    """Points in batches, of which the first fills up the newest that waits; packing takes longer than putting down.

    Of points of one name the last stays alone: InfluxDB would keep a field of the first that the last has not.
    """
    if not points:
        return []
    newest = session.scalars(select(SeriesOutboxRow).order_by(SeriesOutboxRow.id.desc()).limit(1)).one_or_none()
    batch_id = None
    if newest is not None and newest.points < BATCH_POINTS:
        with suppress(ValueError):  # a broken one will be kept aside by itself
            points, batch_id = [*unpack(newest.packed), *points], newest.id
    points = list({point[:3]: point for point in points}.values())
    batches = [points[first : first + BATCH_POINTS] for first in range(0, len(points), BATCH_POINTS)]
    return [Packed(len(batch), pack(batch), None if n else batch_id) for n, batch in enumerate(batches)]


def put(session: Session, batches: Sequence[Packed], now_ms: int) -> None:
    """Puts them down."""
    for batch in batches:
        values = {"points": batch.points, "packed": batch.packed}
        if batch.batch_id is None:
            session.execute(insert(SeriesOutboxRow).values(**values, made_at_ms=now_ms))
        else:
            session.execute(update(SeriesOutboxRow).where(SeriesOutboxRow.id == batch.batch_id).values(**values))


def oldest(session: Session) -> SeriesOutboxRow | None:
    """The batch to write next."""
    return session.scalars(select(SeriesOutboxRow).order_by(SeriesOutboxRow.id).limit(1)).one_or_none()


def batches_waiting(session: Session) -> int:
    """Batches that are not written yet."""
    return session.scalar(select(func.count(SeriesOutboxRow.id))) or 0


def points_waiting(session: Session) -> int:
    """Points that are not written yet."""
    return session.scalar(select(func.sum(SeriesOutboxRow.points))) or 0


def points_refused(session: Session) -> int:
    """Points in batches of which some were refused, kept aside."""
    return session.scalar(select(func.sum(SeriesRefusedRow.points))) or 0


def note_written(session: Session, batch_id: int) -> None:
    """The store has it."""
    session.execute(delete(SeriesOutboxRow).where(SeriesOutboxRow.id == batch_id))


def keep_aside(session: Session, batch_id: int, reason: str, now_ms: int) -> None:
    """The store refused some of it for good: out of the way, but not gone."""
    batch = session.get_one(SeriesOutboxRow, batch_id)
    session.add(SeriesRefusedRow(points=batch.points, packed=batch.packed, reason=reason[:2_000], refused_at_ms=now_ms))
    session.delete(batch)
    session.flush()
    newest = select(func.max(SeriesRefusedRow.id)).scalar_subquery()
    session.execute(delete(SeriesRefusedRow).where(SeriesRefusedRow.id <= newest - REFUSED_KEPT))
    _log.error(
        "alarm: the time series refused some of %d points: %s; they are kept in series_refused", batch.points, reason
    )
