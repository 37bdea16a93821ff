# SPDX-License-Identifier: Apache-2.0
"""Replenishment on a real database: when an order is fired, and when it is not."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from fleet.counting.evidence import STOCKTAKE, Evidence, put_down
from fleet.counting.service import count_new_readings
from fleet.db import read, write
from fleet.orders.service import note_order_sent, replenish
from fleet.orders.store import policies
from fleet.orders.tables import OrderLineRow, OrderOutboxRow, ReplenishmentOrderRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.stock.model import Cause
from fleet.stock.service import book_count_change, note_evidence, position
from fleet.stock.tables import ItemRow, MovementRow, StockRow
from tests.fleet.plant import NOW_MS, PAIR, Reading, SimulatedBin, assert_books_agree, build, seed_data, store_readings


def hold(engine: Engine, pieces: int) -> None:
    """Says that the bin holds so many pieces, on good evidence."""
    with write(engine) as session:
        stock = session.get(StockRow, PAIR)
        if stock is None:
            book_count_change(session, *PAIR, pieces, NOW_MS, 1, "test", Cause.FIRST)
        elif pieces != stock.qty_on_hand:
            book_count_change(session, *PAIR, pieces - stock.qty_on_hand, NOW_MS, 1, "test")
        stock = session.get_one(StockRow, PAIR)
        levels = policies(session, {PAIR}).get(PAIR)
        is_due = levels is not None and position(stock) <= levels.reorder_point
        note_evidence(session, *PAIR, in_doubt=False, order_due=is_due)


def order(engine: Engine, now_ms: int = NOW_MS) -> list[str]:
    with write(engine) as session:
        orders = replenish(session, {PAIR}, now_ms)
        assert_books_agree(session)
    return orders


def send(engine: Engine, order_id: int = 1) -> None:
    with write(engine) as session:
        note_order_sent(session, order_id, NOW_MS)


def lines(engine: Engine) -> list[tuple[int, int, str]]:
    with read(engine) as session:
        rows = session.scalars(select(OrderLineRow).order_by(OrderLineRow.id))
        return [(row.qty_ordered, row.qty_received, row.state) for row in rows]


def raise_levels(engine: Engine) -> None:
    """To where the stock is low again, and is seen to be."""
    with write(engine) as session:
        note_evidence(session, *PAIR, in_doubt=False, order_due=True)
        session.connection().exec_driver_sql("UPDATE replenishment_policies SET reorder_point = 200, order_up_to = 300")


def test_at_the_reorder_point_one_order_is_fired_and_asking_again_fires_none(plant: Engine) -> None:
    hold(plant, 41)
    assert order(plant) == []
    hold(plant, 40)
    assert order(plant) == ["RO-000001"]
    assert order(plant) == []
    assert lines(plant) == [(150, 0, "unsent")]
    with read(plant) as session:
        assert position(session.get_one(StockRow, PAIR)) == 190


def test_what_is_on_order_counts_whether_it_has_left_or_not(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    hold(plant, 0)
    assert order(plant) == []
    send(plant)
    assert order(plant) == []


def test_when_an_order_has_left_and_use_goes_on_a_second_one_may_follow(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    send(plant)
    raise_levels(plant)
    assert order(plant) == ["RO-000002"]
    assert lines(plant) == [(150, 0, "sent"), (100, 0, "unsent")]


def test_while_an_order_waits_to_leave_no_other_joins_it_whatever_the_levels(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    raise_levels(plant)
    assert order(plant) == []


def test_nothing_is_ordered_while_the_stock_is_in_doubt(plant: Engine) -> None:
    hold(plant, 10)
    with write(plant) as session:
        note_evidence(session, *PAIR, in_doubt=True, order_due=True)
    assert order(plant) == []
    with write(plant) as session:
        note_evidence(session, *PAIR, in_doubt=False, order_due=True)
    assert order(plant) == ["RO-000001"]


def test_a_pair_without_levels_is_never_ordered(plant: Engine) -> None:
    hold(plant, 0)
    with write(plant) as session:
        session.connection().exec_driver_sql("DELETE FROM replenishment_policies")
        assert replenish(session, {PAIR}, NOW_MS) == []


def test_a_delivery_settles_the_oldest_order_first(plant: Engine) -> None:
    test_when_an_order_has_left_and_use_goes_on_a_second_one_may_follow(plant)
    send(plant, 2)
    hold(plant, 140)  # 100 came
    order(plant)
    assert lines(plant)[:2] == [(150, 100, "sent"), (100, 0, "sent")]
    hold(plant, 240)  # 100 more
    order(plant)
    assert lines(plant)[:2] == [(150, 150, "received"), (100, 50, "sent")]
    with read(plant) as session:
        states = list(session.scalars(select(ReplenishmentOrderRow.state).order_by(ReplenishmentOrderRow.id)))
    assert states[:2] == ["received", "sent"]


def hear(engine: Engine, readings: list[Reading]) -> list[str]:
    """What the worker does with a bin's readings; the orders it fired are sent at once."""
    with write(engine) as session:
        store_readings(session, readings)
        now_ms = NOW_MS + readings[-1].uptime_s * 1000
        pairs, _ = count_new_readings(session, now_ms, 1000, policies)
        fired = replenish(session, pairs, now_ms)
        for order_no in fired:
            note_order_sent(session, int(order_no[3:]), now_ms)
        assert_books_agree(session)
    return fired


@pytest.mark.parametrize("pieces", [20, 12], ids=["half of them", "some of them"])
def test_pieces_taken_out_and_put_back_again_and_again_are_not_ordered_twice(plant: Engine, pieces: int) -> None:
    bin_ = SimulatedBin(pieces=40)
    assert hear(plant, [*bin_.burst(), *bin_.heartbeats(2)]) == ["RO-000001"]
    for _ in range(3):
        bin_.pieces -= pieces
        assert hear(plant, list(bin_.burst())) == []
        bin_.pieces += pieces
        assert hear(plant, [*bin_.burst(), *bin_.heartbeats(1)]) == []
    assert lines(plant) == [(150, 0, "sent")]
    bin_.pieces += 150
    assert hear(plant, [*bin_.burst(), *bin_.heartbeats(1)]) == []
    assert lines(plant) == [(150, 150, "received")]
    with read(plant) as session:
        stock = session.get_one(StockRow, PAIR)
        assert (stock.qty_on_hand, stock.qty_on_order) == (190, 0)


def on_hand(engine: Engine) -> int:
    with read(engine) as session:
        return session.get_one(StockRow, PAIR).qty_on_hand


def test_pieces_that_come_back_hours_later_wait_for_a_person_and_are_not_ordered_twice(plant: Engine) -> None:
    """As heavy an object may have been put into the empty bin: until somebody counts, nothing is booked nor ordered."""
    bin_ = SimulatedBin(pieces=40)
    assert hear(plant, [*bin_.burst(), *bin_.heartbeats(2)]) == ["RO-000001"]
    bin_.pieces = 0
    assert hear(plant, [*bin_.burst(), *bin_.heartbeats(36)]) == []
    bin_.pieces = 40
    assert hear(plant, [*bin_.burst(), *bin_.heartbeats(2)]) == []
    assert (on_hand(plant), lines(plant)) == (0, [(150, 0, "sent")])
    with read(plant) as session:
        assert session.get_one(StockRow, PAIR).in_doubt
    with write(plant) as session:
        put_down(session, "bin-1", Evidence(STOCKTAKE, 40, "test"), NOW_MS + bin_.uptime_s * 1000)
    assert hear(plant, list(bin_.heartbeats(1))) == []
    assert (on_hand(plant), lines(plant)) == (40, [(150, 0, "sent")])
    bin_.pieces += 150
    assert hear(plant, [*bin_.burst(), *bin_.heartbeats(1)]) == []
    assert (on_hand(plant), lines(plant)) == (190, [(150, 150, "received")])


def test_a_level_raised_or_entered_later_fires_at_the_next_report(plant: Engine, tmp_path: Path) -> None:
    bin_ = SimulatedBin(pieces=100)
    assert hear(plant, list(bin_.burst())) == []
    with write(plant) as session:
        session.connection().exec_driver_sql("DELETE FROM replenishment_policies")
    assert hear(plant, list(bin_.heartbeats(1))) == []
    build(plant, tmp_path)
    assert hear(plant, list(bin_.heartbeats(1))) == []
    build(plant, tmp_path, reorder_point=105)
    assert hear(plant, list(bin_.heartbeats(1))) == ["RO-000001"]


def test_two_bins_order_by_what_they_hold_together(plant: Engine, tmp_path: Path) -> None:
    """And only once both are counted and that they hold no more than min is sure enough."""
    data: Any = seed_data()
    data["devices"].append({"device": "dev-2", "kid": "0002", "master_secret": "ff" * 16})
    data["bins"].append({**data["bins"][0], "bin": "bin-2", "device": "dev-2"})
    with write(plant) as session:
        load(session, parse_seed(data, tmp_path), now_ms=NOW_MS)
    first, second = SimulatedBin(pieces=15), SimulatedBin(pieces=27, seed=2)

    def report() -> list[str]:
        with write(plant) as session:
            store_readings(session, list(first.burst()), device_id=1)
            store_readings(session, list(second.burst()), device_id=2)
            now_ms = NOW_MS + first.uptime_s * 1000
            pairs, _ = count_new_readings(session, now_ms, 1000, policies)
            return replenish(session, pairs, now_ms)

    assert hear(plant, list(first.burst())) == [], "the other bin has not been counted"
    assert report() == []
    second.pieces -= 1
    assert report() == [], "41 pieces are more than min"
    second.pieces -= 1
    assert report() == ["RO-000001"]


def correct(engine: Engine, delta: int, at_ms: int = NOW_MS) -> None:
    with write(engine) as session:
        book_count_change(session, *PAIR, delta, at_ms, 1, "test", Cause.CORRECTED)
        replenish(session, {PAIR}, at_ms)
        assert_books_agree(session)


def test_a_delivery_that_proves_to_be_none_is_still_to_come_and_not_ordered_twice(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    send(plant)
    hold(plant, 190)
    assert order(plant) == []
    assert lines(plant) == [(150, 150, "received")]
    correct(plant, -150)  # somebody had leaned on the bin
    assert lines(plant) == [(150, 0, "sent")]
    hold(plant, 40)
    assert order(plant) == [], "it is on order still"
    with read(plant) as session:
        assert session.scalars(select(ReplenishmentOrderRow.state)).all() == ["sent"]
    hold(plant, 190)
    order(plant)
    assert lines(plant) == [(150, 150, "received")]


def test_a_delivery_that_proves_to_be_larger_leaves_nothing_on_order(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    send(plant)
    hold(plant, 90)
    order(plant)
    assert lines(plant) == [(150, 50, "sent")]
    correct(plant, 100)
    assert lines(plant) == [(150, 150, "received")]


def test_what_proves_wrong_days_later_has_nothing_to_do_with_the_delivery(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    send(plant)
    hold(plant, 190)
    order(plant)
    correct(plant, -150, NOW_MS + 49 * 3_600_000)
    assert lines(plant)[0] == (150, 150, "received")


def test_nobody_can_deliver_what_has_not_left(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    hold(plant, 140)
    order(plant)
    assert lines(plant) == [(150, 0, "unsent")]
    with read(plant) as session:
        kinds = list(session.scalars(select(MovementRow.kind).order_by(MovementRow.id)))
        assert kinds == ["count", "ordered", "return"]


def test_saying_twice_that_an_order_was_sent_is_harmless(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    send(plant)
    send(plant)
    with read(plant) as session:
        assert_books_agree(session)
        assert session.get_one(StockRow, PAIR).qty_unsent == 0


def test_items_of_one_place_go_into_one_order(plant: Engine) -> None:
    hold(plant, 40)
    with write(plant) as session:
        session.add(ItemRow(id=2, item="M5", name="", apw_g=1, pack_size=10))
        session.flush()
        session.connection().exec_driver_sql("INSERT INTO replenishment_policies VALUES (2, 1, 5, 35, 10, 0, 0)")
        book_count_change(session, 2, 1, 3, NOW_MS, None, "test", Cause.FIRST)
        note_evidence(session, 2, 1, in_doubt=False, order_due=True)
        assert replenish(session, {PAIR, (2, 1)}, NOW_MS) == ["RO-000001"]
        document = json.loads(session.scalars(select(OrderOutboxRow.document)).one())
    assert document == {
        "order_no": "RO-000001",
        "created_at": "2026-09-21T14:13:20.000Z",
        "stocking_location": "line-1",
        "site": "plant-1",
        "customer": "acme",
        "lines": [
            {"item": "M4x12", "qty": 150, "order_multiple": 50},
            {"item": "M5", "qty": 30, "order_multiple": 10},
        ],
    }


def test_the_database_itself_refuses_a_second_unsent_line(plant: Engine) -> None:
    hold(plant, 40)
    order(plant)
    second = {
        "order_id": 1,
        "item_id": 1,
        "stocking_location_id": 1,
        "qty_ordered": 50,
        "qty_received": 0,
        "state": "unsent",
    }
    with pytest.raises(IntegrityError, match="UNIQUE"), write(plant) as session:
        session.execute(insert(OrderLineRow).values(second))
    with write(plant) as session:  # one that has left is no hindrance
        session.execute(insert(OrderLineRow).values({**second, "state": "sent"}))


def test_two_threads_that_replenish_the_same_pair_fire_one_order(plant: Engine) -> None:
    hold(plant, 40)
    start = threading.Barrier(4)
    fired: list[str] = []

    def run() -> None:
        start.wait()
        for _ in range(5):
            fired.extend(order(plant))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fired == ["RO-000001"]
    assert lines(plant) == [(150, 0, "unsent")]
