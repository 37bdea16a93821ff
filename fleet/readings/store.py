# SPDX-License-Identifier: Apache-2.0
"""Statements on the log of readings."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fleet.readings.model import Reading
from fleet.readings.tables import ReadingConflictRow, ReadingRow

_LOG = cast(Table, ReadingRow.__table__)
IDS_AT_ONCE = 500
_NAME = ("device_id", "epoch", "sequence")
_INSERT_NEW = {  # the one statement that the two servers' dialects in SQLAlchemy do not share
    "sqlite": sqlite.insert(_LOG).on_conflict_do_nothing(index_elements=_NAME).returning(_LOG.c.sequence),
    "postgresql": postgresql.insert(_LOG).on_conflict_do_nothing(index_elements=_NAME).returning(_LOG.c.sequence),
}


def insert_new(session: Session, device_id: int, readings: Iterable[Reading], received_at_ms: int) -> set[int]:
    """Appends those whose name is not in the log yet, in their order; the sequences of those it appended."""
    statement = _INSERT_NEW[session.get_bind().dialect.name]
    rows = [_row(device_id, reading, received_at_ms) for reading in readings]
    return set(session.execute(statement, rows).scalars())


def find_logged(session: Session, device_id: int, epoch: int, sequences: set[int]) -> dict[int, tuple[int, Reading]]:
    """What the log holds under these names: sequence to (reading id, reading)."""
    rows = session.execute(
        select(_LOG).where(_LOG.c.device_id == device_id, _LOG.c.epoch == epoch, _LOG.c.sequence.in_(sorted(sequences)))
    ).mappings()
    return {
        row["sequence"]: (row["id"], Reading(**{name: row[name] for name in Reading.__dataclass_fields__}))
        for row in rows
    }


def keep_aside(
    session: Session, device_id: int, conflicts: list[tuple[int, Reading]], received_at_ms: int, keep: int
) -> None:
    """Stores readings that contradict the logged one whose id stands beside them; only the newest `keep` stay."""
    rows = [_row(device_id, said, received_at_ms) | {"reading_id": reading_id} for reading_id, said in conflicts]
    session.execute(insert(ReadingConflictRow), rows)
    newest = select(func.max(ReadingConflictRow.id)).scalar_subquery()
    session.execute(
        delete(ReadingConflictRow)
        .where(ReadingConflictRow.id <= newest - keep)
        .execution_options(synchronize_session=False)
    )


def find_old(
    session: Session, before_ms: int, up_to_id: int, limit: int, may_go: ColumnElement[bool] | None
) -> list[int]:
    """The ids of at most `limit` readings received before `before_ms`, up to an id, on which the condition holds."""
    statement = (
        select(ReadingRow.id)
        .where(ReadingRow.received_at_ms < before_ms, ReadingRow.id <= up_to_id)
        .order_by(ReadingRow.id)
        .limit(limit)
    )
    return list(session.scalars(statement if may_go is None else statement.where(may_go)))


def delete_readings(session: Session, ids: Sequence[int]) -> int:
    """Deletes readings by their ids; how many it were."""
    gone = 0
    for start in range(0, len(ids), IDS_AT_ONCE):
        doomed = ReadingRow.id.in_(ids[start : start + IDS_AT_ONCE])
        statement = delete(ReadingRow).where(doomed).execution_options(synchronize_session=False)
        gone += cast(CursorResult[Any], session.execute(statement)).rowcount
    return gone


def _row(device_id: int, reading: Reading, received_at_ms: int) -> dict[str, Any]:
    return asdict(reading) | {"device_id": device_id, "received_at_ms": received_at_ms}
