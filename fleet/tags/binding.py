# SPDX-License-Identifier: Apache-2.0
"""Binds tags to packages, boxes and bins, and takes bindings off again; the ledger follows in the same transaction."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.counting.queries import bin_id
from fleet.counting.tables import BinRow
from fleet.stock.model import Cause
from fleet.stock.queries import name_id
from fleet.stock.service import book_count_change, note_evidence
from fleet.stock.store import Pair
from fleet.stock.tables import ItemRow, StockingLocationRow
from fleet.tags import store
from fleet.tags.model import Kind
from fleet.tags.service import book_coming, weigh
from fleet.tags.tables import TagBindingRow


class BindingError(ValueError):
    """A tag that cannot be bound so. `field` is the one to mend, the message says why and how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TakenError(BindingError):
    """The tag, or the stock it would tell, is taken already."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a tag is stuck to: `qty` pieces of an item at a stocking location, or a bin; all by name.

    `in_stock` says that the pieces are there already, unseen by any reader.
    """

    epc: bytes
    kind: Kind
    item: str | None = None
    stocking_location: str | None = None
    qty: int | None = None
    bin: str | None = None
    in_stock: bool = False


def bind(session: Session, binding: Binding, now_ms: int) -> TagBindingRow:
    """Binds a tag. One that is at its place just now has come, as if its reader had only now seen it.

    Raises BindingError, UnknownNameError.
    """
    bound = store.binding_of(session, binding.epc)
    if bound is not None:
        raise TakenError("epc", f"{binding.epc.hex()} is bound already; take that binding off first")
    row = TagBindingRow(epc=binding.epc, kind=binding.kind.value, is_in_stock=False, was_used=False, bound_at_ms=now_ms)
    if binding.kind is Kind.BIN:
        row.bin_id = _bin_id(session, binding)
        session.add(row)
        session.flush()
        return row
    pair = row.item_id, row.stocking_location_id = _pair(session, binding)
    row.qty = binding.qty
    session.add(row)
    if binding.in_stock:
        reference = f"{binding.kind} {binding.epc.hex()} bound"
        book_count_change(session, *pair, binding.qty or 0, now_ms, None, reference, Cause.FIRST)
        row.is_in_stock = True
    session.flush()
    for stay in store.present_stays(session, binding.epc):
        book_coming(session, row, stay, now_ms)
    weigh(session, [pair])
    return row


def unbind(session: Session, row: TagBindingRow, now_ms: int) -> None:
    """Takes a binding off, and with it out of the ledger what the tag has brought there and is still on hand."""
    pair = None if row.item_id is None or row.stocking_location_id is None else (row.item_id, row.stocking_location_id)
    if pair is not None and row.is_in_stock:
        reference = f"{row.kind} {row.epc.hex()} taken off"
        book_count_change(session, *pair, -(row.qty or 0), now_ms, None, reference, Cause.RESCALED)
    session.delete(row)
    session.flush()
    if pair is not None and not store.pairs_seen(session, [pair]):
        note_evidence(session, *pair, in_doubt=True, order_due=False)
    elif pair is not None:
        weigh(session, [pair])


def changed_fields(session: Session, row: TagBindingRow, binding: Binding) -> tuple[str, ...]:
    """What of a binding is not as it is said now, by the names of the fields."""
    names = {
        "item": session.scalars(select(ItemRow.item).where(ItemRow.id == row.item_id)).one_or_none(),
        "stocking_location": session.scalars(
            select(StockingLocationRow.stocking_location).where(StockingLocationRow.id == row.stocking_location_id)
        ).one_or_none(),
        "bin": session.scalars(select(BinRow.bin).where(BinRow.id == row.bin_id)).one_or_none(),
    }
    known = {"kind": Kind(row.kind), "qty": row.qty, **names}
    return tuple(field for field, value in known.items() if getattr(binding, field) != value)


def _pair(session: Session, binding: Binding) -> Pair:
    """The item and place of a package or box. Raises TakenError when scales tell their stock."""
    for field in ("item", "stocking_location", "qty"):
        if getattr(binding, field) is None:
            raise BindingError(field, f"is missing; a {binding.kind} is so many pieces of an item at a place")
    if binding.bin is not None:
        raise BindingError("bin", f"a {binding.kind} is in no bin; take it out, or give the kind bin")
    item_id = name_id(session, ItemRow.item, str(binding.item))
    location_id = name_id(session, StockingLocationRow.stocking_location, str(binding.stocking_location))
    weighed = session.scalars(
        select(BinRow.bin)
        .where(BinRow.item_id == item_id, BinRow.stocking_location_id == location_id)
        .order_by(BinRow.id)
        .limit(1)
    ).first()
    if weighed is not None:
        raise TakenError(
            "item",
            f'{binding.item} at {binding.stocking_location} is weighed in bin "{weighed}" already, and stock told by '
            "scales and by tags would count twice; bind it at another stocking location, or to the bin",
        )
    return item_id, location_id


def _bin_id(session: Session, binding: Binding) -> int:
    for field in ("item", "stocking_location", "qty"):
        if getattr(binding, field) is not None:
            raise BindingError(field, "a bin has its item and place already, and its scale counts; take it out")
    if binding.in_stock:
        raise BindingError("in_stock", "a bin's scale tells what it holds; take it out")
    if binding.bin is None:
        raise BindingError("bin", "is missing; give the bin's name")
    return bin_id(session, binding.bin)
