# SPDX-License-Identifier: Apache-2.0
"""What devices say of themselves: each record once, some hundreds of a device; the newest says what it goes by."""

from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fleet.devices.tables import DeviceHealthRow, DeviceRow

RECORDS_KEPT = 400  # of a device: a year of days, and some starts

_RECORDS = cast(Table, DeviceHealthRow.__table__)
_NAME = ("device_id", "epoch", "boot_count", "uptime_s")
_INSERT_NEW = {
    "sqlite": sqlite.insert(_RECORDS).on_conflict_do_nothing(index_elements=_NAME),
    "postgresql": postgresql.insert(_RECORDS).on_conflict_do_nothing(index_elements=_NAME),
}
_OPTIONAL = {column.name: None for column in _RECORDS.columns if column.nullable}


def record(session: Session, device_id: int, said: dict[str, Any], received_at_ms: int) -> None:
    """Keeps a record as wire.unpack_health gives it; told again, it changes nothing."""
    row = _OPTIONAL | said | {"device_id": device_id, "received_at_ms": received_at_ms}
    row["cell_faults"] = [list(pair) for pair in said["cell_faults"]] if "cell_faults" in said else None
    session.execute(_INSERT_NEW[session.get_bind().dialect.name], row)
    oldest_kept = (
        select(DeviceHealthRow.id)
        .where(DeviceHealthRow.device_id == device_id)
        .order_by(DeviceHealthRow.id.desc())
        .offset(RECORDS_KEPT - 1)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        delete(DeviceHealthRow)
        .where(DeviceHealthRow.device_id == device_id, DeviceHealthRow.id < oldest_kept)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(DeviceRow)
        .where(DeviceRow.id == device_id)
        .values(plan_followed=said.get("plan_version"), silence_s=said.get("silence_s"))
        .execution_options(synchronize_session=False)
    )
