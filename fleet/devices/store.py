# SPDX-License-Identifier: Apache-2.0
"""Statements on the table of devices."""

from typing import Any, cast

from sqlalchemy import CursorResult, LargeBinary, Table, bindparam, case, select, update
from sqlalchemy.orm import Session

from fleet.devices.model import Device
from fleet.devices.tables import DeviceRow


def find_by_kid(session: Session, kid: bytes) -> Device | None:
    """The device whose OSCORE sender id is `kid`."""
    row = session.execute(
        select(
            DeviceRow.id,
            DeviceRow.device,
            DeviceRow.kid,
            DeviceRow.master_secret,
            DeviceRow.master_salt,
            DeviceRow.oscore_id_context,
        ).where(DeviceRow.kid == kid)
    ).one_or_none()
    return None if row is None else Device(*row)


def mark_seen(
    session: Session, device: Device, at_ms: int, boot: tuple[int, int] | None
) -> tuple[int | None, int | None] | None:
    """Notes when it was heard and, where given, its (boot_count, epoch). None: it is gone or has other keys.

    Returns the versions of its sampling plan: (wanted, followed).
    """
    said = _very(device) | {"at_ms": at_ms}
    if boot is None:
        row = session.execute(_SEEN, said).one_or_none()
    else:
        row = session.execute(_SEEN_BOOTED, said | {"boot": boot[0], "its_epoch": boot[1]}).one_or_none()
    return None if row is None else (row[0], row[1])


def raise_sender_sequence(session: Session, device: Device, count: int, floor: int) -> int | None:
    """Raises the reserved sender sequence by `count`, to at least `floor + count`; what it is then, None if changed."""
    return session.execute(_RESERVED, _very(device) | {"least": floor, "count": count}).scalar_one_or_none()


def set_id_context(session: Session, device: Device, id_context: bytes) -> bool:
    """Replaces its ID context. False: it is gone, or has other keys, which another ID context makes, too."""
    result = session.execute(_RENEWED, _very(device) | {"new_context": id_context})
    return cast(CursorResult[Any], result).rowcount == 1


def _very(device: Device) -> dict[str, Any]:
    return {
        "the_id": device.id,
        "the_kid": device.kid,
        "secret": device.master_secret,
        "salt": device.master_salt,
        "the_context": device.id_context,
    }


# Built once: building them costs more than running them, and they run with every message.
_DEVICES = cast(Table, DeviceRow.__table__)
_VERY_DEVICE = update(_DEVICES).where(  # the row, as long as it is the very device that was looked up
    _DEVICES.c.id == bindparam("the_id"),
    _DEVICES.c.kid == bindparam("the_kid"),
    _DEVICES.c.master_secret == bindparam("secret"),
    _DEVICES.c.master_salt == bindparam("salt"),
    _DEVICES.c.oscore_id_context.is_not_distinct_from(bindparam("the_context", type_=LargeBinary)),
)
_RENEWED = _VERY_DEVICE.values(oscore_id_context=bindparam("new_context"))
_SEEING = _VERY_DEVICE.values(last_seen_at_ms=bindparam("at_ms"))
_PLANS = (_DEVICES.c.plan_wanted, _DEVICES.c.plan_followed)
_SEEN = _SEEING.returning(*_PLANS)
_SEEN_BOOTED = _SEEING.values(boot_count=bindparam("boot"), epoch=bindparam("its_epoch")).returning(*_PLANS)
_SEQUENCE = _DEVICES.c.sender_sequence_reserved
_RESERVED = _VERY_DEVICE.values(
    sender_sequence_reserved=case((bindparam("least") > _SEQUENCE, bindparam("least")), else_=_SEQUENCE)
    + bindparam("count")
).returning(_SEQUENCE)
