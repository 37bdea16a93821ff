# SPDX-License-Identifier: Apache-2.0
"""SQL of replenishment: levels, orders with their lines, and the outbox."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.orm import Session

from fleet.orders.policy import Policy
from fleet.orders.tables import (
    OrderLineRow,
    OrderNumberRow,
    OrderOutboxRow,
    ReplenishmentOrderRow,
    ReplenishmentPolicyRow,
)
from fleet.stock.store import Pair
from fleet.stock.tables import CustomerRow, ItemRow, SiteRow, StockingLocationRow

UNSENT = "unsent"
SENT = "sent"
RECEIVED = "received"


def policies(session: Session, pairs: Iterable[Pair]) -> dict[Pair, Policy]:
    """The levels of these pairs, where there are any."""
    key = tuple_(ReplenishmentPolicyRow.item_id, ReplenishmentPolicyRow.stocking_location_id)
    statement = select(ReplenishmentPolicyRow).where(key.in_(sorted(pairs)))
    return {
        (row.item_id, row.stocking_location_id): Policy(
            row.reorder_point, row.order_up_to, row.order_multiple, row.min_order_qty, row.lead_time_s
        )
        for row in session.scalars(statement)
    }


def pairs_with_unsent_line(session: Session, pairs: Iterable[Pair]) -> set[Pair]:
    """Those of the pairs that an order not yet sent is waiting for."""
    lines = session.scalars(_lines(pairs, UNSENT))
    return {(line.item_id, line.stocking_location_id) for line in lines}


def sent_lines(session: Session, pairs: Iterable[Pair]) -> Sequence[OrderLineRow]:
    """The lines of these pairs that have left and are not received in full, oldest first."""
    return session.scalars(_lines(pairs, SENT)).all()


def newest_received(session: Session, pair: Pair) -> Iterator[OrderLineRow]:
    """The lines of this pair of which something has come, newest first."""
    statement = (
        select(OrderLineRow)
        .where(
            OrderLineRow.item_id == pair[0],
            OrderLineRow.stocking_location_id == pair[1],
            OrderLineRow.state.in_((SENT, RECEIVED)),
            OrderLineRow.qty_received > 0,
        )
        .order_by(OrderLineRow.id.desc())
    )
    return iter(session.scalars(statement))


def lines_of(session: Session, order_id: int) -> Sequence[OrderLineRow]:
    """All lines of an order, in their order."""
    statement = select(OrderLineRow).where(OrderLineRow.order_id == order_id).order_by(OrderLineRow.id)
    return session.scalars(statement).all()


def take_number(session: Session) -> int:
    """The next order's number, given once; the write transaction sees to it that nobody else gets the same."""
    row = _numbers(session)
    row.highest += 1
    return row.highest


def raise_highest_number(session: Session, highest: int) -> int:
    """Lets numbers go on above `highest`, if they are not there yet; the highest one taken."""
    row = _numbers(session)
    row.highest = max(row.highest, highest)
    return row.highest


def place_names(session: Session, stocking_location_id: int) -> tuple[str, str, str]:
    """(stocking_location, site, customer) by name."""
    statement = (
        select(StockingLocationRow.stocking_location, SiteRow.site, CustomerRow.customer)
        .join(SiteRow, SiteRow.id == StockingLocationRow.site_id)
        .join(CustomerRow, CustomerRow.id == SiteRow.customer_id)
        .where(StockingLocationRow.id == stocking_location_id)
    )
    return session.execute(statement).one()


def item_name(session: Session, item_id: int) -> str:
    """The item's part number."""
    return session.scalars(select(ItemRow.item).where(ItemRow.id == item_id)).one()


def unsent_documents(session: Session, limit: int) -> Sequence[tuple[int, str, str]]:
    """(order_id, order_no, document) still to be sent, oldest first; an order's id is its number."""
    statement = (
        select(OrderOutboxRow.order_id, ReplenishmentOrderRow.order_no, OrderOutboxRow.document)
        .join(ReplenishmentOrderRow, ReplenishmentOrderRow.id == OrderOutboxRow.order_id)
        .where(OrderOutboxRow.sent_at_ms.is_(None))
        .order_by(OrderOutboxRow.id)
        .limit(limit)
    )
    return session.execute(statement).all()


def outbox_of(session: Session, order_id: int) -> OrderOutboxRow:
    """The outbox row of an order, locked for this transaction."""
    statement = select(OrderOutboxRow).where(OrderOutboxRow.order_id == order_id).with_for_update()
    return session.scalars(statement).one()


def forget_received(session: Session, before_ms: int, limit: int) -> int:
    """Deletes at most `limit` orders received in full and sent before a moment, with all that hangs on them."""
    doomed = session.scalars(
        select(ReplenishmentOrderRow.id)
        .where(ReplenishmentOrderRow.state == RECEIVED, ReplenishmentOrderRow.sent_at_ms < before_ms)
        .order_by(ReplenishmentOrderRow.id)
        .limit(limit)
    ).all()
    for column in (OrderOutboxRow.order_id, OrderLineRow.order_id, ReplenishmentOrderRow.id):
        session.execute(delete(column.class_).where(column.in_(doomed)).execution_options(synchronize_session=False))
    return len(doomed)


def _numbers(session: Session) -> OrderNumberRow:
    row = session.get(OrderNumberRow, 1, with_for_update=True)
    if row is None:
        row = OrderNumberRow(id=1, highest=0)
        session.add(row)
    return row


def _lines(pairs: Iterable[Pair], state: str) -> Select[OrderLineRow]:
    key = tuple_(OrderLineRow.item_id, OrderLineRow.stocking_location_id)
    return select(OrderLineRow).where(OrderLineRow.state == state, key.in_(sorted(pairs))).order_by(OrderLineRow.id)
