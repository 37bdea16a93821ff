# SPDX-License-Identifier: Apache-2.0
"""The log of readings, as lists."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.devices.queries import device_id
from fleet.devices.tables import DeviceRow
from fleet.listing import Page, read_page
from fleet.readings.tables import ReadingRow


def list_readings(
    session: Session, *, limit: int, after: int | None, newest: bool, device: str | None, channel: int | None
) -> Page:
    """Rows of readings with the device's name, in the order of the log."""
    statement = select(*ReadingRow.__table__.columns, DeviceRow.device).join(DeviceRow)
    if device is not None:
        statement = statement.where(ReadingRow.device_id == device_id(session, device))
    if channel is not None:
        statement = statement.where(ReadingRow.channel == channel)
    return read_page(session, statement, ReadingRow.id, limit=limit, after=after, newest=newest)
