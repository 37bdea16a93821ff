# SPDX-License-Identifier: Apache-2.0
"""GET /devices: who reports, and when last. Keys never leave the server."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from fleet.api import REFUSALS, Answer, Instant, Listing, ListQuery, Name, listing
from fleet.devices.queries import list_devices
from fleet.listing import Reader


class Device(Answer):
    """One device."""

    id: int
    device: str
    last_seen_at: Instant | None = Field(validation_alias="last_seen_at_ms", description="null: never heard of")
    boot_count: int | None
    epoch: int | None


class DeviceQuery(ListQuery):
    """Which devices."""

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

    return routes
