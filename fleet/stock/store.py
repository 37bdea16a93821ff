# SPDX-License-Identifier: Apache-2.0
"""SQL of the ledger: the stock row of a pair, movements, and their sums."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from fleet.stock.model import PUT_BACK_WITHIN_MS, TAKEN_BACK_WITHIN_MS, Booking
from fleet.stock.tables import ItemRow, MovementRow, StockRow

HANDLINGS_LOOKED_AT = 100  # a bin must rest between two, so this is far more than happens in ten minutes

Pair = tuple[int, int]
"""(item_id, stocking_location_id): what stock is held of, and where."""


def stock_of(session: Session, pair: Pair) -> StockRow:
    """The pair's stock row, locked for this transaction; made when there is none."""
    row = session.get(StockRow, pair, with_for_update=True)
    if row is None:
        row = StockRow(
            item_id=pair[0],
            stocking_location_id=pair[1],
            qty_on_hand=0,
            qty_on_order=0,
            qty_unsent=0,
            in_doubt=True,
            order_due=False,
        )
        session.add(row)
        session.flush()
    return row


def stock_rows(session: Session, pairs: Iterable[Pair]) -> Sequence[StockRow]:
    """The stock rows of these pairs, in the order of their keys, locked for this transaction."""
    key = tuple_(StockRow.item_id, StockRow.stocking_location_id)
    statement = (
        select(StockRow)
        .where(key.in_(sorted(pairs)))
        .order_by(StockRow.item_id, StockRow.stocking_location_id)
        .with_for_update()
    )
    return session.scalars(statement).all()


def pack_size(session: Session, item_id: int) -> int:
    """Pieces in a pack of the item."""
    return session.scalars(select(ItemRow.pack_size).where(ItemRow.id == item_id)).one()


def handled_lately(session: Session, pair: Pair, bin_id: int, at_ms: int) -> list[Booking]:
    """What people did with the bin's pieces shortly before a moment, oldest first."""
    statement = (
        select(MovementRow.kind, MovementRow.on_hand_delta, MovementRow.on_order_delta)
        .where(
            MovementRow.bin_id == bin_id,
            MovementRow.at_ms.between(at_ms - PUT_BACK_WITHIN_MS, at_ms + PUT_BACK_WITHIN_MS),  # clocks are set
            MovementRow.item_id == pair[0],
            MovementRow.stocking_location_id == pair[1],
            MovementRow.kind.in_(("usage", "return", "receipt")),
        )
        .order_by(MovementRow.id.desc())
        .limit(HANDLINGS_LOOKED_AT)
    )
    return [Booking(*row) for row in reversed(session.execute(statement).all())]


def settled_lately(session: Session, pair: Pair, bin_id: int, at_ms: int) -> int:
    """Pieces that deliveries into the bin have taken off order shortly before a moment, less what was put back on."""
    statement = select(func.sum(MovementRow.on_order_delta)).where(
        MovementRow.bin_id == bin_id,
        MovementRow.at_ms.between(at_ms - TAKEN_BACK_WITHIN_MS, at_ms + PUT_BACK_WITHIN_MS),  # clocks are set
        MovementRow.item_id == pair[0],
        MovementRow.stocking_location_id == pair[1],
    )
    return -(session.scalar(statement) or 0)


def sums_before(session: Session, before_ms: int) -> Sequence[tuple[int, int, int, int, int, int]]:
    """(item_id, stocking_location_id, lines, on hand, on order, newest at_ms) of all movements before a moment."""
    statement = (
        select(
            MovementRow.item_id,
            MovementRow.stocking_location_id,
            func.count(MovementRow.id),
            func.sum(MovementRow.on_hand_delta),
            func.sum(MovementRow.on_order_delta),
            func.max(MovementRow.at_ms),
        )
        .where(MovementRow.at_ms < before_ms)
        .group_by(MovementRow.item_id, MovementRow.stocking_location_id)
        .having(func.count(MovementRow.id) > 1)
    )
    return session.execute(statement).all()


def forget_before(session: Session, pair: Pair, before_ms: int) -> None:
    """Deletes the pair's movements before a moment; only closing the ledger may, having summed them."""
    session.execute(
        delete(MovementRow).where(
            MovementRow.item_id == pair[0],
            MovementRow.stocking_location_id == pair[1],
            MovementRow.at_ms < before_ms,
        )
    )
