# SPDX-License-Identifier: Apache-2.0
"""Replenishment as use cases: settle what was delivered, order what is due, note what has left."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from fleet.orders import store
from fleet.orders.document import DocumentLine, order_document
from fleet.orders.numbers import spell
from fleet.orders.policy import qty_to_order
from fleet.orders.tables import OrderLineRow, OrderOutboxRow, ReplenishmentOrderRow
from fleet.stock.service import book_ordered, note_sent, position
from fleet.stock.store import Pair, stock_rows


def replenish(session: Session, changed: Iterable[Pair], now_ms: int) -> list[str]:
    """Settles deliveries of these pairs and orders what has reached its reorder point; returns the order numbers.

    Fires on evidence only: for pairs of which counting says that an order is due, and of no other. All in the caller's
    write transaction, which must be the one that changed the stock or a later one; asking again changes nothing.
    """
    pairs = set(changed)
    if not pairs:
        return []
    settle_receipts(session, pairs)
    levels = store.policies(session, pairs)
    waiting = store.pairs_with_unsent_line(session, pairs)
    due = []
    for stock in stock_rows(session, levels.keys() - waiting):
        pair = (stock.item_id, stock.stocking_location_id)
        qty = qty_to_order(levels[pair], position(stock)) if stock.order_due else 0
        if qty:
            due.append((pair, qty, levels[pair].order_multiple))
    due.sort(key=lambda line: (line[0][1], line[0][0]))
    return [
        _order(session, location_id, list(lines), now_ms)
        for location_id, lines in groupby(due, key=lambda line: line[0][1])
    ]


def settle_receipts(session: Session, pairs: Iterable[Pair]) -> None:
    """Puts what the ledger took off order down to the sent lines, oldest first, until both say the same.

    What it put back on order, because a delivery proved to be none, is taken off the newest lines again.
    """
    lines_by_pair: dict[Pair, list[OrderLineRow]] = {}
    for line in store.sent_lines(session, pairs):
        lines_by_pair.setdefault((line.item_id, line.stocking_location_id), []).append(line)
    for stock in stock_rows(session, pairs):
        pair = (stock.item_id, stock.stocking_location_id)
        lines = lines_by_pair.get(pair, [])
        still_to_come = stock.qty_on_order - stock.qty_unsent
        delivered = sum(line.qty_ordered - line.qty_received for line in lines) - still_to_come
        _settle(session, lines, delivered)
        if delivered < 0:
            _take_back(session, pair, -delivered)


def note_order_sent(session: Session, order_id: int, now_ms: int) -> None:
    """Says that an order's document has left: its lines may be delivered from now on. Saying it twice is harmless."""
    outbox = store.outbox_of(session, order_id)
    if outbox.sent_at_ms is not None:
        return
    order = session.get_one(ReplenishmentOrderRow, order_id)
    outbox.sent_at_ms = order.sent_at_ms = now_ms
    order.state = store.SENT
    for line in store.lines_of(session, order_id):
        line.state = store.SENT
        note_sent(session, line.item_id, line.stocking_location_id, line.qty_ordered)


def forget_old(session: Session, before_ms: int, limit: int = 1_000) -> int:
    """Deletes orders sent before `before_ms` with lines and documents, never one not received in full; how many."""
    return store.forget_received(session, before_ms, limit)


def _settle(session: Session, lines: Sequence[OrderLineRow], delivered: int) -> None:
    for line in lines:
        if delivered <= 0:
            return
        settled = min(delivered, line.qty_ordered - line.qty_received)
        delivered -= settled
        line.qty_received += settled
        if line.qty_received == line.qty_ordered:
            line.state = store.RECEIVED
            session.flush()
            if all(other.state == store.RECEIVED for other in store.lines_of(session, line.order_id)):
                session.get_one(ReplenishmentOrderRow, line.order_id).state = store.RECEIVED


def _take_back(session: Session, pair: Pair, pieces: int) -> None:
    for line in store.newest_received(session, pair):
        if pieces <= 0:
            return
        taken_back = min(pieces, line.qty_received)
        pieces -= taken_back
        line.qty_received -= taken_back
        line.state = store.SENT
        session.get_one(ReplenishmentOrderRow, line.order_id).state = store.SENT
    session.flush()


def _order(session: Session, location_id: int, due: Sequence[tuple[Pair, int, int]], now_ms: int) -> str:
    """One order to one place: its lines, what they put on order, and the document in the outbox."""
    order_id = store.take_number(session)
    order_no = spell(order_id)
    session.add(
        ReplenishmentOrderRow(
            id=order_id, order_no=order_no, stocking_location_id=location_id, state=store.UNSENT, created_at_ms=now_ms
        )
    )
    session.flush()
    lines = []
    for (item_id, _), qty, order_multiple in due:
        session.add(
            OrderLineRow(
                order_id=order_id,
                item_id=item_id,
                stocking_location_id=location_id,
                qty_ordered=qty,
                qty_received=0,
                state=store.UNSENT,
            )
        )
        book_ordered(session, item_id, location_id, qty, now_ms, order_no)
        lines.append(DocumentLine(store.item_name(session, item_id), qty, order_multiple))
    document = order_document(order_no, now_ms, *store.place_names(session, location_id), lines)
    session.add(OrderOutboxRow(order_id=order_id, document=document, created_at_ms=now_ms))
    session.flush()
    return order_no
