# SPDX-License-Identifier: Apache-2.0
"""What may be known about devices. Keys and key identifiers are never selected."""

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from fleet.devices.tables import DeviceHealthRow, DeviceRow
from fleet.listing import Page, find_id, read_page


def newest_health_id() -> ScalarSelect[int]:
    """Of the row of DeviceRow that the statement around it selects."""
    newest = select(func.max(DeviceHealthRow.id)).where(DeviceHealthRow.device_id == DeviceRow.id)
    return newest.correlate(DeviceRow).scalar_subquery()


def list_devices(session: Session, *, limit: int, after: int | None, device: str | None) -> Page:
    """Rows of devices by id, with what each said of itself last."""
    statement = select(
        DeviceRow.id,
        DeviceRow.device,
        DeviceRow.last_seen_at_ms,
        DeviceRow.boot_count,
        DeviceRow.epoch,
        DeviceRow.plan_wanted,
        DeviceRow.plan_followed,
        DeviceRow.silence_s,
        DeviceHealthRow.received_at_ms.label("said_at_ms"),
        DeviceHealthRow.reset_cause,
        DeviceHealthRow.rssi_dbm,
        DeviceHealthRow.battery_mv,
        DeviceHealthRow.cell_faults,
    ).outerjoin(DeviceHealthRow, DeviceHealthRow.id == newest_health_id())
    if device is not None:
        statement = statement.where(DeviceRow.id == device_id(session, device))
    return read_page(session, statement, DeviceRow.id, limit=limit, after=after)


def list_health(session: Session, *, limit: int, after: int | None, newest: bool, device: str | None) -> Page:
    """Rows of what devices said of themselves, with the device's name, in the order of the log."""
    statement = select(*DeviceHealthRow.__table__.columns, DeviceRow.device).join(DeviceRow)
    if device is not None:
        statement = statement.where(DeviceHealthRow.device_id == device_id(session, device))
    return read_page(session, statement, DeviceHealthRow.id, limit=limit, after=after, newest=newest)


def device_id(session: Session, device: str) -> int:
    """The id of the device of this name. Raises UnknownNameError."""
    return find_id(session, DeviceRow.device, device, lists="devices")
