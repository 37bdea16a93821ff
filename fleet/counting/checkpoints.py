# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of counting, one a day and bin: whatever came later can be counted again, what came before may go."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from fleet.counting.memory import Memory, read_memory
from fleet.counting.tables import (
    CounterCheckpointRow,
    CounterSetupRow,
    CounterStateRow,
    CountRow,
    EvidenceRow,
    RecountRow,
)
from fleet.counting.tally import Tally
from fleet.readings.tables import ReadingRow

CHECKPOINT_EVERY_MS = 86_400_000


def is_due(checkpoint_at_ms: int | None, newest_at_ms: int | None) -> bool:
    """Whether a bin whose newest count is of this moment needs another checkpoint."""
    if newest_at_ms is None:
        return False
    return checkpoint_at_ms is None or newest_at_ms - checkpoint_at_ms >= CHECKPOINT_EVERY_MS


def newest_counts(session: Session, bin_ids: Iterable[int]) -> dict[int, int]:
    """The id of the newest count of each of these bins; 0 where there is none."""
    newest = {}
    for bin_id in bin_ids:  # one descent of the index each, which a grouping would not be
        newest[bin_id] = session.scalar(select(func.max(CountRow.id)).where(CountRow.bin_id == bin_id)) or 0
    return newest


def add(session: Session, bin_id: int, count_id: int, at_ms: int, tally: Tally, *, staged: bool = False) -> None:
    """Puts down all that a tally remembers after a count."""
    _insert(session, bin_id, count_id, at_ms, tally, begins=False, staged=staged)


def add_beginning(session: Session, bin_id: int, count_id: int, at_ms: int) -> None:
    """Puts down that the bin's counting begins after this count, with nothing remembered."""
    _insert(session, bin_id, count_id, at_ms, Tally(), begins=True, staged=False)


def base_of(session: Session, bin_id: int, count_id: int) -> CounterCheckpointRow | None:
    """The newest checkpoint before a count, None when there is none any more."""
    statement = (
        select(CounterCheckpointRow)
        .where(
            CounterCheckpointRow.bin_id == bin_id,
            CounterCheckpointRow.count_id < count_id,
            ~CounterCheckpointRow.staged,
        )
        .order_by(CounterCheckpointRow.count_id.desc(), CounterCheckpointRow.id.desc())
        .limit(1)
    )
    return session.scalars(statement).one_or_none()


def tally_at(row: CounterCheckpointRow | RecountRow) -> Tally:
    """The tally as it was."""
    return Tally(read_memory(row.state), row.counter, row.pieces)


def put(row: CounterCheckpointRow | RecountRow, tally: Tally) -> None:
    """Puts down all that a tally remembers."""
    row.state, row.counter, row.pieces = tally.memory.to_json(), tally.dump(), tally.pieces


def close_silent(session: Session, before_ms: int, limit: int) -> int:
    """Makes the last checkpoint of bins not heard since a moment, so that they hold nothing back; how many."""
    statement = (
        select(CounterStateRow)
        .where(
            CounterStateRow.newest_at_ms < before_ms,
            or_(
                CounterStateRow.checkpoint_at_ms.is_(None),
                CounterStateRow.checkpoint_at_ms < CounterStateRow.newest_at_ms,
            ),
        )
        .limit(limit)
    )
    rows = session.scalars(statement).all()
    newest = newest_counts(session, [row.bin_id for row in rows])
    for row in rows:
        tally = Tally(read_memory(row.state), row.counter, row.pieces)
        add(session, row.bin_id, newest[row.bin_id], row.newest_at_ms or 0, tally)
        row.checkpoint_at_ms = row.newest_at_ms
    session.flush()
    return len(rows)


def may_go(of: type[ReadingRow] | type[EvidenceRow], before_ms: int) -> ColumnElement[bool]:
    """The condition on readings, or evidence, that nothing after a moment needs: a checkpoint before it is behind them.

    Nor while they are being counted again.
    """
    column = CountRow.reading_id if of is ReadingRow else CountRow.evidence_id
    behind = (
        select(func.max(CounterCheckpointRow.count_id))
        .where(
            CounterCheckpointRow.bin_id == CountRow.bin_id,
            CounterCheckpointRow.at_ms <= before_ms,
            ~CounterCheckpointRow.staged,
        )
        .correlate(CountRow)
        .scalar_subquery()
    )
    is_recounted = exists().where(RecountRow.bin_id == CountRow.bin_id, RecountRow.phase != "done")
    is_needed = (
        select(CountRow.id)
        .where(column == of.id, or_(CountRow.id > func.coalesce(behind, 0), is_recounted.correlate(CountRow)))
        .correlate(of)
        .exists()
    )
    return ~is_needed


def forget_old(session: Session, before_ms: int, limit: int) -> int:
    """Deletes at most `limit` checkpoints that nothing after a moment needs, and setups of readings gone; how many."""
    newer = aliased(CounterCheckpointRow)
    has_newer = (
        select(newer.id)
        .where(
            newer.bin_id == CounterCheckpointRow.bin_id,
            newer.at_ms <= before_ms,
            ~newer.staged,
            or_(
                newer.count_id > CounterCheckpointRow.count_id,
                and_(newer.count_id == CounterCheckpointRow.count_id, newer.id > CounterCheckpointRow.id),
            ),
        )
        .exists()
    )
    is_recounted = exists().where(RecountRow.bin_id == CounterCheckpointRow.bin_id, RecountRow.phase != "done")
    doomed = (
        select(CounterCheckpointRow.id)
        .where(CounterCheckpointRow.at_ms < before_ms, ~CounterCheckpointRow.staged, has_newer, ~is_recounted)
        .order_by(CounterCheckpointRow.id)
        .limit(limit)
    )
    gone = _delete(session, CounterCheckpointRow, CounterCheckpointRow.id.in_(doomed))
    is_of_reading = exists().where(ReadingRow.id == CounterSetupRow.from_reading_id)
    orphans = select(CounterSetupRow.id).where(~is_of_reading).limit(limit)
    return max(gone, _delete(session, CounterSetupRow, CounterSetupRow.id.in_(orphans)))


def _insert(
    session: Session, bin_id: int, count_id: int, at_ms: int, tally: Tally, *, begins: bool, staged: bool
) -> None:
    memory: Memory = tally.memory
    values = {
        "bin_id": bin_id,
        "count_id": count_id,
        "at_ms": at_ms,
        "begins": begins,
        "staged": staged,
        "state": memory.to_json(),
        "counter": tally.dump(),
        "pieces": tally.pieces,
    }
    session.execute(insert(CounterCheckpointRow).values(values))


def _delete(session: Session, table: Any, condition: ColumnElement[bool]) -> int:
    statement = delete(table).where(condition).execution_options(synchronize_session=False)
    return cast(CursorResult[Any], session.execute(statement)).rowcount
