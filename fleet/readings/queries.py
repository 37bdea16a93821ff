# SPDX-License-Identifier: Apache-2.0
"""The log of readings, and its gaps, as lists."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.devices.queries import device_id
from fleet.devices.tables import DeviceRow
from fleet.listing import Page, read_page
from fleet.readings.tables import ReadingGapRow, ReadingRow


def list_readings(
    session: Session, *, limit: int, after: int | None, newest: bool, device: str | None, channel: int | None
) -> Page:
    """Rows of readings with the device's name, in the order of the log."""
    return _list(ReadingRow, session, limit=limit, after=after, newest=newest, device=device, channel=channel)


def list_gaps(
    session: Session, *, limit: int, after: int | None, newest: bool, device: str | None, channel: int | None
) -> Page:
    """Rows of gaps with the device's name, in the order in which they came."""
    return _list(ReadingGapRow, session, limit=limit, after=after, newest=newest, device=device, channel=channel)


def _list(
    table: type[ReadingRow] | type[ReadingGapRow],
    session: Session,
    *,
    limit: int,
    after: int | None,
    newest: bool,
    device: str | None,
    channel: int | None,
) -> Page:
    statement = select(*table.__table__.columns, DeviceRow.device).join(DeviceRow)
    if device is not None:
        statement = statement.where(table.device_id == device_id(session, device))
    if channel is not None:
        statement = statement.where(table.channel == channel)
    return read_page(session, statement, table.id, limit=limit, after=after, newest=newest)
