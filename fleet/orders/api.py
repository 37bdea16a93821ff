# SPDX-License-Identifier: Apache-2.0
"""GET /orders: what was ordered, when it left, and how much of it has come."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from fleet.api import REFUSALS, Answer, Instant, Listing, LogQuery, Name, listing
from fleet.listing import Reader
from fleet.orders.queries import list_orders

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


class OrderQuery(LogQuery):
    """Which orders."""

    state: OrderState | None = None
    item: Name | None = None
    stocking_location: Name | None = None


def router(read: Reader) -> APIRouter:
    """The routes about orders."""
    routes = APIRouter(tags=["orders"], responses=REFUSALS)

    @routes.get("/orders")
    def orders(query: Annotated[OrderQuery, Query()]) -> Listing[Order]:
        """Orders with their lines, oldest first."""
        with read() as session:
            return listing(Order, *list_orders(session, **dict(query)))

    return routes
