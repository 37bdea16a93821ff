# SPDX-License-Identifier: Apache-2.0
"""What is done to stock, one use case a function. Every change is a line of the ledger and moves the sum with it."""

from sqlalchemy.orm import Session

from fleet.stock import store
from fleet.stock.model import Booking, Cause, classify, taken_lately
from fleet.stock.tables import MovementRow, StockRow


def book_count_change(
    session: Session,
    item_id: int,
    stocking_location_id: int,
    delta: int,
    at_ms: int,
    bin_id: int | None,
    reference: str,
    cause: Cause = Cause.HANDLED,
) -> Booking:
    """Books that a bin holds `delta` pieces more (or fewer) than the ledger says; `reference` names the evidence."""
    pair = (item_id, stocking_location_id)
    stock = store.stock_of(session, pair)
    receivable = stock.qty_on_order - stock.qty_unsent
    taken = settled = 0
    if bin_id is not None and cause is Cause.CORRECTED:
        settled = store.settled_lately(session, pair, bin_id, at_ms)
    if delta > 0 and receivable and bin_id is not None and cause is Cause.HANDLED:
        taken = taken_lately(store.handled_lately(session, pair, bin_id, at_ms))
    booking = classify(delta, receivable, store.pack_size(session, item_id), cause, taken, settled)
    _book(session, stock, booking, at_ms, reference, bin_id)
    return booking


def book_package(
    session: Session, item_id: int, stocking_location_id: int, kind: str, qty: int, at_ms: int, reference: str
) -> None:
    """Books that a whole package came or went: a receipt takes as much off order as was sent, usage and return nothing.

    `reference` names what showed it.
    """
    stock = store.stock_of(session, (item_id, stocking_location_id))
    delivered = min(qty, stock.qty_on_order - stock.qty_unsent) if kind == "receipt" else 0
    booking = Booking(kind, -qty if kind == "usage" else qty, -delivered)
    _book(session, stock, booking, at_ms, reference, bin_id=None)


def book_ordered(
    session: Session, item_id: int, stocking_location_id: int, qty: int, at_ms: int, reference: str
) -> None:
    """Books `qty` pieces as on order and not sent yet; `reference` is the order's number."""
    stock = store.stock_of(session, (item_id, stocking_location_id))
    _book(session, stock, Booking("ordered", 0, qty), at_ms, reference, bin_id=None)
    stock.qty_unsent += qty
    stock.order_due = False
    session.flush()


def note_sent(session: Session, item_id: int, stocking_location_id: int, qty: int) -> None:
    """Says that `qty` of the pieces on order have left as an order, so that they can be delivered."""
    store.stock_of(session, (item_id, stocking_location_id)).qty_unsent -= qty
    session.flush()


def note_evidence(
    session: Session, item_id: int, stocking_location_id: int, *, in_doubt: bool, order_due: bool
) -> None:
    """Says what is known of the pair's bins now: too little to order on, or that no more is left than calls for it."""
    stock = store.stock_of(session, (item_id, stocking_location_id))
    stock.in_doubt, stock.order_due = in_doubt, order_due and not in_doubt
    session.flush()


def position(stock: StockRow) -> int:
    """The inventory position: all that is there and all that is to come. No filter of any kind."""
    return stock.qty_on_hand + stock.qty_on_order


def close_ledger(session: Session, before_ms: int) -> int:
    """Folds each pair's movements before a moment into one opening `count`, so that the ledger stays bounded.

    The sums do not change. Returns how many lines went.
    """
    gone = 0
    for item_id, location_id, lines, on_hand, on_order, at_ms in store.sums_before(session, before_ms):
        store.forget_before(session, (item_id, location_id), before_ms)
        session.add(_line(item_id, location_id, Booking("count", on_hand, on_order), at_ms, "opening", None))
        gone += lines - 1
    session.flush()
    return gone


def _book(session: Session, stock: StockRow, booking: Booking, at_ms: int, reference: str, bin_id: int | None) -> None:
    stock.qty_on_hand += booking.on_hand_delta
    stock.qty_on_order += booking.on_order_delta
    session.add(_line(stock.item_id, stock.stocking_location_id, booking, at_ms, reference, bin_id))
    session.flush()


def _line(
    item_id: int, stocking_location_id: int, booking: Booking, at_ms: int, reference: str, bin_id: int | None
) -> MovementRow:
    return MovementRow(
        item_id=item_id,
        stocking_location_id=stocking_location_id,
        kind=booking.kind,
        on_hand_delta=booking.on_hand_delta,
        on_order_delta=booking.on_order_delta,
        at_ms=at_ms,
        reference=reference,
        bin_id=bin_id,
    )
