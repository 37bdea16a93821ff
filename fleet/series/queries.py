# SPDX-License-Identifier: Apache-2.0
"""How the time series keep up: what waits, and what was refused."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.listing import Page, read_page
from fleet.series import outbox
from fleet.series.tables import SeriesOutboxRow, SeriesRefusedRow


def waiting(session: Session) -> tuple[int, int | None]:
    """Points that are not written yet, and when the oldest of them were made."""
    oldest = session.scalar(select(SeriesOutboxRow.made_at_ms).order_by(SeriesOutboxRow.id).limit(1))
    return outbox.points_waiting(session), oldest


def list_refused(session: Session, *, limit: int, after: int | None, newest: bool) -> Page:
    """Rows of (id, points, reason, refused_at_ms) of refused batches, by id."""
    columns = (
        SeriesRefusedRow.id,
        SeriesRefusedRow.points,
        SeriesRefusedRow.reason,
        SeriesRefusedRow.refused_at_ms,
    )
    return read_page(session, select(*columns), SeriesRefusedRow.id, limit=limit, after=after, newest=newest)
