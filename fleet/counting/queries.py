# SPDX-License-Identifier: Apache-2.0
"""Bins with their newest count, and counts, as lists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from fleet.counting.tables import BinRow, CountEventRow, CountRow, CountTaskRow
from fleet.devices.queries import device_id
from fleet.devices.tables import DeviceRow
from fleet.listing import Page, find_id, read_page
from fleet.stock.queries import name_id
from fleet.stock.tables import ItemRow, StockingLocationRow

_COUNT = (
    CountRow.at_ms,
    CountRow.pieces,
    CountRow.mean,
    CountRow.sd,
    CountRow.lower,
    CountRow.upper,
    CountRow.state,
    CountRow.is_settled,
    CountRow.is_evidence,
)


def list_bins(
    session: Session,
    *,
    limit: int,
    after: int | None,
    bin: str | None,
    device: str | None,
    item: str | None,
    stocking_location: str | None,
) -> Page:
    """Rows of bins with device, item, stocking location and newest count (its columns null: none yet), by id."""
    statement = _bins_with_newest_count()
    if bin is not None:
        statement = statement.where(BinRow.id == bin_id(session, bin))
    if device is not None:
        statement = statement.where(BinRow.device_id == device_id(session, device))
    if item is not None:
        statement = statement.where(BinRow.item_id == name_id(session, ItemRow.item, item))
    if stocking_location is not None:
        named = name_id(session, StockingLocationRow.stocking_location, stocking_location)
        statement = statement.where(BinRow.stocking_location_id == named)
    return read_page(session, statement, BinRow.id, limit=limit, after=after)


def list_counts(
    session: Session, *, limit: int, after: int | None, newest: bool, bins: Sequence[str], state: str | None
) -> Page:
    """Rows of (id, bin) and the columns of a count, of these bins (none named: of all), by id."""
    statement = select(CountRow.id, BinRow.bin, *_COUNT).join_from(CountRow, BinRow)
    if bins:
        statement = statement.where(CountRow.bin_id.in_([bin_id(session, name) for name in bins]))
    if state is not None:
        statement = statement.where(CountRow.state == state)
    return read_page(session, statement, CountRow.id, limit=limit, after=after, newest=newest)


def list_events(session: Session, *, limit: int, after: int | None, newest: bool, bin: str | None) -> Page:
    """Rows of (id, bin, at_ms, kind, delta), of this bin or of all, by id."""
    columns = (CountEventRow.id, BinRow.bin, CountEventRow.at_ms, CountEventRow.kind, CountEventRow.delta)
    statement = select(*columns).join_from(CountEventRow, BinRow)
    if bin is not None:
        statement = statement.where(CountEventRow.bin_id == bin_id(session, bin))
    return read_page(session, statement, CountEventRow.id, limit=limit, after=after, newest=newest)


def list_tasks(session: Session, *, limit: int, after: int | None, bin: str | None, open: bool | None) -> Page:
    """Rows of tasks with bin, item and stocking location: open ones, closed ones (`open` false) or all, by id."""
    statement = (
        select(
            *CountTaskRow.__table__.columns,
            BinRow.bin,
            ItemRow.item,
            ItemRow.name.label("item_name"),
            StockingLocationRow.stocking_location,
        )
        .join_from(CountTaskRow, BinRow)
        .join(ItemRow, BinRow.item_id == ItemRow.id)
        .join(StockingLocationRow, BinRow.stocking_location_id == StockingLocationRow.id)
    )
    if bin is not None:
        statement = statement.where(CountTaskRow.bin_id == bin_id(session, bin))
    if open is not None:
        is_open = CountTaskRow.closed_at_ms.is_(None)
        statement = statement.where(is_open if open else ~is_open)
    return read_page(session, statement, CountTaskRow.id, limit=limit, after=after)


def bin_id(session: Session, bin: str) -> int:
    """The id of the bin of this name. Raises UnknownNameError."""
    return find_id(session, BinRow.bin, bin, lists="bins")


def _bins_with_newest_count() -> Select[*tuple[Any, ...]]:
    newest_id = select(func.max(CountRow.id)).where(CountRow.bin_id == BinRow.id).correlate(BinRow).scalar_subquery()
    return (
        select(
            BinRow.id,
            BinRow.bin,
            DeviceRow.device,
            BinRow.channel,
            ItemRow.item,
            StockingLocationRow.stocking_location,
            BinRow.bin_weight_g,
            BinRow.cell_capacity_g,
            BinRow.count_anyway_reason,
            CountRow.id.label("count_id"),
            *_COUNT,
        )
        .join_from(BinRow, DeviceRow)
        .join(ItemRow, BinRow.item_id == ItemRow.id)
        .join(StockingLocationRow, BinRow.stocking_location_id == StockingLocationRow.id)
        .outerjoin(CountRow, CountRow.id == newest_id)
    )
