# SPDX-License-Identifier: Apache-2.0
"""GET /series/item: how one item stood at its place over the last days."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from fleet.api import REFUSALS, Answer, Instant, ListQuery, Name, Refusal
from fleet.clock import Clock
from fleet.series.model import TimeSeriesStore
from fleet.web.series_queries import (
    DAYS_MAX,
    Row,
    Tags,
    first_day_ms,
    flows_by_day,
    kept,
    stock_over_time,
)


class ItemSeriesQuery(BaseModel):
    """Which item at which place, and of how many days."""

    model_config = ListQuery.model_config

    customer: Name
    site: Name
    stocking_location: Name
    item: Name
    days: int = Field(90, ge=1, le=DAYS_MAX, description="so many days (UTC), of which the last is today")

    def where(self) -> Tags:
        """The item as tags of points."""
        return {name: [value] for name, value in self if name != "days"}


class Stood(Answer):
    """How the item stood at the end of a span of so many minutes as days were asked for. Pieces; null if unknown."""

    at: Instant = Field(description="when the span began")
    qty_on_hand: int | None
    qty_on_order: int | None
    safety_stock: int | None
    reorder_point: int | None
    order_up_to: int | None


class Flow(Answer):
    """What moved on one day (UTC), in pieces."""

    at: Instant = Field(description="when the day began")
    used: int | None = Field(description="taken, less what was put back")
    received: int | None
    adjusted: int | None = Field(description="put right by counting")


class ItemSeries(Answer):
    """An item over time, in less than 2,000 points. What is left out of `stock` did not change, of `daily` is none."""

    begin: Instant
    end: Instant
    stock: list[Stood]
    daily: list[Flow]


_REFUSALS: dict[int | str, dict[str, Any]] = {
    **REFUSALS,
    404: {"model": Refusal, "description": "This fleet keeps no time series"},
    503: {"model": Refusal, "description": "The time series cannot be read just now"},
}


def router(store: TimeSeriesStore | None, clock: Clock) -> APIRouter:
    """The route about one item over time."""
    routes = APIRouter(tags=["series"], responses=_REFUSALS)

    @routes.get("/series/item")
    def item_series(query: Annotated[ItemSeriesQuery, Query()]) -> ItemSeries:
        """Stock and use of one item at one place. A place or an item nothing is known of has no points."""
        now_ms, where = clock.now_ms(), query.where()
        told = {
            "begin": first_day_ms(now_ms, query.days),
            "end": now_ms,
            "stock": [_pieces(Stood, row) for row in stock_over_time(kept(store), where, now_ms, query.days)],
            "daily": [_pieces(Flow, row) for row in flows_by_day(kept(store), where, now_ms, query.days)],
        }
        return ItemSeries.model_validate(told)

    return routes


def _pieces(shape: type[Answer], row: Row) -> dict[str, int | None]:
    """The row's figures under the names of the shape."""
    return {"at": row.at_ms} | {name: row.pieces(name) for name in shape.model_fields if name != "at"}
