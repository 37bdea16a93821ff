# SPDX-License-Identifier: Apache-2.0
"""GET /series/state and /series/refused: whether the time series keep up, and what their store would not take."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from fleet.api import REFUSALS, Answer, Instant, Listing, LogQuery, listing
from fleet.listing import Reader
from fleet.series import outbox
from fleet.series.queries import list_refused, waiting


class SeriesState(Answer):
    """How the time series keep up. Counting, stock and orders do not wait for them."""

    is_down: bool = Field(description="true: the store did not take the last points; it is tried again by itself")
    points_waiting: int = Field(description="made and not written yet; they are on disk")
    waiting_since: Instant | None = Field(description="when the oldest of them were made; null: none waits")
    points_refused: int = Field(description="in batches of which the store refused some, kept aside")


class RefusedBatch(Answer):
    """Points of which the store will never take some; the newest 1,000 batches are kept."""

    id: int
    points: int
    reason: str = Field(description="in the store's own words")
    refused_at: Instant = Field(validation_alias="refused_at_ms")


def router(read: Reader, is_down: Callable[[], bool]) -> APIRouter:
    """The routes about the time series themselves."""
    routes = APIRouter(tags=["series"], responses=REFUSALS)

    @routes.get("/series/state")
    def series_state() -> SeriesState:
        """Whether points wait or were refused."""
        with read() as session:
            points, since_ms = waiting(session)
            refused = outbox.points_refused(session)
        return SeriesState.model_validate(
            {
                "is_down": is_down(),
                "points_waiting": points,
                "waiting_since": since_ms,
                "points_refused": refused,
            }
        )

    @routes.get("/series/refused")
    def series_refused(query: Annotated[LogQuery, Query()]) -> Listing[RefusedBatch]:
        """Batches of points that were refused, oldest first."""
        with read() as session:
            return listing(RefusedBatch, *list_refused(session, **dict(query)))

    return routes
