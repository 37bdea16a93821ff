# SPDX-License-Identifier: Apache-2.0
"""Tags are stuck to packages, boxes and bins, and taken off again; scales and tags never tell the same stock."""

from dataclasses import replace

import pytest

from fleet.db import write
from fleet.listing import UnknownNameError
from fleet.tags.binding import Binding, BindingError, TakenError, bind
from fleet.tags.model import Kind
from tests.fleet.plant import NOW_MS
from tests.fleet.tags.shelf import EPC, OTHER_EPC, QTY, SHELF, Shelf

PACKAGE = Binding(EPC, Kind.PACKAGE, "N5", "line-1", QTY)
BIN = Binding(EPC, Kind.BIN, bin="bin-1")


def put(shelf: Shelf, binding: Binding) -> None:
    with write(shelf.engine) as session:
        bind(session, binding, NOW_MS)


def test_a_package_that_is_at_its_place_when_it_is_bound_has_arrived(shelf: Shelf) -> None:
    shelf.say(("entered", SHELF, 10))
    shelf.bind()
    assert shelf.booked() == [("receipt", QTY, 0)]
    shelf.say(("present", SHELF, 900))
    assert shelf.booked() == [("receipt", QTY, 0)]


def test_what_is_there_already_is_counted_and_not_received(shelf: Shelf) -> None:
    shelf.bind(in_stock=True)
    shelf.say(("entered", SHELF, 10))
    assert shelf.booked() == [("count", QTY, 0)]


def test_a_binding_that_is_taken_off_takes_its_pieces_out_of_the_ledger(shelf: Shelf) -> None:
    shelf.bind(in_stock=True)
    shelf.unbind()
    assert shelf.booked() == [("count", QTY, 0), ("adjustment", -QTY, 0)]
    assert shelf.stock().in_doubt, "no tag tells of it any more"
    shelf.say(("entered", SHELF, 10), ("left", SHELF, 500))
    shelf.turn(999)
    assert len(shelf.booked()) == 2


def test_the_other_packages_go_on_telling_the_stock_when_one_binding_is_taken_off(shelf: Shelf) -> None:
    for epc in (EPC, OTHER_EPC):
        shelf.bind(epc=epc, in_stock=True)
    shelf.unbind()
    stock = shelf.stock()
    assert (stock.qty_on_hand, stock.in_doubt, stock.order_due) == (QTY, False, True)


def test_a_tag_is_bound_once(shelf: Shelf) -> None:
    shelf.bind()
    with pytest.raises(TakenError, match="is bound already; take that binding off first"):
        put(shelf, BIN)


def test_stock_that_a_scale_tells_is_not_told_by_tags_too(shelf: Shelf) -> None:
    with pytest.raises(TakenError, match='M4x12 at line-1 is weighed in bin "bin-1" already') as refused:
        put(shelf, replace(PACKAGE, item="M4x12"))
    assert refused.value.field == "item"
    put(shelf, replace(PACKAGE, item="M4x12", stocking_location="line-2"))


def test_the_tag_of_a_bin_books_nothing(shelf: Shelf) -> None:
    put(shelf, BIN)
    shelf.say(("entered", SHELF, 10), ("left", SHELF, 500))
    shelf.turn(999)
    assert shelf.booked() == []


@pytest.mark.parametrize(
    ("binding", "field"),
    [
        (replace(PACKAGE, item=None), "item"),
        (replace(PACKAGE, stocking_location=None), "stocking_location"),
        (replace(PACKAGE, qty=None), "qty"),
        (replace(PACKAGE, bin="bin-1"), "bin"),
        (replace(BIN, bin=None), "bin"),
        (replace(BIN, item="N5"), "item"),
        (replace(BIN, qty=3), "qty"),
        (replace(BIN, in_stock=True), "in_stock"),
    ],
)
def test_a_binding_that_says_too_much_or_too_little_is_refused_by_its_field(
    shelf: Shelf, binding: Binding, field: str
) -> None:
    with pytest.raises(BindingError) as refused:
        put(shelf, binding)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "binding", [replace(PACKAGE, item="M9"), replace(PACKAGE, stocking_location="x"), replace(BIN, bin="x")]
)
def test_names_must_be_known(shelf: Shelf, binding: Binding) -> None:
    with pytest.raises(UnknownNameError):
        put(shelf, binding)
