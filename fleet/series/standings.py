# SPDX-License-Identifier: Apache-2.0
"""How items stand where they are kept: weighed again when their stock moves or their levels change, and once a day."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, delete, exists, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from fleet.counting.tables import BinRow
from fleet.orders.tables import ReplenishmentPolicyRow
from fleet.series.flows import used_by
from fleet.series.model import NS_IN_MS, Point, Value
from fleet.series.places import Tags, places
from fleet.series.schema import ITEM_STOCK
from fleet.series.standing import DAY_MS, USED_OVER_DAYS, Levels, Standing, used_over_ms, weigh
from fleet.series.tables import ItemStandingRow
from fleet.stock.store import Pair
from fleet.stock.tables import MovementRow, StockingLocationRow, StockRow

_Row = TypeVar("_Row", StockRow, ReplenishmentPolicyRow, ItemStandingRow)


@dataclass(frozen=True, slots=True)
class Weighed:
    """How a pair stands now, where it is, and whether that is to be told."""

    pair: Pair
    site_id: int
    tags: Tags
    standing: Standing
    is_telling: bool
    is_new: bool


def weigh_pairs(session: Session, pairs: Iterable[Pair], now_ms: int) -> list[Weighed]:
    """How these pairs stand now; only those that a bin holds and that have ever been counted stand at all."""
    wanted = sorted(pairs)
    stocks = {(row.item_id, row.stocking_location_id): row for row in session.scalars(_of(StockRow, wanted, _IS_HELD))}
    levels = {
        (row.item_id, row.stocking_location_id): Levels(
            row.reorder_point, row.order_up_to, row.order_multiple, row.lead_time_s
        )
        for row in session.scalars(_of(ReplenishmentPolicyRow, wanted))
    }
    told = {(row.item_id, row.stocking_location_id): row for row in session.scalars(_of(ItemStandingRow, wanted))}
    where = places(session, stocks)
    weighed = []
    for pair, stock in sorted(stocks.items()):
        used, first_at_ms = used_by(session, pair, now_ms - USED_OVER_DAYS * DAY_MS)
        over_ms = used_over_ms(first_at_ms, now_ms)
        standing = weigh(stock.qty_on_hand, stock.qty_on_order, stock.in_doubt, used, over_ms, levels.get(pair))
        before, (site_id, tags) = told.get(pair), where[pair]
        is_telling = _is_telling(before, site_id, standing, now_ms)
        weighed.append(Weighed(pair, site_id, tags, standing, is_telling, is_new=before is None))
    return weighed


def stock_points(weighed: Iterable[Weighed], now_ms: int) -> list[Point]:
    """What of it is told."""
    return [
        Point(ITEM_STOCK.name, one.tags, now_ms * NS_IN_MS, _fields(one.standing)) for one in weighed if one.is_telling
    ]


def note_told(session: Session, weighed: Iterable[Weighed], now_ms: int) -> None:
    """Remembers what was told of each pair."""
    told = [one for one in weighed if one.is_telling]
    rows = {
        is_new: [
            {
                "item_id": one.pair[0],
                "stocking_location_id": one.pair[1],
                "site_id": one.site_id,
                "weighed_at_ms": now_ms,
                **asdict(one.standing),
            }
            for one in told
            if one.is_new is is_new
        ]
        for is_new in (True, False)
    }
    if rows[True]:
        session.execute(insert(ItemStandingRow), rows[True])
    if rows[False]:
        session.execute(update(ItemStandingRow), rows[False])


def gone_pairs(session: Session) -> Sequence[Pair]:
    """Pairs that no bin holds any more."""
    is_held = exists().where(
        BinRow.item_id == ItemStandingRow.item_id, BinRow.stocking_location_id == ItemStandingRow.stocking_location_id
    )
    statement = select(ItemStandingRow.item_id, ItemStandingRow.stocking_location_id).where(~is_held)
    return [(item_id, location_id) for item_id, location_id in session.execute(statement)]


def forget(session: Session, pairs: Iterable[Pair]) -> None:
    """These stand no more."""
    for item_id, location_id in pairs:
        session.execute(
            delete(ItemStandingRow).where(
                ItemStandingRow.item_id == item_id, ItemStandingRow.stocking_location_id == location_id
            )
        )


def changed_pairs(session: Session, limit: int) -> Sequence[Pair]:
    """Pairs whose stock or levels are others than was told; the cause may be no line of the ledger."""
    same_standing = and_(
        ItemStandingRow.item_id == StockRow.item_id,
        ItemStandingRow.stocking_location_id == StockRow.stocking_location_id,
    )
    here = StockingLocationRow.id == StockRow.stocking_location_id
    same_levels = and_(
        ReplenishmentPolicyRow.item_id == StockRow.item_id,
        ReplenishmentPolicyRow.stocking_location_id == StockRow.stocking_location_id,
    )
    statement = (
        select(StockRow.item_id, StockRow.stocking_location_id)
        .join(StockingLocationRow, here)
        .outerjoin(ItemStandingRow, same_standing)
        .outerjoin(ReplenishmentPolicyRow, same_levels)
        .where(
            or_(
                ItemStandingRow.item_id.is_(None) & _IS_HELD,
                ItemStandingRow.site_id != StockingLocationRow.site_id,
                ItemStandingRow.qty_on_hand != StockRow.qty_on_hand,
                ItemStandingRow.qty_on_order != StockRow.qty_on_order,
                ItemStandingRow.in_doubt != StockRow.in_doubt,
                ItemStandingRow.reorder_point.is_distinct_from(ReplenishmentPolicyRow.reorder_point),
                ItemStandingRow.order_up_to.is_distinct_from(ReplenishmentPolicyRow.order_up_to),
            )
        )
        .limit(limit)
    )
    return [(item_id, location_id) for item_id, location_id in session.execute(statement)]


def old_pairs(session: Session, now_ms: int, limit: int) -> Sequence[Pair]:
    """Pairs that nothing was told of for a day: cover changes with the days even where nothing moves.

    And those told of in the future, as long as a clock was ahead.
    """
    statement = (
        select(ItemStandingRow.item_id, ItemStandingRow.stocking_location_id)
        .where(or_(ItemStandingRow.weighed_at_ms <= now_ms - DAY_MS, ItemStandingRow.weighed_at_ms > now_ms))
        .order_by(ItemStandingRow.weighed_at_ms)
        .limit(limit)
    )
    return [(item_id, location_id) for item_id, location_id in session.execute(statement)]


def _is_telling(told: ItemStandingRow | None, site_id: int, standing: Standing, now_ms: int) -> bool:
    if told is None or not 0 <= now_ms - told.weighed_at_ms < DAY_MS or told.site_id != site_id:
        return True
    moved = ("qty_on_hand", "qty_on_order", "in_doubt", "reorder_point", "order_up_to", "standing")
    return any(getattr(told, name) != getattr(standing, name) for name in moved)


def _fields(standing: Standing) -> dict[str, Value]:
    return {name: float(value) for name, value in asdict(standing).items() if value is not None}


def _of(table: type[_Row], pairs: Sequence[Pair], *conditions: ColumnElement[bool]) -> Select[_Row]:
    return select(table).where(tuple_(table.item_id, table.stocking_location_id).in_(pairs), *conditions)


_IS_HELD = and_(
    exists()
    .where(BinRow.item_id == StockRow.item_id, BinRow.stocking_location_id == StockRow.stocking_location_id)
    .correlate(StockRow),
    exists()
    .where(MovementRow.item_id == StockRow.item_id, MovementRow.stocking_location_id == StockRow.stocking_location_id)
    .correlate(StockRow),
)
"""The condition on a pair that a bin holds it and that it has been counted."""
