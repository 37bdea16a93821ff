# SPDX-License-Identifier: Apache-2.0
"""Items, places and what is held there, as lists."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fleet.listing import Page, PairKey, PairPage, find_id, read_page, read_pair_page
from fleet.stock.tables import CustomerRow, ItemRow, SiteRow, StockingLocationRow, StockRow

_LISTED_BY = {
    ItemRow.item: "items",
    CustomerRow.customer: "sites",
    SiteRow.site: "sites",
    StockingLocationRow.stocking_location: "stocking-locations",
}


def list_items(session: Session, *, limit: int, after: int | None, item: str | None) -> Page:
    """Rows of (id, item, name, apw_g, pack_size), by id."""
    statement = select(*ItemRow.__table__.columns)
    if item is not None:
        statement = statement.where(ItemRow.id == name_id(session, ItemRow.item, item))
    return read_page(session, statement, ItemRow.id, limit=limit, after=after)


def list_sites(session: Session, *, limit: int, after: int | None, site: str | None, customer: str | None) -> Page:
    """Rows of (id, site, name, customer), by id."""
    statement = select(SiteRow.id, SiteRow.site, SiteRow.name, CustomerRow.customer).join(CustomerRow)
    if site is not None:
        statement = statement.where(SiteRow.id == name_id(session, SiteRow.site, site))
    if customer is not None:
        statement = statement.where(SiteRow.customer_id == name_id(session, CustomerRow.customer, customer))
    return read_page(session, statement, SiteRow.id, limit=limit, after=after)


def list_stocking_locations(
    session: Session, *, limit: int, after: int | None, stocking_location: str | None, site: str | None
) -> Page:
    """Rows of (id, stocking_location, name, site, customer), by id."""
    statement = (
        select(
            StockingLocationRow.id,
            StockingLocationRow.stocking_location,
            StockingLocationRow.name,
            SiteRow.site,
            CustomerRow.customer,
        )
        .join_from(StockingLocationRow, SiteRow)
        .join(CustomerRow)
    )
    if stocking_location is not None:
        named = name_id(session, StockingLocationRow.stocking_location, stocking_location)
        statement = statement.where(StockingLocationRow.id == named)
    if site is not None:
        statement = statement.where(StockingLocationRow.site_id == name_id(session, SiteRow.site, site))
    return read_page(session, statement, StockingLocationRow.id, limit=limit, after=after)


def list_stock(
    session: Session,
    *,
    limit: int,
    after: PairKey | None,
    item: str | None,
    stocking_location: str | None,
    site: str | None,
) -> PairPage:
    """Rows of stock with its names and its inventory position, by pair."""
    statement = (
        select(
            StockRow.item_id,
            StockRow.stocking_location_id,
            ItemRow.item,
            StockingLocationRow.stocking_location,
            SiteRow.site,
            StockRow.qty_on_hand,
            StockRow.qty_on_order,
            (StockRow.qty_on_hand + StockRow.qty_on_order).label("inventory_position"),
            StockRow.in_doubt,
            StockRow.order_due,
        )
        .join_from(StockRow, ItemRow)
        .join(StockingLocationRow)
        .join(SiteRow)
    )
    keys = StockRow.item_id, StockRow.stocking_location_id
    statement = of_pairs(session, statement, *keys, item=item, stocking_location=stocking_location, site=site)
    return read_pair_page(session, statement, *keys, limit=limit, after=after)


def of_pairs(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    item_id: InstrumentedAttribute[int],
    location_id: InstrumentedAttribute[int],
    *,
    item: str | None,
    stocking_location: str | None,
    site: str | None,
) -> Select[*tuple[Any, ...]]:
    """The statement, which joins the stocking locations, for what is named alone. Raises UnknownNameError."""
    if item is not None:
        statement = statement.where(item_id == name_id(session, ItemRow.item, item))
    if stocking_location is not None:
        named = name_id(session, StockingLocationRow.stocking_location, stocking_location)
        statement = statement.where(location_id == named)
    if site is not None:
        statement = statement.where(StockingLocationRow.site_id == name_id(session, SiteRow.site, site))
    return statement


def name_id(session: Session, name_column: InstrumentedAttribute[str], name: str) -> int:
    """The id of what has this name in one of this room's tables. Raises UnknownNameError."""
    return find_id(session, name_column, name, lists=_LISTED_BY[name_column])
