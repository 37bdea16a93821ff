# SPDX-License-Identifier: Apache-2.0
"""What may be known about devices. Keys and key identifiers are never selected."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.devices.tables import DeviceRow
from fleet.listing import Page, find_id, read_page


def list_devices(session: Session, *, limit: int, after: int | None, device: str | None) -> Page:
    """Rows of (id, device, last_seen_at_ms, boot_count, epoch), by id."""
    statement = select(DeviceRow.id, DeviceRow.device, DeviceRow.last_seen_at_ms, DeviceRow.boot_count, DeviceRow.epoch)
    if device is not None:
        statement = statement.where(DeviceRow.id == device_id(session, device))
    return read_page(session, statement, DeviceRow.id, limit=limit, after=after)


def device_id(session: Session, device: str) -> int:
    """The id of the device of this name. Raises UnknownNameError."""
    return find_id(session, DeviceRow.device, device, lists="devices")
