# SPDX-License-Identifier: Apache-2.0
"""What devices lost and say so: gaps, kept beside the log that they are gaps of, and never counted by."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol, cast

from sqlalchemy import CursorResult, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fleet.db import Base
from fleet.readings.model import Gap
from fleet.readings.tables import ReadingGapRow

_log = logging.getLogger(__name__)
_NAME = ("device_id", "epoch", "sequence")


class Lost(Protocol):
    """A gap: a dataclass with the columns of its table, but for the device and the time of arrival."""

    @property
    def epoch(self) -> int:
        """With the sequence it names the last of what was lost."""
        ...

    @property
    def sequence(self) -> int:
        """See `epoch`."""
        ...

    def says(self) -> tuple[Any, ...]:
        """What must be the same whenever the same gap is sent again."""
        ...

    def what(self) -> str:
        """What was lost, in words."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """What became of gaps: new, there already, or contradicting what is there."""

    new: int
    duplicates: int
    conflicts: int


class GapLog:
    """The gaps of one kind, in a table; `kind` makes one of its columns."""

    def __init__(self, table: type[Base], kind: Any) -> None:
        self._gaps = cast(Table, table.__table__)
        self._kind = kind
        self._insert_new = {  # the one statement that the two servers' dialects in SQLAlchemy do not share
            name: dialect.insert(self._gaps)
            .on_conflict_do_nothing(index_elements=_NAME)
            .returning(self._gaps.c.sequence)
            for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
        }

    def append(self, session: Session, device_id: int, gaps: Sequence[Lost], received_at_ms: int) -> Told:
        """Stores gaps of one epoch, each with a warning, once; one that contradicts what is stored is an alarm.

        A gap may have the name of what is in the log: the device had not heard that it arrived before it lost it.
        """
        if not gaps:
            return Told(0, 0, 0)
        statement = self._insert_new[session.get_bind().dialect.name]
        rows = [asdict(cast(Any, gap)) | {"device_id": device_id, "received_at_ms": received_at_ms} for gap in gaps]
        new = set(session.execute(statement, rows).scalars())
        known = [gap for gap in gaps if gap.sequence not in new]
        conflicts = self._find_conflicts(session, device_id, known) if known else []
        for gap in gaps:
            if gap.sequence in new:
                _log.warning(
                    "device id %d lost %s, having no room: epoch=%d up to sequence=%d",
                    device_id,
                    gap.what(),
                    gap.epoch,
                    gap.sequence,
                )
        for gap in conflicts:
            _log.error("alarm: device id %d sent a gap that contradicts the one stored: %s", device_id, gap)
        return Told(len(new), len(known) - len(conflicts), len(conflicts))

    def forget_old(self, session: Session, before_ms: int, limit: int) -> int:
        """Deletes gaps received before `before_ms`; how many (call until 0)."""
        gaps = self._gaps
        old = select(gaps.c.id).where(gaps.c.received_at_ms < before_ms).order_by(gaps.c.id).limit(limit)
        return cast(CursorResult[Any], session.execute(delete(gaps).where(gaps.c.id.in_(old)))).rowcount

    def _find_conflicts(self, session: Session, device_id: int, known: Sequence[Lost]) -> list[Lost]:
        gaps = self._gaps
        names = {gap.sequence for gap in known}
        rows = session.execute(
            select(gaps).where(
                gaps.c.device_id == device_id, gaps.c.epoch == known[0].epoch, gaps.c.sequence.in_(sorted(names))
            )
        ).mappings()
        columns = [field.name for field in fields(self._kind)]
        stored = {row["sequence"]: self._kind(**{name: row[name] for name in columns}) for row in rows}
        return [gap for gap in known if stored[gap.sequence].says() != gap.says()]


READING_GAPS = GapLog(ReadingGapRow, Gap)
