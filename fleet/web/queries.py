# SPDX-License-Identifier: Apache-2.0
"""What the page shows of each bin, joined over the rooms in one statement."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from fleet.counting.silence import stale_after_ms
from fleet.counting.tables import BinRow, CountRow
from fleet.devices.tables import DeviceRow
from fleet.listing import Page, read_page
from fleet.orders.tables import ReplenishmentPolicyRow
from fleet.stock.tables import ItemRow, SiteRow, StockingLocationRow, StockRow


def list_cards(session: Session, *, limit: int, after: int | None) -> Page:
    """Rows for `fleet.web.view.card`, by bin id. What a bin lacks (count, stock, levels) is null."""
    newest_id = select(func.max(CountRow.id)).where(CountRow.bin_id == BinRow.id).correlate(BinRow).scalar_subquery()

    def same_pair(other: type[StockRow] | type[ReplenishmentPolicyRow]) -> ColumnElement[bool]:
        return and_(other.item_id == BinRow.item_id, other.stocking_location_id == BinRow.stocking_location_id)

    statement = (
        select(
            BinRow.id,
            BinRow.bin,
            stale_after_ms().label("stale_after_ms"),
            ItemRow.item,
            ItemRow.name.label("item_name"),
            StockingLocationRow.name.label("location_name"),
            SiteRow.name.label("site_name"),
            CountRow.at_ms,
            CountRow.pieces,
            CountRow.lower,
            CountRow.upper,
            CountRow.state,
            CountRow.is_settled,
            CountRow.is_evidence,
            StockRow.qty_on_hand,
            StockRow.qty_on_order,
            ReplenishmentPolicyRow.reorder_point,
            ReplenishmentPolicyRow.order_up_to,
        )
        .join_from(BinRow, ItemRow, BinRow.item_id == ItemRow.id)
        .join(StockingLocationRow, BinRow.stocking_location_id == StockingLocationRow.id)
        .join(SiteRow)
        .join(DeviceRow, DeviceRow.id == BinRow.device_id)
        .outerjoin(CountRow, CountRow.id == newest_id)
        .outerjoin(StockRow, same_pair(StockRow))
        .outerjoin(ReplenishmentPolicyRow, same_pair(ReplenishmentPolicyRow))
    )
    return read_page(session, statement, BinRow.id, limit=limit, after=after)
