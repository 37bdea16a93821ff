# SPDX-License-Identifier: Apache-2.0
"""The ledger and its running sum."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.event import listen
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fleet.db import Base, read, write
from fleet.stock.model import Cause
from fleet.stock.service import book_count_change, book_ordered, close_ledger, note_sent, position
from fleet.stock.tables import ItemRow, MovementRow, StockRow
from tests.fleet.plant import NOW_MS, PAIR

CHANGES = st.one_of(
    st.tuples(st.just("counted"), st.integers(-50, 300).filter(bool)),
    st.tuples(st.just("ordered"), st.integers(1, 300)),
    st.tuples(st.just("sent"), st.just(0)),
)


def ledger_sums(session: Session) -> tuple[int, int]:
    sums = select(func.sum(MovementRow.on_hand_delta), func.sum(MovementRow.on_order_delta))
    return tuple(session.execute(sums).one())  # type: ignore[return-value]


def do(session: Session, changes: list[tuple[str, int]]) -> None:
    for number, (what, qty) in enumerate(changes):
        if what == "counted":
            book_count_change(session, *PAIR, qty, NOW_MS + number, 1, "test")
        elif what == "ordered":
            book_ordered(session, *PAIR, qty, NOW_MS + number, "RO-1")
        else:
            stock = session.get(StockRow, PAIR)
            note_sent(session, *PAIR, 0 if stock is None else stock.qty_unsent)


@given(st.lists(CHANGES, max_size=12), st.integers(0, 12))
def test_stock_is_always_the_sum_of_the_ledger_closed_or_not(changes: list[tuple[str, int]], days: int) -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(ItemRow(id=1, item="M4", name="", apw_g=1, pack_size=50))
        session.flush()
        book_count_change(session, *PAIR, 100, NOW_MS, 1, "test", Cause.FIRST)
        do(session, changes)
        stock = session.get_one(StockRow, PAIR)
        assert ledger_sums(session) == (stock.qty_on_hand, stock.qty_on_order)
        assert position(stock) == stock.qty_on_hand + stock.qty_on_order
        before = session.scalar(select(func.count(MovementRow.id)))
        gone = close_ledger(session, NOW_MS + days)
        assert session.scalar(select(func.count(MovementRow.id))) == before - gone
        assert ledger_sums(session) == (stock.qty_on_hand, stock.qty_on_order)
        assert close_ledger(session, NOW_MS + days) == 0, "closing again changes nothing"
        session.rollback()
    engine.dispose()


def test_closing_leaves_one_opening_line_and_all_that_came_after(plant: Engine) -> None:
    with write(plant) as session:
        do(session, [("counted", 90), ("counted", -5), ("counted", -7), ("counted", -9)])
        assert close_ledger(session, NOW_MS + 3) == 2
    with read(plant) as session:
        rows = session.scalars(select(MovementRow).order_by(MovementRow.at_ms)).all()
        assert [(row.kind, row.on_hand_delta, row.reference) for row in rows] == [
            ("count", 78, "opening"),
            ("usage", -9, "test"),
        ]


PUT_BACK_S = 600


@pytest.mark.parametrize(
    ("taken_from", "seconds_later", "kind"),
    [(1, PUT_BACK_S, "return"), (1, PUT_BACK_S + 1, "receipt"), (2, 60, "receipt")],
    ids=["into the same bin in time", "too late", "into another bin"],
)
def test_what_was_taken_from_the_bin_is_put_back_within_ten_minutes(
    plant: Engine, taken_from: int, seconds_later: int, kind: str
) -> None:
    with write(plant) as session:
        book_count_change(session, *PAIR, 40, NOW_MS, 1, "test", Cause.FIRST)
        do(session, [("ordered", 150), ("sent", 0)])
        book_count_change(session, *PAIR, -40, NOW_MS, taken_from, "test")
        booking = book_count_change(session, *PAIR, 40, NOW_MS + seconds_later * 1000, 1, "test")
    assert booking.kind == kind


def test_what_the_bin_held_of_another_item_cannot_be_put_back_into_it(plant: Engine) -> None:
    with write(plant) as session:
        session.add(ItemRow(id=2, item="M5", name="", apw_g=1, pack_size=50))
        session.flush()
        book_count_change(session, 2, 1, -40, NOW_MS, 1, "test")
        do(session, [("ordered", 150), ("sent", 0)])
        assert book_count_change(session, *PAIR, 40, NOW_MS + 1, 1, "test").kind == "receipt"


def test_a_bins_late_handling_is_found_by_an_index_however_long_the_ledger(plant: Engine) -> None:
    with write(plant) as session:
        do(session, [("ordered", 150), ("sent", 0), ("counted", -5)])
        statements: list[str] = []
        listen(session.connection(), "before_cursor_execute", lambda *said: statements.append(said[2]))
        do(session, [("counted", 5)])
        (asked,) = (said for said in statements if "FROM movements" in said)
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (1,) * asked.count("?")).all()
    assert "ix_movements_bin (bin_id=? AND at_ms>? AND at_ms<?)" in str(plan)


@pytest.mark.parametrize("row", [{"qty_on_order": -1}, {"qty_unsent": 1}], ids=["negative", "unsent beyond on order"])
def test_the_database_itself_refuses_impossible_stock(plant: Engine, row: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="CHECK"), write(plant) as session:
        session.add(StockRow(item_id=1, stocking_location_id=1, **row))
