# SPDX-License-Identifier: Apache-2.0
"""How far what is collected has come; the cursors move in the transaction that puts the points down."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.series.tables import SeriesCursorRow

COUNTS, MOVEMENTS, HEALTH_MINUTE, HOUR = "counts", "movements", "health_minute", "hour"


def at(session: Session, name: str) -> int | None:
    """Where a cursor stands; None when it has not moved yet."""
    return session.scalar(select(SeriesCursorRow.value).where(SeriesCursorRow.name == name))


def move(session: Session, name: str, value: int) -> None:
    """Puts a cursor somewhere."""
    session.merge(SeriesCursorRow(name=name, value=value))
