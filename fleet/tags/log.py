# SPDX-License-Identifier: Apache-2.0
"""The log of tag events: append a reader's message, forget what is old and taken."""

import logging
from dataclasses import asdict, dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fleet.readings.gaps import GapLog
from fleet.tags.model import Message, TagEvent, TagGap, from_message, gaps_from_message
from fleet.tags.tables import TagCursorRow, TagEventConflictRow, TagEventRow, TagGapRow, TagPresenceRow

CONFLICTS_KEPT = 10_000
TAG_GAPS = GapLog(TagGapRow, TagGap)

_log = logging.getLogger(__name__)
_EVENTS = cast(Table, TagEventRow.__table__)
_NAME = ("device_id", "epoch", "sequence")
_INSERT_NEW = {  # the one statement that the two servers' dialects in SQLAlchemy do not share
    "sqlite": sqlite.insert(_EVENTS).on_conflict_do_nothing(index_elements=_NAME).returning(_EVENTS.c.sequence),
    "postgresql": postgresql.insert(_EVENTS).on_conflict_do_nothing(index_elements=_NAME).returning(_EVENTS.c.sequence),
}


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a message's events and gaps: new in the log, there already, or contradicting what is there."""

    stored: int
    duplicates: int
    conflicts: int


def append(session: Session, device_id: int, message: Message, received_at_ms: int) -> Appended:
    """Appends a reader's message (as wire.unpack_tags gives it) to the log; sending it again changes nothing.

    An event whose name (device, epoch, sequence) the log holds with another content raises an alarm in the log lines
    and is kept aside, so that the reader may forget it and a person can look. Gaps have a table of their own.
    """
    told = TAG_GAPS.append(session, device_id, gaps_from_message(message, received_at_ms), received_at_ms)
    events = from_message(message, received_at_ms)
    if not events:
        return Appended(told.new, told.duplicates, told.conflicts)
    rows = [_row(device_id, event, received_at_ms) for event in events]
    new = set(session.execute(_INSERT_NEW[session.get_bind().dialect.name], rows).scalars())
    known = [event for event in events if event.sequence not in new]
    conflicts = _conflicts(session, device_id, known) if known else []
    if conflicts:
        _keep_aside(session, [_row(device_id, said, received_at_ms) | {"tag_event_id": id} for id, said in conflicts])
        first = conflicts[0][1]
        _log.error(
            "alarm: device id %d sent %d tag events that contradict the log, the first is epoch=%d sequence=%d; "
            "they are kept in tag_event_conflicts",
            device_id,
            len(conflicts),
            first.epoch,
            first.sequence,
        )
    return Appended(len(new) + told.new, len(known) - len(conflicts) + told.duplicates, len(conflicts) + told.conflicts)


def forget_old(session: Session, before_ms: int, limit: int) -> int:
    """Deletes events received before a moment and taken, and stays that were over then; how many (call until 0)."""
    taken = select(func.coalesce(func.max(TagCursorRow.last_event_id), 0)).scalar_subquery()
    doomed = (
        select(TagEventRow.id)
        .where(TagEventRow.received_at_ms < before_ms, TagEventRow.id <= taken)
        .order_by(TagEventRow.id)
        .limit(limit)
    )
    over = (
        select(TagPresenceRow.id)
        .where(TagPresenceRow.is_over.is_(True), TagPresenceRow.left_at_ms < before_ms)
        .order_by(TagPresenceRow.left_at_ms)
        .limit(limit)
    )
    return max(
        _delete(session, delete(TagEventRow).where(TagEventRow.id.in_(doomed))),
        _delete(session, delete(TagPresenceRow).where(TagPresenceRow.id.in_(over))),
    )


def _conflicts(session: Session, device_id: int, known: list[TagEvent]) -> list[tuple[int, TagEvent]]:
    """Those that say something else than the logged event of their name, whose id stands before them."""
    rows = session.execute(
        select(_EVENTS).where(
            _EVENTS.c.device_id == device_id,
            _EVENTS.c.epoch == known[0].epoch,
            _EVENTS.c.sequence.in_(sorted(event.sequence for event in known)),
        )
    ).mappings()
    logged = {
        row["sequence"]: (row["id"], TagEvent(**{name: row[name] for name in TagEvent.__dataclass_fields__}))
        for row in rows
    }
    return [(logged[event.sequence][0], event) for event in known if logged[event.sequence][1].says() != event.says()]


def _keep_aside(session: Session, rows: list[dict[str, Any]]) -> None:
    """Stores them; only the newest CONFLICTS_KEPT stay."""
    session.execute(insert(TagEventConflictRow), rows)
    newest = select(func.max(TagEventConflictRow.id)).scalar_subquery()
    _delete(session, delete(TagEventConflictRow).where(TagEventConflictRow.id <= newest - CONFLICTS_KEPT))


def _delete(session: Session, statement: Any) -> int:
    gone = session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], gone).rowcount


def _row(device_id: int, event: TagEvent, received_at_ms: int) -> dict[str, Any]:
    return asdict(event) | {"device_id": device_id, "received_at_ms": received_at_ms}
