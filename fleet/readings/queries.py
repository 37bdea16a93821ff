# SPDX-License-Identifier: Apache-2.0
"""The log of readings, and its gaps, as lists."""

from typing import Any

from sqlalchemy import Select, and_, case, select
from sqlalchemy.orm import Session

from fleet.devices.queries import device_id
from fleet.devices.tables import DeviceRow
from fleet.listing import Page, read_page
from fleet.readings.tables import DeviceBootRow, ReadingGapRow, ReadingRow

# A second of the boot's own clock is at least so many microseconds; its last reading was taken within a second of it.
_SHORTEST_US = 1_000_000 + DeviceBootRow.slow_ppb // 1000 - DeviceBootRow.off_ppm
_AFTER_MS = DeviceBootRow.began_after_ms + ReadingRow.uptime_s * _SHORTEST_US // 1000
_BEFORE_MS = (
    DeviceBootRow.ended_before_ms - (DeviceBootRow.uptime_s - ReadingRow.uptime_s) * _SHORTEST_US // 1000 + 1000
)
_UNTIMED = ReadingRow.taken_at_ms.is_(None)
_BOUNDS = (
    case((_UNTIMED, _AFTER_MS)).label("taken_after_ms"),
    case((_UNTIMED, _BEFORE_MS)).label("taken_before_ms"),
)
_OF_ITS_BOOT = and_(
    DeviceBootRow.device_id == ReadingRow.device_id,
    DeviceBootRow.epoch == ReadingRow.epoch,
    DeviceBootRow.boot_count == ReadingRow.boot_count,
)


def list_readings(
    session: Session, *, limit: int, after: int | None, newest: bool, device: str | None, channel: int | None
) -> Page:
    """Rows of readings with the device's name, and with the bounds of their times where these are not known."""
    columns = (*ReadingRow.__table__.columns, DeviceRow.device, *_BOUNDS)
    statement = select(*columns).select_from(ReadingRow).join(DeviceRow).outerjoin(DeviceBootRow, _OF_ITS_BOOT)
    return _list(
        ReadingRow, statement, session, limit=limit, after=after, newest=newest, device=device, channel=channel
    )


def list_gaps(
    session: Session, *, limit: int, after: int | None, newest: bool, device: str | None, channel: int | None
) -> Page:
    """Rows of gaps with the device's name, in the order in which they came."""
    statement = select(*ReadingGapRow.__table__.columns, DeviceRow.device).join(DeviceRow)
    return _list(
        ReadingGapRow, statement, session, limit=limit, after=after, newest=newest, device=device, channel=channel
    )


def _list(
    table: type[ReadingRow] | type[ReadingGapRow],
    statement: Select[*tuple[Any, ...]],
    session: Session,
    *,
    limit: int,
    after: int | None,
    newest: bool,
    device: str | None,
    channel: int | None,
) -> Page:
    if device is not None:
        statement = statement.where(table.device_id == device_id(session, device))
    if channel is not None:
        statement = statement.where(table.channel == channel)
    return read_page(session, statement, table.id, limit=limit, after=after, newest=newest)
