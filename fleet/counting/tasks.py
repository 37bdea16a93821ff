# SPDX-License-Identifier: Apache-2.0
"""Tasks to count a bin by hand: raised when its scale could not for too long, closed by a stocktake or when it can."""

from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from fleet.counting.counter import STALE, UNCERTAIN
from fleet.counting.patience import COUNTED_MS, PATIENCE_MS, WELL_AGAIN_MS, is_well_again, reason_to_count
from fleet.counting.silence import stale_after_ms
from fleet.counting.tables import BinRow, CounterStateRow, CountTaskRow
from fleet.devices.tables import DeviceRow

STOCKTAKE = "stocktake"
WELL = "well"
LOOKED_AT = 1_000  # at most, each time


def look_after_bins(session: Session, now_ms: int) -> list[tuple[str, str]]:
    """Raises the tasks that are due and closes those that need nobody any more; (bin, reason) of those raised."""
    _close_well(session, now_ms)
    return _raise_due(session, now_ms)


def close_task(session: Session, bin_id: int, at_ms: int, closed_by: str = STOCKTAKE) -> None:
    """Closes the bin's open task, if there is one."""
    session.execute(
        update(CountTaskRow)
        .where(CountTaskRow.bin_id == bin_id, CountTaskRow.closed_at_ms.is_(None))
        .values(closed_at_ms=at_ms, closed_by=closed_by)
    )


def forget_old(session: Session, before_ms: int, limit: int) -> int:
    """Deletes at most `limit` tasks closed before a moment; how many."""
    doomed = select(CountTaskRow.id).where(CountTaskRow.closed_at_ms < before_ms).order_by(CountTaskRow.id).limit(limit)
    statement = delete(CountTaskRow).where(CountTaskRow.id.in_(doomed)).execution_options(synchronize_session=False)
    return cast(CursorResult[Any], session.execute(statement)).rowcount


def _close_well(session: Session, now_ms: int) -> None:
    statement = (
        select(CounterStateRow, stale_after_ms())
        .join(CountTaskRow, CountTaskRow.bin_id == CounterStateRow.bin_id)
        .join(BinRow, BinRow.id == CounterStateRow.bin_id)
        .join(DeviceRow, DeviceRow.id == BinRow.device_id)
        .where(
            CountTaskRow.closed_at_ms.is_(None),
            CounterStateRow.doubt_since_ms.is_(None),
            CounterStateRow.well_since_ms <= now_ms - WELL_AGAIN_MS,
        )
        .limit(LOOKED_AT)
    )
    for row, patience_ms in session.execute(statement).all():
        if is_well_again(row.newest_at_ms or 0, row.doubt_since_ms, row.well_since_ms, patience_ms, now_ms):
            close_task(session, row.bin_id, now_ms, WELL)


def _raise_due(session: Session, now_ms: int) -> list[tuple[str, str]]:
    is_asked = exists().where(
        CountTaskRow.bin_id == CounterStateRow.bin_id,
        or_(
            CountTaskRow.closed_at_ms.is_(None),
            (CountTaskRow.closed_by == STOCKTAKE) & (CountTaskRow.closed_at_ms > now_ms - COUNTED_MS),
        ),
    )
    statement = (
        select(CounterStateRow, BinRow.bin, stale_after_ms())
        .join(BinRow, BinRow.id == CounterStateRow.bin_id)
        .join(DeviceRow, DeviceRow.id == BinRow.device_id)
        .where(
            or_(
                (CounterStateRow.newest_at_ms <= now_ms - PATIENCE_MS[STALE])
                & (CounterStateRow.newest_at_ms <= now_ms - stale_after_ms()),
                *(
                    and_(CounterStateRow.newest_state == state, CounterStateRow.doubt_since_ms <= now_ms - patience_ms)
                    for state, patience_ms in PATIENCE_MS.items()
                ),
            ),
            ~is_asked,
        )
        .order_by(CounterStateRow.bin_id)
        .limit(LOOKED_AT)
    )
    raised = []
    for row, bin, patience_ms in session.execute(statement).all():
        state, heard_at_ms = row.newest_state or UNCERTAIN, row.newest_at_ms
        if heard_at_ms is None:
            continue
        due = reason_to_count(state, heard_at_ms, row.doubt_since_ms, patience_ms, now_ms)
        if due is not None:
            reason, since_ms = due
            session.add(CountTaskRow(bin_id=row.bin_id, reason=reason, since_ms=since_ms, raised_at_ms=now_ms))
            raised.append((bin, reason))
    session.flush()
    return raised
