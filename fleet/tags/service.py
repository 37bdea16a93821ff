# SPDX-License-Identifier: Apache-2.0
"""Tags as use cases: what readers say becomes stays, stays become lines of the ledger, once each."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from fleet.orders.store import policies
from fleet.stock.service import book_package, note_evidence, position
from fleet.stock.store import Pair, stock_of
from fleet.tags import store
from fleet.tags.model import LEFT, Holding, Kind, Patience, Role, Step, on_coming, on_going
from fleet.tags.tables import TagBindingRow, TagEventRow, TagPresenceRow


def take_new_events(session: Session, now_ms: int, limit: int, patience: Patience) -> tuple[set[Pair], int]:
    """Takes the next `limit` events of the log, ends the stays that are over, and books what that means.

    All of it is in the caller's transaction, the cursor's move too, and what the ledger has of each package stands in
    its binding, so that it is booked once whatever crashes or comes again. Returns the pairs (item_id,
    stocking_location_id) that were heard of, and how many events and stays were taken.
    """
    cursor = store.cursor(session)
    events = store.events_after(session, cursor.last_event_id, limit)
    pairs: set[Pair] = set()
    for event in events:
        pairs |= _take(session, event, patience)
        cursor.last_event_id = event.id
    session.flush()
    over = store.stays_left(session, now_ms - patience.gone_ms, limit)
    for stay in over:
        pairs |= _end(session, stay)
    weigh(session, pairs)
    return pairs, len(events) + len(over)


def end_missed(session: Session, limit: int, patience: Patience) -> int:
    """Ends the stays of tags that are gone without a word of it, and books what that means; how many."""
    missed = store.stays_missed(session, patience.silent_ms, limit)
    for stay in missed:
        _end(session, stay)
    return len(missed)


def weigh(session: Session, pairs: Iterable[Pair] | None = None) -> set[Pair]:
    """Says of each of the pairs (None: of all) that tags are bound to whether an order is due: the ledger is evidence.

    It is none before any of the pieces was seen. Returns the pairs of which it is due.
    """
    seen = store.pairs_seen(session, pairs)
    levels = policies(session, seen)
    due = set()
    for pair, is_seen in seen.items():
        is_low = pair in levels and position(stock_of(session, pair)) <= levels[pair].reorder_point
        note_evidence(session, *pair, in_doubt=not is_seen, order_due=is_low)
        if is_seen and is_low:
            due.add(pair)
    return due


def book_coming(
    session: Session, binding: TagBindingRow, stay: TagPresenceRow, at_ms: int, is_refilled: bool = False
) -> None:
    """Books what it means that the tag of this binding has come where it stays.

    `is_refilled` says of a box that has come to the empties again that it was away long enough to have been filled.
    """
    antenna = store.antenna_of(session, stay.device_id, stay.antenna)
    if antenna is None:
        return
    role = Role(antenna.role)
    if role is Role.STOCK and antenna.stocking_location_id != binding.stocking_location_id:
        return  # it is not where it belongs, and its place is still to get it
    _book(session, binding, on_coming(Kind(binding.kind), role, _holding(binding), is_refilled), at_ms, stay.id)


def _take(session: Session, event: TagEventRow, patience: Patience) -> set[Pair]:
    """Takes one event; the pair it is about, if any."""
    at_ms = event.received_at_ms if event.taken_at_ms is None else event.taken_at_ms
    binding = store.binding_of(session, event.epc)
    pairs = _pairs(binding)
    stay = store.newest_stay(session, event.device_id, event.antenna, event.epc)
    if stay is not None and _is_older(event, stay):
        return pairs
    if stay is not None and stay.is_over and event.kind == LEFT:
        stay.seen_at_ms, stay.epoch, stay.sequence = at_ms, event.epoch, event.sequence  # it is known to be gone
        return pairs
    was_away = stay is not None and stay.left_at_ms is not None and at_ms - stay.left_at_ms > patience.gone_ms
    if stay is not None and was_away and not stay.is_over and event.kind != LEFT:
        _end(session, stay)
    has_come = stay is None or stay.is_over
    if stay is None or stay.is_over:
        stay = TagPresenceRow(
            device_id=event.device_id, antenna=event.antenna, epc=event.epc, entered_at_ms=at_ms, is_over=False
        )
        session.add(stay)
    stay.seen_at_ms = at_ms
    stay.left_at_ms = at_ms if event.kind == LEFT else None  # one that leaves and never came was there unnoticed
    stay.rssi_dbm, stay.epoch, stay.sequence = event.rssi_dbm, event.epoch, event.sequence
    session.flush()
    if has_come and binding is not None:
        book_coming(session, binding, stay, at_ms, _is_refilled(session, stay, at_ms, patience))
    return pairs


def _is_older(event: TagEventRow, stay: TagPresenceRow) -> bool:
    """Whether something later is known of the tag than the event tells; between two epochs the log's order says."""
    return event.epoch == stay.epoch and event.sequence <= stay.sequence


def _end(session: Session, stay: TagPresenceRow) -> set[Pair]:
    """Ends a stay and books what it means that the tag has gone; the pair it is about, if any."""
    if stay.left_at_ms is None:
        stay.left_at_ms = stay.seen_at_ms
    stay.is_over = True
    session.flush()
    binding = store.binding_of(session, stay.epc)
    antenna = store.antenna_of(session, stay.device_id, stay.antenna)
    if binding is None or antenna is None or antenna.role != Role.STOCK:
        return _pairs(binding)
    place = antenna.stocking_location_id
    if place == binding.stocking_location_id and not store.is_before(session, stay.epc, Role.STOCK, place):
        _book(session, binding, on_going(Kind(binding.kind), _holding(binding)), stay.left_at_ms, stay.id)
    return _pairs(binding)


def _is_refilled(session: Session, stay: TagPresenceRow, at_ms: int, patience: Patience) -> bool:
    """Whether a box that has come to the empties was away from them for long enough to have been filled."""
    if store.is_before(session, stay.epc, Role.EMPTIES, other_than=stay.id):
        return False
    left_at_ms = store.left_empties_at_ms(session, stay.epc)
    return left_at_ms is None or at_ms - left_at_ms >= patience.refill_ms


def _book(session: Session, binding: TagBindingRow, steps: Iterable[Step], at_ms: int, stay_id: int) -> None:
    """Books the steps, and in the binding what the ledger has of it then."""
    for step in steps:
        for pair in _pairs(binding):
            reference = f"{binding.kind} {binding.epc.hex()}, stay {stay_id}"
            book_package(session, *pair, step, binding.qty or 0, at_ms, reference)
        holding = _holding(binding).after(step)
        binding.is_in_stock, binding.was_used = holding.is_in_stock, holding.was_used
    session.flush()


def _holding(binding: TagBindingRow) -> Holding:
    return Holding(binding.is_in_stock, binding.was_used)


def _pairs(binding: TagBindingRow | None) -> set[Pair]:
    """The item and place of a package or box; none of a bin, whose scale tells its stock."""
    if binding is None or binding.item_id is None or binding.stocking_location_id is None:
        return set()
    return {(binding.item_id, binding.stocking_location_id)}
