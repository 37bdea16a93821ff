# SPDX-License-Identifier: Apache-2.0
"""Replenishment orders with their lines, and the levels they are made by, as lists."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.listing import Page, PairKey, PairPage, read_page, read_pair_page
from fleet.orders.tables import OrderLineRow, ReplenishmentOrderRow, ReplenishmentPolicyRow
from fleet.stock.queries import name_id, of_pairs
from fleet.stock.tables import ItemRow, SiteRow, StockingLocationRow


def list_orders(
    session: Session,
    *,
    limit: int,
    after: int | None,
    newest: bool,
    state: str | None,
    item: str | None,
    stocking_location: str | None,
) -> Page:
    """Dictionaries of orders with `lines`, in the order in which they were made."""
    statement = select(*ReplenishmentOrderRow.__table__.columns, StockingLocationRow.stocking_location).join(
        StockingLocationRow
    )
    if state is not None:
        statement = statement.where(ReplenishmentOrderRow.state == state)
    if item is not None:
        lines_of_item = select(OrderLineRow.order_id).where(
            OrderLineRow.item_id == name_id(session, ItemRow.item, item)
        )
        statement = statement.where(ReplenishmentOrderRow.id.in_(lines_of_item))
    if stocking_location is not None:
        named = name_id(session, StockingLocationRow.stocking_location, stocking_location)
        statement = statement.where(ReplenishmentOrderRow.stocking_location_id == named)
    page = read_page(session, statement, ReplenishmentOrderRow.id, limit=limit, after=after, newest=newest)
    lines = _lines_by_order(session, [row.id for row in page.rows])
    return Page([dict(row._mapping) | {"lines": lines[row.id]} for row in page.rows], page.next)


def list_levels(
    session: Session,
    *,
    limit: int,
    after: PairKey | None,
    item: str | None,
    stocking_location: str | None,
    site: str | None,
) -> PairPage:
    """Rows of levels with the names of item, stocking location and site, by pair."""
    statement = (
        select(
            *ReplenishmentPolicyRow.__table__.columns,
            ItemRow.item,
            StockingLocationRow.stocking_location,
            SiteRow.site,
        )
        .join_from(ReplenishmentPolicyRow, ItemRow)
        .join(StockingLocationRow)
        .join(SiteRow)
    )
    keys = ReplenishmentPolicyRow.item_id, ReplenishmentPolicyRow.stocking_location_id
    statement = of_pairs(session, statement, *keys, item=item, stocking_location=stocking_location, site=site)
    return read_pair_page(session, statement, *keys, limit=limit, after=after)


def _lines_by_order(session: Session, order_ids: list[int]) -> dict[int, list[Any]]:
    statement = (
        select(
            OrderLineRow.order_id,
            ItemRow.item,
            StockingLocationRow.stocking_location,
            OrderLineRow.qty_ordered,
            OrderLineRow.qty_received,
            OrderLineRow.state,
        )
        .join_from(OrderLineRow, ItemRow)
        .join(StockingLocationRow, OrderLineRow.stocking_location_id == StockingLocationRow.id)
        .where(OrderLineRow.order_id.in_(order_ids))
        .order_by(OrderLineRow.id)
    )
    lines: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(statement):
        lines[row.order_id].append(row)
    return lines
