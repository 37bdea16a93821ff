# SPDX-License-Identifier: Apache-2.0
"""What devices lost and say so: gaps, kept beside the log of readings and never counted by."""

import logging
from dataclasses import asdict, dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fleet.readings.model import Gap
from fleet.readings.tables import ReadingGapRow

_log = logging.getLogger(__name__)
_GAPS = cast(Table, ReadingGapRow.__table__)
_NAME = ("device_id", "epoch", "sequence")
_INSERT_NEW = {  # the one statement that the two servers' dialects in SQLAlchemy do not share
    "sqlite": sqlite.insert(_GAPS).on_conflict_do_nothing(index_elements=_NAME).returning(_GAPS.c.sequence),
    "postgresql": postgresql.insert(_GAPS).on_conflict_do_nothing(index_elements=_NAME).returning(_GAPS.c.sequence),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of gaps: new, there already, or contradicting what is there."""

    new: int
    duplicates: int
    conflicts: int


def append(session: Session, device_id: int, gaps: list[Gap], received_at_ms: int) -> Told:
    """Stores gaps of one epoch, each with a warning, once; one that contradicts what is stored is an alarm.

    A gap may have the name of a reading in the log: the device had not heard that it arrived before it lost it.
    """
    statement = _INSERT_NEW[session.get_bind().dialect.name]
    rows = [asdict(gap) | {"device_id": device_id, "received_at_ms": received_at_ms} for gap in gaps]
    new = set(session.execute(statement, rows).scalars())
    known = [gap for gap in gaps if gap.sequence not in new]
    conflicts = _find_conflicts(session, device_id, known) if known else []
    for gap in gaps:
        if gap.sequence in new:
            _log.warning(
                "device id %d lost %d readings of channel %d, having no room: epoch=%d up to sequence=%d",
                device_id,
                gap.lost,
                gap.channel,
                gap.epoch,
                gap.sequence,
            )
    for gap in conflicts:
        _log.error("alarm: device id %d sent a gap that contradicts the one stored: %s", device_id, gap)
    return Told(len(new), len(known) - len(conflicts), len(conflicts))


def forget_old(session: Session, before_ms: int, limit: int) -> int:
    """Deletes gaps received before `before_ms`; how many (call until 0)."""
    old = select(_GAPS.c.id).where(_GAPS.c.received_at_ms < before_ms).order_by(_GAPS.c.id).limit(limit)
    statement = delete(ReadingGapRow).where(ReadingGapRow.id.in_(old)).execution_options(synchronize_session=False)
    return cast(CursorResult[Any], session.execute(statement)).rowcount


def _find_conflicts(session: Session, device_id: int, known: list[Gap]) -> list[Gap]:
    names = {gap.sequence for gap in known}
    rows = session.execute(
        select(_GAPS).where(
            _GAPS.c.device_id == device_id, _GAPS.c.epoch == known[0].epoch, _GAPS.c.sequence.in_(sorted(names))
        )
    ).mappings()
    stored = {row["sequence"]: Gap(**{name: row[name] for name in Gap.__dataclass_fields__}) for row in rows}
    return [gap for gap in known if stored[gap.sequence].says() != gap.says()]
