# SPDX-License-Identifier: Apache-2.0
"""An order number is given once, whatever was restored or forgotten."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from fleet.db import open_engine, read, write
from fleet.orders.numbers import continue_numbers
from fleet.orders.relay import relay_outbox
from fleet.orders.service import forget_old, note_order_sent, replenish
from fleet.orders.tables import OrderLineRow, OrderOutboxRow, ReplenishmentOrderRow
from fleet.stock.model import Cause
from fleet.stock.service import book_count_change, note_evidence
from fleet.stock.tables import StockRow
from tests.fleet.plant import NOW_MS, PAIR, assert_books_agree

DAY_MS = 86_400_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    folder.mkdir()
    return folder


def fire(engine: Engine, now_ms: int = NOW_MS) -> list[str]:
    """Lets the stock fall to the reorder point, whatever is on order, and orders."""
    with write(engine) as session:
        stock = session.get(StockRow, PAIR)
        position = 0 if stock is None else stock.qty_on_hand + stock.qty_on_order
        book_count_change(session, *PAIR, 40 - position, now_ms, 1, "test", Cause.RESCALED)
        note_evidence(session, *PAIR, in_doubt=False, order_due=True)
        return replenish(session, {PAIR}, now_ms)


def deliver(engine: Engine, now_ms: int = NOW_MS) -> None:
    with write(engine) as session:
        book_count_change(session, *PAIR, 150, now_ms, 1, "test")
        replenish(session, {PAIR}, now_ms)
        assert_books_agree(session)


@pytest.mark.parametrize("collected", [False, True], ids=["files in the folder", "files collected"])
def test_a_restored_database_goes_on_above_what_has_left(
    plant: Engine, tmp_path: Path, folder: Path, collected: bool
) -> None:
    with closing(sqlite3.connect(str(plant.url.database))) as connection:
        connection.execute("VACUUM INTO ?", (f"{tmp_path}/backup.db",))
    for number in (1, 2):
        fire(plant)
        assert relay_outbox(plant, folder, NOW_MS) == [f"RO-00000{number}"]
    if collected:
        for path in folder.glob("*.json"):
            path.unlink()
    else:
        (folder / ".highest-order-no").unlink()
    restored = open_engine(f"sqlite:///{tmp_path}/backup.db")
    assert continue_numbers(restored, folder) == 2
    assert fire(restored) == ["RO-000003"]
    assert relay_outbox(restored, folder, NOW_MS) == ["RO-000003"]
    restored.dispose()


@pytest.mark.parametrize("name", ["RO-000007.json.bak", "RO-7.json", "RO-x.json", "RO-99999999999999999.json", "notes"])
def test_files_that_are_no_orders_of_ours_move_no_number(plant: Engine, folder: Path, name: str) -> None:
    (folder / name).touch()
    (folder / ".highest-order-no").write_bytes(b"\xff rubbish")
    assert continue_numbers(plant, folder) == 0
    assert fire(plant) == ["RO-000001"]
    assert relay_outbox(plant, folder, NOW_MS) == ["RO-000001"]
    assert (folder / ".highest-order-no").read_text() == "RO-000001\n"


def test_numbers_never_go_back(plant: Engine, folder: Path) -> None:
    assert fire(plant) == ["RO-000001"]
    assert continue_numbers(plant, folder) == 1
    assert continue_numbers(plant, folder / "missing") == 1


def test_old_orders_go_once_received_and_their_numbers_stay_taken(plant: Engine) -> None:
    fire(plant)
    with write(plant) as session:
        note_order_sent(session, 1, NOW_MS)
        assert forget_old(session, NOW_MS + DAY_MS) == 0, "not received"
    deliver(plant)
    with write(plant) as session:
        assert forget_old(session, NOW_MS) == 0, "not old"
        assert forget_old(session, NOW_MS + 1) == 1
        assert forget_old(session, NOW_MS + 1) == 0
    with read(plant) as session:
        for table in (ReplenishmentOrderRow, OrderLineRow, OrderOutboxRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert_books_agree(session)
    assert fire(plant) == ["RO-000002"]


def test_an_order_received_in_part_or_not_sent_is_never_forgotten(plant: Engine) -> None:
    fire(plant)
    with write(plant) as session:
        assert forget_old(session, NOW_MS + DAY_MS) == 0
        note_order_sent(session, 1, NOW_MS)
        book_count_change(session, *PAIR, 100, NOW_MS, 1, "test")
        replenish(session, {PAIR}, NOW_MS)
        assert forget_old(session, NOW_MS + DAY_MS) == 0
        assert_books_agree(session)


def test_only_so_many_old_orders_go_at_once(plant: Engine) -> None:
    for number in (1, 2, 3):
        fire(plant)
        with write(plant) as session:
            note_order_sent(session, number, NOW_MS)
        deliver(plant)
    with write(plant) as session:
        assert [forget_old(session, NOW_MS + 1, limit=2) for _ in range(3)] == [2, 1, 0]
