# SPDX-License-Identifier: Apache-2.0
"""GET /orders and /levels: what was ordered, when it left, how much of it has come; and when more is ordered."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from fleet.api import (
    REFUSALS,
    Answer,
    Instant,
    Listing,
    LogQuery,
    Name,
    PairListing,
    PairQuery,
    listing,
    pair_listing,
)
from fleet.listing import Reader
from fleet.orders.queries import list_levels, list_orders

OrderState = Literal["unsent", "sent", "received"]


class OrderLine(Answer):
    """One item of an order, in pieces."""

    item: str
    stocking_location: str
    qty_ordered: int
    qty_received: int
    state: OrderState


class Order(Answer):
    """A replenishment order."""

    id: int
    order_no: str
    stocking_location: str
    state: OrderState
    created_at: Instant = Field(validation_alias="created_at_ms")
    sent_at: Instant | None = Field(validation_alias="sent_at_ms", description="null: its document has not left yet")
    lines: list[OrderLine]


class Levels(Answer):
    """When one item is ordered for one stocking location, and how much of it: in pieces."""

    item: str
    stocking_location: str
    site: str
    reorder_point: int = Field(description='"min": at or below it an order is made')
    order_up_to: int = Field(description='"max": an order never goes above it')
    order_multiple: int = Field(description="orders are whole multiples of it")
    min_order_qty: int = Field(description="no order is smaller")
    lead_time_s: int = Field(description="how long the vendor takes, seconds")


class OrderQuery(LogQuery):
    """Which orders."""

    state: OrderState | None = None
    item: Name | None = None
    stocking_location: Name | None = None


def router(read: Reader) -> APIRouter:
    """The routes about orders and levels."""
    routes = APIRouter(tags=["orders"], responses=REFUSALS)

    @routes.get("/orders")
    def orders(query: Annotated[OrderQuery, Query()]) -> Listing[Order]:
        """Orders with their lines, oldest first."""
        with read() as session:
            return listing(Order, *list_orders(session, **dict(query)))

    @routes.get("/levels")
    def levels(query: Annotated[PairQuery, Query()]) -> PairListing[Levels]:
        """The levels of each item at each stocking location that has some; without them nothing is ordered."""
        with read() as session:
            return pair_listing(Levels, list_levels(session, **query.asked()))

    return routes
