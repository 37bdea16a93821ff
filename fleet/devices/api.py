# SPDX-License-Identifier: Apache-2.0
"""GET /devices and /device-health: who reports, and how they are. Keys never leave the server."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field

from fleet.api import REFUSALS, Answer, Instant, Listing, ListQuery, LogQuery, Name, listing
from fleet.devices.queries import list_devices, list_health
from fleet.listing import Reader

# As firmware/wire/health.cddl numbers them, which is how MicroPython does on an ESP32 (ports/esp32/modmachine.c).
_RESET_CAUSES = {1: "power_on", 2: "program", 3: "watchdog", 4: "deep_sleep", 5: "console"}
_FAULTS = {0: "ok", 1: "no_chip", 2: "frame", 3: "stuck", 4: "saturated", 5: "open_bridge"}

ResetCause = Annotated[
    Literal["power_on", "program", "watchdog", "deep_sleep", "console", "other"] | None,
    BeforeValidator(lambda value: None if value is None else _RESET_CAUSES.get(value, "other")),
    Field(
        description="why it started: power_on is the reset pin and a brown-out too, program a panic too, console a soft"
        " reset; null: it has not said"
    ),
]


class Cell(Answer):
    """How one cell of a device is."""

    channel: int
    fault: Literal["ok", "no_chip", "frame", "stuck", "saturated", "open_bridge", "other"]


def _cells(pairs: list[list[int]] | None) -> list[dict[str, Any]] | None:
    if pairs is None:
        return None
    return [{"channel": channel, "fault": _FAULTS.get(code, "other")} for channel, code in pairs]


Cells = Annotated[list[Cell] | None, BeforeValidator(_cells), Field(description="null: it has not said")]


class Device(Answer):
    """One device."""

    id: int
    device: str
    last_seen_at: Instant | None = Field(validation_alias="last_seen_at_ms", description="null: never heard of")
    boot_count: int | None
    epoch: int | None
    plan_wanted: int | None = Field(description="version of the sampling plan it is to follow; null: its own settings")
    plan_followed: int | None = Field(description="the one it says it follows, 0 its own settings; null: not said")
    silence_s: int | None = Field(description="it sleeps, and is heard at least this often; 0: it does not sleep")
    said_at: Instant | None = Field(validation_alias="said_at_ms", description="when it last told how it is")
    reset_cause: ResetCause
    rssi_dbm: int | None
    battery_mv: int | None
    cell_faults: Cells


class DeviceHealth(Answer):
    """What a device said of itself once; what it could not tell is null."""

    id: int
    device: str
    received_at: Instant = Field(validation_alias="received_at_ms")
    epoch: int
    boot_count: int
    uptime_s: int
    reset_cause: ResetCause
    plan_version: int | None
    free_heap_bytes: int | None
    free_flash_bytes: int | None
    flash_writes: int | None = Field(description="since its start")
    rssi_dbm: int | None
    battery_mv: int | None
    dropped: int | None = Field(description="readings lost since its start: its flash was full, or could not be read")
    rejected: int | None = Field(description="readings that the fleet refused for good, since its start")
    flash_errors: int | None = Field(description="what its flash failed to do since its start; 65535: as much, or more")
    silence_s: int | None = Field(description="it sleeps, and is heard at least this often; 0: it does not sleep")
    cell_faults: Cells
    traceback: str | None = Field(description="of its last crash, the end of it")


class DeviceQuery(ListQuery):
    """Which devices."""

    device: Name | None = None


class HealthQuery(LogQuery):
    """Whose records."""

    device: Name | None = None


def router(read: Reader) -> APIRouter:
    """The routes about devices."""
    routes = APIRouter(tags=["devices"], responses=REFUSALS)

    @routes.get("/devices")
    def devices(query: Annotated[DeviceQuery, Query()]) -> Listing[Device]:
        """Devices, in the order in which they came to the fleet."""
        with read() as session:
            page = list_devices(session, **dict(query))
            return listing(Device, *page)

    @routes.get("/device-health")
    def health(query: Annotated[HealthQuery, Query()]) -> Listing[DeviceHealth]:
        """What devices said of themselves, oldest first."""
        with read() as session:
            page = list_health(session, **dict(query))
            return listing(DeviceHealth, *page)

    return routes
