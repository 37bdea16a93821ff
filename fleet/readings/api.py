# SPDX-License-Identifier: Apache-2.0
"""GET /readings: what the devices said, unchanged, in the order of the log. GET /reading-gaps: what they lost."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from fleet.api import REFUSALS, Answer, Instant, Listing, LogQuery, Name, listing
from fleet.listing import Reader
from fleet.readings.queries import list_gaps, list_readings


class Reading(Answer):
    """One reading; (device, epoch, sequence) names it for ever."""

    id: int
    device: str
    epoch: int
    sequence: int
    boot_count: int
    channel: int
    uptime_s: int
    raw: int = Field(description="counts of the converter")
    spread: int = Field(description="peak to peak within the window, in counts of the converter")
    temp_cc: int | None = Field(description="hundredths of a degree Celsius; null: no thermometer")
    received_at: Instant = Field(validation_alias="received_at_ms")
    taken_at: Instant | None = Field(
        validation_alias="taken_at_ms",
        description="null: the device lost its power before it was heard",
    )
    taken_after: Instant | None = Field(
        validation_alias="taken_after_ms", description="where taken_at is null: not before this; null: nothing is known"
    )
    taken_before: Instant | None = Field(
        validation_alias="taken_before_ms", description="where taken_at is null: not after this; null: nothing is known"
    )


class ReadingGap(Answer):
    """Readings that a device lost, having no room; (device, epoch, sequence) names the last of them, and the gap."""

    id: int
    device: str
    epoch: int
    sequence: int
    boot_count: int
    channel: int
    uptime_s: int
    lost: int = Field(description="how many, heartbeats not counted; 65535 or more")
    received_at: Instant = Field(validation_alias="received_at_ms")
    taken_at: Instant | None = Field(
        validation_alias="taken_at_ms", description="of the last of them; null: before the device's last boot"
    )


class ReadingQuery(LogQuery):
    """Which readings, or gaps."""

    device: Name | None = None
    channel: int | None = Field(None, ge=0, le=7)


def router(read: Reader) -> APIRouter:
    """The routes about readings."""
    routes = APIRouter(tags=["readings"], responses=REFUSALS)

    @routes.get("/readings")
    def readings(query: Annotated[ReadingQuery, Query()]) -> Listing[Reading]:
        """Readings, oldest first."""
        with read() as session:
            page = list_readings(session, **dict(query))
            return listing(Reading, *page)

    @routes.get("/reading-gaps")
    def reading_gaps(query: Annotated[ReadingQuery, Query()]) -> Listing[ReadingGap]:
        """What devices lost and say so, in the order in which it came."""
        with read() as session:
            page = list_gaps(session, **dict(query))
            return listing(ReadingGap, *page)

    return routes
