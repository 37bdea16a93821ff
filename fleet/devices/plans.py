# SPDX-License-Identifier: Apache-2.0
"""What one does with sampling plans: set one, and find what a device is still to be told."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet.devices.plan import SamplingPlan
from fleet.devices.queries import device_id
from fleet.devices.tables import DeviceRow, SamplingPlanRow


class FollowsNoneError(ValueError):
    """This device follows no plan; the text says what to do instead."""


def set_plan(session: Session, device_id: int, plan: SamplingPlan, at_ms: int) -> int:
    """Makes this the plan of a device; its version. The plan it has already is not given another version.

    Raises FollowsNoneError for one that was heard and does not say which plan it follows.
    """
    device = session.get_one(DeviceRow, device_id)
    if device.last_seen_at_ms is not None and device.plan_followed is None:
        raise FollowsNoneError(
            f'"{device.device}" was heard and has not said which sampling plan it follows: a bin says so at its start '
            "and once a day, readers of tags and most devices that speak SenML never; set those up on the device itself"
        )
    if device.plan_wanted is not None and read_plan(session, device_id, device.plan_wanted) == plan:
        return device.plan_wanted
    newest = session.scalar(select(func.max(SamplingPlanRow.version)).where(SamplingPlanRow.device_id == device_id))
    version = (newest or 0) + 1
    session.add(
        SamplingPlanRow(
            device_id=device_id,
            version=version,
            heartbeat_s=plan.heartbeat_s,
            settle_s=plan.settle_s,
            sample_ms=plan.sample_ms,
            sleep_s=plan.sleep_s,
            report_s=plan.report_s,
            change_counts=list(plan.change_counts),
            set_at_ms=at_ms,
        )
    )
    device.plan_wanted = version
    session.flush()
    return version


def read_plan(session: Session, device_id: int, version: int) -> SamplingPlan:
    """A version of a device's plan."""
    row = session.get_one(SamplingPlanRow, (device_id, version))
    return SamplingPlan(
        row.heartbeat_s, row.settle_s, row.sample_ms, row.sleep_s, row.report_s, tuple(row.change_counts)
    )


def find_plan(session: Session, device: str) -> Any:
    """The plan that the device of this name is to follow, as a row with its name; None when it goes by its settings.

    Raises UnknownNameError.
    """
    statement = (
        select(
            *SamplingPlanRow.__table__.columns,
            DeviceRow.device,
            (func.coalesce(DeviceRow.plan_followed, 0) == SamplingPlanRow.version).label("is_followed"),
        )
        .join(DeviceRow, DeviceRow.id == SamplingPlanRow.device_id)
        .where(DeviceRow.id == device_id(session, device), SamplingPlanRow.version == DeviceRow.plan_wanted)
    )
    return session.execute(statement).one_or_none()


def news(session: Session, device_id: int) -> bytes:
    """The payload of a reply to a device: the plan it is to follow; nothing if it does, or follows none."""
    wanted, followed = session.execute(
        select(DeviceRow.plan_wanted, DeviceRow.plan_followed).where(DeviceRow.id == device_id)
    ).one()
    if wanted is None or followed is None or wanted == followed:
        return b""
    return read_plan(session, device_id, wanted).news(wanted)
