# SPDX-License-Identifier: Apache-2.0
"""What people say of a bin is taken once, at its time among the readings, and booked."""

import pytest
from sqlalchemy import Engine, select

from fleet.counting.checkpoints import close_silent
from fleet.counting.counter import OK
from fleet.counting.evidence import REFILL, STOCKTAKE, ChangedWordsError, Evidence, forget_old, put_down
from fleet.counting.service import count_new_readings
from fleet.counting.tables import CounterStateRow, CountEventRow, CountRow, EvidenceRow
from fleet.db import read, write
from fleet.listing import UnknownNameError
from fleet.orders.store import policies
from fleet.stock.tables import MovementRow, StockRow
from tests.fleet.plant import NOW_MS, PAIR, SimulatedBin, assert_books_agree, store_readings


def say(plant: Engine, kind: str, quantity: int, at_s: int, key: str | None = None, note: str = "") -> bool:
    with write(plant) as session:
        _, is_new = put_down(session, "bin-1", Evidence(kind, quantity, "test", note, key), NOW_MS + at_s * 1000)
    return is_new


def hear(plant: Engine, bin: SimulatedBin, heartbeats: int = 0) -> None:
    with write(plant) as session:
        store_readings(session, [*bin.burst(), *bin.heartbeats(heartbeats)])


def count(plant: Engine, at_s: int, limit: int = 1000) -> int:
    with write(plant) as session:
        _, taken = count_new_readings(session, NOW_MS + at_s * 1000, limit, policies)
        assert_books_agree(session)
    return taken


def movements(plant: Engine) -> list[tuple[str, int, str]]:
    with read(plant) as session:
        rows = session.scalars(select(MovementRow).order_by(MovementRow.id))
        return [(row.kind, row.on_hand_delta, row.reference) for row in rows]


@pytest.fixture
def bin(plant: Engine) -> SimulatedBin:
    """A bin of 97 pieces that weigh as much as 100 usual ones, and have been counted as that."""
    bin = SimulatedBin(pieces=97, lot=100 / 97)
    hear(plant, bin)
    count(plant, bin.uptime_s)
    return bin


def test_a_stocktake_is_booked_as_a_count_and_the_scale_tells_the_changes_from_there(
    plant: Engine, bin: SimulatedBin
) -> None:
    say(plant, STOCKTAKE, 97, bin.uptime_s)
    assert count(plant, bin.uptime_s) == 1
    bin.pieces -= 7
    hear(plant, bin)
    count(plant, bin.uptime_s)
    assert movements(plant)[1:] == [("count", -3, "bin-1/stocktake/1"), ("usage", -7, "bin-1/00000001/24")]
    with read(plant) as session:
        assert session.get_one(StockRow, PAIR).qty_on_hand == 90


def test_a_stocktake_is_a_count_of_its_own_with_its_event(plant: Engine, bin: SimulatedBin) -> None:
    say(plant, STOCKTAKE, 97, bin.uptime_s)
    count(plant, bin.uptime_s)
    with read(plant) as session:
        newest = session.scalars(select(CountRow).order_by(CountRow.id.desc()).limit(1)).one()
        event = session.scalars(select(CountEventRow)).one()
    assert (newest.evidence_id, newest.reading_id, newest.pieces, newest.state) == (1, None, 97, OK)
    assert (event.evidence_id, event.kind, event.delta) == (1, "correct", -3)


def test_what_was_said_before_the_first_reading_is_what_counting_begins_with(plant: Engine) -> None:
    say(plant, STOCKTAKE, 60, 0)
    assert count(plant, 0) == 1
    assert movements(plant) == [("count", 60, "bin-1/stocktake/1")]
    bin = SimulatedBin(pieces=63)
    hear(plant, bin)
    count(plant, bin.uptime_s)
    with read(plant) as session:
        assert '"initial_count":60' in session.get_one(CounterStateRow, 1).state
        assert session.get_one(StockRow, PAIR).qty_on_hand == 60, "a person has counted, the scale only compares"


def test_evidence_takes_its_place_among_the_readings_by_its_time(plant: Engine, bin: SimulatedBin) -> None:
    """It waits while older readings are still to be counted, and is taken before younger ones."""
    before = bin.uptime_s
    hear(plant, bin)
    say(plant, STOCKTAKE, 97, bin.uptime_s)
    bin.pieces -= 7
    hear(plant, bin)
    while count(plant, bin.uptime_s, limit=5):
        pass
    with read(plant) as session:
        assert session.get_one(EvidenceRow, 1).after_reading_id == before + 17 - 1, "after those of an earlier time"
    assert [line[:2] for line in movements(plant)[1:]] == [("count", -3), ("usage", -7)]


def test_evidence_is_taken_once_however_often_counting_runs(plant: Engine, bin: SimulatedBin) -> None:
    say(plant, STOCKTAKE, 97, bin.uptime_s)
    assert [count(plant, bin.uptime_s) for _ in range(3)] == [1, 0, 0]
    assert len(movements(plant)) == 2


def test_a_refill_alone_books_nothing_the_scale_does(plant: Engine, bin: SimulatedBin) -> None:
    say(plant, REFILL, 2, bin.uptime_s)
    assert count(plant, bin.uptime_s) == 1
    assert len(movements(plant)) == 1


def test_a_refill_of_a_bin_nobody_has_heard_of_says_nothing(plant: Engine) -> None:
    say(plant, REFILL, 2, 0)
    assert count(plant, 0) == 1
    assert movements(plant) == []


def test_the_same_key_says_the_same_once_and_nothing_else(plant: Engine, bin: SimulatedBin) -> None:
    assert say(plant, STOCKTAKE, 97, 20, key="round-1")
    assert not say(plant, STOCKTAKE, 97, 25, key="round-1")
    for other in ((STOCKTAKE, 98, ""), (REFILL, 97, ""), (STOCKTAKE, 97, "by hand")):
        with pytest.raises(ChangedWordsError, match="stocktake of 97"):
            say(plant, other[0], other[1], 30, key="round-1", note=other[2])
    assert say(plant, STOCKTAKE, 97, 40, key="round-2")
    assert count(plant, 60) == 2


def test_what_is_said_of_a_bin_that_is_not_there_is_refused(plant: Engine) -> None:
    with pytest.raises(UnknownNameError, match='no such bin "bin-9"'), write(plant) as session:
        put_down(session, "bin-9", Evidence(STOCKTAKE, 1, "test"), NOW_MS)


def is_order_due(plant: Engine) -> bool:
    with read(plant) as session:
        return session.get_one(StockRow, PAIR).order_due


def test_a_stocktake_at_min_fires_the_order_without_waiting_for_a_reading(plant: Engine) -> None:
    bin = SimulatedBin(pieces=40, lot=42 / 40)
    hear(plant, bin)
    count(plant, bin.uptime_s)
    assert not is_order_due(plant)
    say(plant, STOCKTAKE, 40, bin.uptime_s)
    count(plant, bin.uptime_s)
    assert is_order_due(plant)


def test_old_evidence_goes_with_its_counts_but_never_before_it_was_taken(plant: Engine, bin: SimulatedBin) -> None:
    say(plant, STOCKTAKE, 97, bin.uptime_s)
    with write(plant) as session:
        assert forget_old(session, NOW_MS + 10**9, 10, 10**9) == 0
    count(plant, bin.uptime_s)
    with write(plant) as session:
        assert forget_old(session, NOW_MS, 10, 10**9) == 0
        assert forget_old(session, NOW_MS + 10**9, 10, 10**9) == 0, "what comes after the last checkpoint is needed"
        assert close_silent(session, NOW_MS + 10**9, 10) == 1
        assert forget_old(session, NOW_MS + 10**9, 10, 10**9) == 1
        assert session.scalars(select(CountRow.id).where(CountRow.evidence_id.is_not(None))).all() == []
