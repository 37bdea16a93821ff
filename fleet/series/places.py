# SPDX-License-Identifier: Apache-2.0
"""The names that points are tagged by: of bins, of items at stocking locations, of sites."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.counting.tables import BinRow
from fleet.stock.store import Pair
from fleet.stock.tables import CustomerRow, ItemRow, SiteRow, StockingLocationRow

Tags = tuple[str, ...]


def tags_of_bins(session: Session, bin_ids: Iterable[int]) -> dict[int, Tags]:
    """(customer, site, stocking_location, item, bin) of each of these bins."""
    statement = (
        select(
            BinRow.id,
            CustomerRow.customer,
            SiteRow.site,
            StockingLocationRow.stocking_location,
            ItemRow.item,
            BinRow.bin,
        )
        .join_from(BinRow, ItemRow, ItemRow.id == BinRow.item_id)
        .join(StockingLocationRow, StockingLocationRow.id == BinRow.stocking_location_id)
        .join(SiteRow, SiteRow.id == StockingLocationRow.site_id)
        .join(CustomerRow, CustomerRow.id == SiteRow.customer_id)
        .where(BinRow.id.in_(sorted(bin_ids)))
    )
    return {row[0]: tuple(row[1:]) for row in session.execute(statement)}


def places(session: Session, pairs: Iterable[Pair]) -> dict[Pair, tuple[int, Tags]]:
    """The site's id and (customer, site, stocking_location, item) of each of these pairs."""
    wanted = sorted(pairs)
    named = select(ItemRow.id, ItemRow.item).where(ItemRow.id.in_({pair[0] for pair in wanted}))
    items = {item_id: item for item_id, item in session.execute(named)}  # noqa: C416  (rows are no pairs to mypy)
    statement = (
        select(
            StockingLocationRow.id,
            SiteRow.id,
            CustomerRow.customer,
            SiteRow.site,
            StockingLocationRow.stocking_location,
        )
        .join_from(StockingLocationRow, SiteRow, SiteRow.id == StockingLocationRow.site_id)
        .join(CustomerRow, CustomerRow.id == SiteRow.customer_id)
        .where(StockingLocationRow.id.in_({pair[1] for pair in wanted}))
    )
    where = {row[0]: (row[1], tuple(row[2:])) for row in session.execute(statement)}
    return {pair: (where[pair[1]][0], (*where[pair[1]][1], items[pair[0]])) for pair in wanted}


def sites(session: Session) -> dict[int, Tags]:
    """(customer, site) of every site, by id."""
    statement = select(SiteRow.id, CustomerRow.customer, SiteRow.site).join(
        CustomerRow, CustomerRow.id == SiteRow.customer_id
    )
    return {row[0]: tuple(row[1:]) for row in session.execute(statement)}
