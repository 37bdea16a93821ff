# SPDX-License-Identifier: Apache-2.0
"""GET /items, /sites, /stocking-locations and /stock: what there is, where it may be, and how much of it is there."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from fleet.api import REFUSALS, Answer, Listing, ListQuery, Name, PairListing, PairQuery, listing, pair_listing
from fleet.listing import Reader
from fleet.stock.queries import list_items, list_sites, list_stock, list_stocking_locations


class Item(Answer):
    """A part number. `apw_g` is exact, hence a string."""

    id: int
    item: str
    name: str
    apw_g: Decimal = Field(description="average weight of one piece, grams")
    pack_size: int = Field(description="pieces in one pack of the vendor")


class Site(Answer):
    """A plant of a customer."""

    id: int
    site: str
    name: str
    customer: str


class StockingLocation(Answer):
    """A place on a site where stock is held with its own levels."""

    id: int
    stocking_location: str
    name: str
    site: str
    customer: str


class Stock(Answer):
    """What one stocking location holds of one item, in pieces."""

    item: str
    stocking_location: str
    site: str
    qty_on_hand: int
    qty_on_order: int
    inventory_position: int = Field(description="on hand and on order together")
    in_doubt: bool = Field(description="true: some bin lacks a fresh count that is evidence, so nothing is ordered")
    order_due: bool = Field(description="true: there is evidence for an order that has not been made")


class ItemQuery(ListQuery):
    """Which items."""

    item: Name | None = None


class SiteQuery(ListQuery):
    """Which sites."""

    site: Name | None = None
    customer: Name | None = None


class StockingLocationQuery(ListQuery):
    """Which stocking locations."""

    stocking_location: Name | None = None
    site: Name | None = None


def router(read: Reader) -> APIRouter:
    """The routes about items, places and stock."""
    routes = APIRouter(tags=["stock"], responses=REFUSALS)

    @routes.get("/items")
    def items(query: Annotated[ItemQuery, Query()]) -> Listing[Item]:
        """Items, in the order in which they were entered."""
        with read() as session:
            return listing(Item, *list_items(session, **dict(query)))

    @routes.get("/sites")
    def sites(query: Annotated[SiteQuery, Query()]) -> Listing[Site]:
        """Sites, in the order in which they were entered."""
        with read() as session:
            return listing(Site, *list_sites(session, **dict(query)))

    @routes.get("/stocking-locations")
    def stocking_locations(query: Annotated[StockingLocationQuery, Query()]) -> Listing[StockingLocation]:
        """Stocking locations, in the order in which they were entered."""
        with read() as session:
            return listing(StockingLocation, *list_stocking_locations(session, **dict(query)))

    @routes.get("/stock")
    def stock(query: Annotated[PairQuery, Query()]) -> PairListing[Stock]:
        """What is on hand and on order, for each item at each stocking location."""
        with read() as session:
            return pair_listing(Stock, list_stock(session, **query.asked()))

    return routes
