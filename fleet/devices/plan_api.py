# SPDX-License-Identifier: Apache-2.0
"""GET and PUT /devices/{device}/plan: how often a device is to weigh and report."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Any

import wire.plan
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from fleet.api import REFUSALS, Answer, Instant, Name, Refusal
from fleet.clock import Clock
from fleet.devices.plan import SamplingPlan
from fleet.devices.plans import find_plan, set_plan
from fleet.devices.queries import device_id
from fleet.listing import Reader

Writer = Callable[[], AbstractContextManager[Session]]
"""Opens a session in a write transaction: `fleet.db.write` with its engine filled in."""

_RANGES = {field[0]: field[1:3] for field in (*wire.plan.FIELDS, wire.plan.CHANGE_COUNTS)}
_DEFAULT = SamplingPlan()


def _within(name: str, description: str) -> Any:
    least, greatest = _RANGES[name]
    return Field(getattr(_DEFAULT, name), ge=least, le=greatest, description=description)


Counts = Annotated[int, Field(ge=_RANGES["change_counts"][0], le=_RANGES["change_counts"][1])]


class Sampling(BaseModel):
    """A sampling plan; what is left out has the usual value."""

    model_config = ConfigDict(extra="forbid", strict=True)

    heartbeat_s: int = _within("heartbeat_s", "a reading at least this often")
    settle_s: int = _within("settle_s", "a reading each second until this long after a movement")
    sample_ms: int = _within("sample_ms", "between two looks at a cell")
    sleep_s: int | None = _within("sleep_s", "between two looks of a device that sleeps; 0: never; null: as it is set")
    report_s: int | None = _within("report_s", "between two reports of a device that sleeps; null: as it is set")
    change_counts: list[Counts | None] = Field(
        [], max_length=wire.plan.CHANNELS_MAX, description="for each channel from 0 on; null: as the device is set"
    )

    def plan(self) -> SamplingPlan:
        """The same for the fleet."""
        return SamplingPlan(**dict(self) | {"change_counts": tuple(self.change_counts)})


class Plan(Answer):
    """A device's sampling plan."""

    device: str
    version: int
    set_at: Instant = Field(validation_alias="set_at_ms")
    is_followed: bool = Field(description="whether the device has said that it follows this version")
    heartbeat_s: int
    settle_s: int
    sample_ms: int
    sleep_s: int | None
    report_s: int | None
    change_counts: list[int | None]


Device = Annotated[Name, Path(description="the device's name")]
_REFUSALS: dict[int | str, dict[str, Any]] = REFUSALS | {
    403: {"model": Refusal, "description": "A page of another host asks"},
    404: {"model": Refusal, "description": "There is no such device"},
    409: {"model": Refusal, "description": "The device follows no plan"},
    413: {"model": Refusal, "description": "The body is too long"},
}


def router(read: Reader, write: Writer, clock: Clock) -> APIRouter:
    """The routes about sampling plans."""
    routes = APIRouter(tags=["devices"], responses=_REFUSALS)

    @routes.get("/devices/{device}/plan")
    def plan(device: Device) -> Plan | None:
        """The plan that a device is to follow; null when it goes by its own settings."""
        with read() as session:
            found = find_plan(session, device)
            return None if found is None else Plan.model_validate(found)

    @routes.put("/devices/{device}/plan")
    def put_plan(device: Device, body: Sampling) -> Plan:
        """Gives a device this plan: it is told with the next reply, and follows it from then on."""
        with write() as session:
            set_plan(session, device_id(session, device), body.plan(), clock.now_ms())
            return Plan.model_validate(find_plan(session, device))

    return routes
