# SPDX-License-Identifier: Apache-2.0
"""Statements on the table of devices."""

from typing import Any, cast

from sqlalchemy import CursorResult, Update, case, select, update
from sqlalchemy.orm import Session

from fleet.devices.model import Device
from fleet.devices.tables import DeviceRow


def find_by_kid(session: Session, kid: bytes) -> Device | None:
    """The device whose OSCORE sender id is `kid`."""
    row = session.execute(
        select(DeviceRow.id, DeviceRow.device, DeviceRow.kid, DeviceRow.master_secret, DeviceRow.master_salt).where(
            DeviceRow.kid == kid
        )
    ).one_or_none()
    return None if row is None else Device(*row)


def mark_seen(session: Session, device: Device, at_ms: int, boot: tuple[int, int] | None) -> bool:
    """Notes when it was heard and, where given, its (boot_count, epoch). False: it is gone or has other keys."""
    values: dict[str, int] = {"last_seen_at_ms": at_ms}
    if boot is not None:
        values["boot_count"], values["epoch"] = boot
    return cast(CursorResult[Any], session.execute(_still(device).values(values))).rowcount == 1


def raise_sender_sequence(session: Session, device: Device, count: int, floor: int) -> int | None:
    """Raises the reserved sender sequence by `count`, to at least `floor + count`; what it is then, None if changed."""
    reserved = DeviceRow.sender_sequence_reserved
    return session.execute(
        _still(device)
        .values(sender_sequence_reserved=case((reserved < floor, floor), else_=reserved) + count)
        .returning(reserved)
    ).scalar_one_or_none()


def _still(device: Device) -> Update:
    """An update of the row, as long as it is the very device that was looked up."""
    return (
        update(DeviceRow)
        .where(
            DeviceRow.id == device.id,
            DeviceRow.kid == device.kid,
            DeviceRow.master_secret == device.master_secret,
            DeviceRow.master_salt == device.master_salt,
        )
        .execution_options(synchronize_session=False)
    )
