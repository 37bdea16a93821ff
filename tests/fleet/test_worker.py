# SPDX-License-Identifier: Apache-2.0
"""The worker carries readings down to an order, once, whatever fails on the way."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from fleet.counting import recount
from fleet.counting.tables import BinRow, CountRow, CountTaskRow
from fleet.db import read, write
from fleet.orders.tables import ReplenishmentOrderRow, ReplenishmentPolicyRow
from fleet.readings.tables import ReadingRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.series.collect import collect_news
from fleet.stock.tables import MovementRow
from fleet.tags.tables import TagEventRow, TagPresenceRow
from fleet.worker import (
    BOOKS_KEEP_DAYS,
    LOOK_EVERY_MS,
    READINGS_A_TURN,
    RELAY_EVERY_MS,
    RETENTION_EVERY_MS,
    Worker,
)
from tests.eventually import eventually
from tests.fleet.plant import NOW_MS, SimulatedBin, assert_books_agree, seed_data, store_readings
from tests.fleet.tags.shelf import EPC, OTHER_EPC, QTY, SHELF, Shelf

DAY_MS = 86_400_000


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at_ms = NOW_MS + 60_000

    def now_ms(self) -> int:
        return self.at_ms


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    folder.mkdir()
    return folder


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(plant: Engine, clock: Clock, orders: Path) -> Iterator[Worker]:
    worker = Worker(plant, clock, orders, readings_keep_days=90)
    yield worker
    worker.stop()


def report(engine: Engine, bin_: SimulatedBin, seconds: int = 40) -> None:
    with write(engine) as session:
        store_readings(session, list(bin_.burst(seconds)))


def number_of(engine: Engine, table: type) -> int:
    with read(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_a_former_run_left_uncounted_is_counted_and_ordered_at_the_start(
    plant: Engine, worker: Worker, orders: Path
) -> None:
    report(plant, SimulatedBin(pieces=30))
    worker.start()
    asyncio.run(eventually(lambda: (orders / "RO-000001.json").exists()))
    worker.stop()
    assert number_of(plant, CountRow) == 40
    with read(plant) as session:
        assert_books_agree(session)
        assert session.scalars(select(ReplenishmentOrderRow.state)).all() == ["sent"]


def test_a_wake_counts_what_came_since(plant: Engine, worker: Worker) -> None:
    worker.start()
    bin_ = SimulatedBin(pieces=120)
    for counted in (40, 80):
        report(plant, bin_)
        worker.wake()
        asyncio.run(eventually(lambda counted=counted: number_of(plant, CountRow) == counted))
    assert number_of(plant, ReplenishmentOrderRow) == 0


def test_an_order_that_cannot_be_sent_leaves_when_the_folder_is_back(
    plant: Engine, worker: Worker, clock: Clock, orders: Path, caplog: pytest.LogCaptureFixture
) -> None:
    orders.rmdir()
    report(plant, SimulatedBin(pieces=30))
    with caplog.at_level(logging.ERROR):
        worker.start()
        asyncio.run(eventually(lambda: "RO-000001 is not sent" in caplog.text))
    orders.mkdir()
    clock.at_ms += RELAY_EVERY_MS
    worker.wake()
    asyncio.run(eventually(lambda: (orders / "RO-000001.json").exists()))


def test_old_readings_go_once_counted_and_collected_and_the_ledger_is_folded(
    plant: Engine, clock: Clock, worker: Worker
) -> None:
    bin_ = SimulatedBin(pieces=120)
    report(plant, bin_)
    bin_.pieces = 110
    report(plant, bin_)
    clock.at_ms += BOOKS_KEEP_DAYS * DAY_MS + DAY_MS
    while worker.turn():
        pass
    assert number_of(plant, ReadingRow) == number_of(plant, CountRow) == 80, "the time series have not got them yet"
    while collect_news(plant, clock.at_ms):
        pass
    clock.at_ms += RETENTION_EVERY_MS
    while worker.turn():
        pass
    assert number_of(plant, ReadingRow) == number_of(plant, CountRow) == 0
    assert number_of(plant, MovementRow) == 1
    with read(plant) as session:
        assert_books_agree(session)


def test_readings_that_nothing_is_counted_of_go_too(plant: Engine, clock: Clock, worker: Worker) -> None:
    report(plant, SimulatedBin(pieces=120))
    with write(plant) as session:
        session.execute(update(BinRow).values(channel=7))  # the bin is on another channel now
    clock.at_ms += 100 * DAY_MS
    while worker.turn():
        pass
    assert number_of(plant, CountRow) == 0
    assert number_of(plant, ReadingRow) == 0


def test_what_an_interrupted_recount_left_is_put_in_place_without_anybody(
    plant: Engine, clock: Clock, worker: Worker, tmp_path: Path
) -> None:
    bin_ = SimulatedBin(pieces=100)
    report(plant, bin_)
    worker.turn()
    data: Any = seed_data()
    data["items"][0]["apw_g"] = "4.0"
    with write(plant) as session:
        load(session, parse_seed(data, tmp_path), now_ms=clock.at_ms)
    recount.begin(plant, recount.Asked(("bin-1",), NOW_MS, is_apply=True), clock.at_ms)
    recount.recount_some(plant, 1, clock.at_ms)
    assert newest_pieces(plant) == 100
    clock.at_ms += LOOK_EVERY_MS
    while worker.turn():
        pass
    assert newest_pieces(plant) == 125
    with read(plant) as session:
        assert [one.phase for one in recount.progress(session)] == ["done"]


def newest_pieces(engine: Engine) -> int | None:
    with read(engine) as session:
        return session.scalars(select(CountRow.pieces).order_by(CountRow.id.desc()).limit(1)).one()


def test_a_bin_that_cannot_be_counted_for_long_is_given_to_people(
    plant: Engine, clock: Clock, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    bin_ = SimulatedBin(pieces=120)
    report(plant, bin_)
    worker.turn()
    bin_.is_lifted = True
    for _ in range(2):
        with write(plant) as session:
            store_readings(session, list(bin_.heartbeats(25)))
        clock.at_ms = NOW_MS + bin_.uptime_s * 1000
        worker.turn()
    assert [record.getMessage() for record in caplog.records] == ["bin bin-1 is to be counted by hand: absent"]
    assert number_of(plant, CountTaskRow) == 1


def test_an_order_leaves_while_readings_keep_arriving(plant: Engine, clock: Clock, orders: Path) -> None:
    """The feed never has a gap: every wake finds more than one turn takes, until the order is seen."""
    seen_order = (orders / "RO-000001.json").exists
    worker = Worker(plant, clock, orders, readings_keep_days=90)
    report(plant, SimulatedBin(pieces=30), seconds=40)
    with write(plant) as session:
        store_readings(session, list(SimulatedBin(pieces=30, uptime_s=40).burst(READINGS_A_TURN * 4)))
    counted_at_order = 0
    while not seen_order():
        counted = worker.turn()
        assert counted > 0, "the backlog was worked off and no order has left"
        counted_at_order += counted
    assert counted_at_order <= 2 * READINGS_A_TURN


def test_a_defect_in_a_turn_is_said_once_and_the_worker_lives_on(
    plant: Engine, worker: Worker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(plant, SimulatedBin(pieces=120))
    turns = []

    def broken(*_: object) -> None:
        turns.append(1)
        raise ZeroDivisionError("a defect")

    with caplog.at_level(logging.ERROR), monkeypatch.context() as patched:
        patched.setattr("fleet.worker.count_new_readings", broken)
        worker.start()
        for times in (1, 2):
            worker.wake()
            asyncio.run(eventually(lambda times=times: len(turns) >= times))
        assert not worker.is_well
    worker.wake()
    asyncio.run(eventually(lambda: number_of(plant, CountRow) == 40))
    asyncio.run(eventually(lambda: worker.is_well))
    assert caplog.text.count("trying again") == 1


def test_a_store_that_fails_is_said_and_tried_again(
    plant: Engine, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    """A table out of reach stands for a disk that is; nothing is counted twice afterwards."""
    report(plant, SimulatedBin(pieces=120))
    with plant.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE counts RENAME TO counts_away")
        connection.commit()
    with caplog.at_level(logging.ERROR):
        worker.start()
        asyncio.run(eventually(lambda: "trying again" in caplog.text))
    with plant.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE counts_away RENAME TO counts")
        connection.commit()
    worker.wake()
    asyncio.run(eventually(lambda: number_of(plant, CountRow) == 40))


def test_tag_events_are_booked_and_ordered_for_and_go_when_they_are_old(
    plant: Engine, worker: Worker, clock: Clock
) -> None:
    shelf = Shelf(plant)
    shelf.bind()
    shelf.deliver(shelf.message(("entered", SHELF, 10)))
    while worker.turn():
        pass
    assert shelf.booked() == [("receipt", QTY, 0)]
    assert shelf.stock().qty_on_order == QTY
    clock.at_ms += 100 * DAY_MS
    while worker.turn():
        pass
    assert number_of(plant, TagEventRow) == 0
    assert number_of(plant, TagPresenceRow) == 1, "it is there still"


def test_levels_that_are_raised_call_for_what_the_tags_are_short_of(
    plant: Engine, worker: Worker, clock: Clock
) -> None:
    shelf = Shelf(plant)
    for epc in (EPC, OTHER_EPC):
        shelf.bind(epc=epc, in_stock=True)
    worker.turn()
    assert shelf.stock().qty_on_order == 0
    with write(plant) as session:
        session.execute(
            update(ReplenishmentPolicyRow)
            .where(ReplenishmentPolicyRow.item_id == 2)
            .values(reorder_point=2 * QTY, order_up_to=4 * QTY)
        )
    clock.at_ms += LOOK_EVERY_MS
    worker.turn()
    assert shelf.stock().qty_on_order == 2 * QTY
