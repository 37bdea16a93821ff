# SPDX-License-Identifier: Apache-2.0
"""Tasks to count by hand: a bin whose scale cannot count is given to people, once, and taken back when it can."""

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from fleet.counting.evidence import STOCKTAKE, Evidence, put_down
from fleet.counting.service import count_new_readings
from fleet.counting.tables import CountTaskRow
from fleet.counting.tasks import forget_old, look_after_bins
from fleet.db import read, write
from fleet.devices.health import record
from tests.fleet.plant import NOW_MS, SimulatedBin, store_readings

HOUR_S = 3600


@pytest.fixture
def bin(plant: Engine) -> SimulatedBin:
    """A bin of 100 pieces that has been counted."""
    bin = SimulatedBin(pieces=100)
    report(plant, bin, heartbeats=3)
    return bin


def report(plant: Engine, bin: SimulatedBin, heartbeats: int) -> None:
    with write(plant) as session:
        store_readings(session, [*bin.burst(), *bin.heartbeats(heartbeats)])
        count_new_readings(session, NOW_MS + bin.uptime_s * 1000, 10_000)


def look(plant: Engine, at_s: int) -> list[tuple[str, str]]:
    with write(plant) as session:
        return look_after_bins(session, NOW_MS + at_s * 1000)


def tasks(plant: Engine) -> list[tuple[str, str | None]]:
    with read(plant) as session:
        rows = session.scalars(select(CountTaskRow).order_by(CountTaskRow.id))
        return [(row.reason, row.closed_by) for row in rows]


def test_a_bin_that_is_well_is_nobodys_task(plant: Engine, bin: SimulatedBin) -> None:
    assert look(plant, bin.uptime_s) == []


def test_a_bin_lifted_for_two_hours_is_a_task_once(plant: Engine, bin: SimulatedBin) -> None:
    bin.is_lifted = True
    report(plant, bin, heartbeats=22)
    assert look(plant, bin.uptime_s) == []
    report(plant, bin, heartbeats=2)
    assert look(plant, bin.uptime_s) == [("bin-1", "absent")]
    assert look(plant, bin.uptime_s + 60) == []
    assert tasks(plant) == [("absent", None)]


def test_it_is_closed_when_the_bin_has_been_well_for_ten_minutes(plant: Engine, bin: SimulatedBin) -> None:
    test_a_bin_lifted_for_two_hours_is_a_task_once(plant, bin)
    bin.is_lifted = False
    report(plant, bin, heartbeats=1)
    look(plant, bin.uptime_s)
    assert tasks(plant) == [("absent", None)]
    report(plant, bin, heartbeats=2)
    look(plant, bin.uptime_s)
    assert tasks(plant) == [("absent", "well")]


def test_a_stocktake_closes_it_and_nobody_is_asked_again_for_a_day(plant: Engine, bin: SimulatedBin) -> None:
    test_a_bin_lifted_for_two_hours_is_a_task_once(plant, bin)
    counted_at_s = bin.uptime_s
    with write(plant) as session:
        put_down(session, "bin-1", Evidence(STOCKTAKE, 98, "test"), NOW_MS + counted_at_s * 1000)
        count_new_readings(session, NOW_MS + counted_at_s * 1000, 100)
    assert tasks(plant) == [("absent", "stocktake")]
    report(plant, bin, heartbeats=280)
    assert bin.uptime_s - counted_at_s < 24 * HOUR_S
    assert look(plant, bin.uptime_s) == []
    report(plant, bin, heartbeats=20)
    assert look(plant, bin.uptime_s) == [("bin-1", "absent")]


def test_a_silent_bin_is_a_task_though_its_last_count_was_good(plant: Engine, bin: SimulatedBin) -> None:
    assert look(plant, bin.uptime_s + 2 * HOUR_S) == [("bin-1", "stale")]


def test_a_bin_that_sleeps_is_a_task_when_three_of_its_reports_did_not_come(plant: Engine, bin: SimulatedBin) -> None:
    with write(plant) as session:
        record(session, 1, {"epoch": 1, "boot_count": 1, "uptime_s": 1, "silence_s": HOUR_S}, NOW_MS)
    assert look(plant, bin.uptime_s + 3 * HOUR_S - 1) == []
    assert look(plant, bin.uptime_s + 3 * HOUR_S) == [("bin-1", "stale")]


def test_a_bin_that_nobody_has_heard_of_is_no_task_yet(plant: Engine) -> None:
    with write(plant) as session:
        put_down(session, "bin-1", Evidence(STOCKTAKE, 98, "test"), NOW_MS)
        count_new_readings(session, NOW_MS, 100)
    assert look(plant, 24 * HOUR_S) == []


def test_the_database_itself_refuses_a_second_open_task(plant: Engine, bin: SimulatedBin) -> None:
    test_a_bin_lifted_for_two_hours_is_a_task_once(plant, bin)
    again = {"bin_id": 1, "reason": "absent", "since_ms": 1, "raised_at_ms": 2}
    with pytest.raises(IntegrityError, match="UNIQUE"), write(plant) as session:
        session.execute(insert(CountTaskRow).values(again))
    with write(plant) as session:  # closed ones are no hindrance
        session.execute(insert(CountTaskRow).values({**again, "closed_at_ms": 3, "closed_by": "well"}))


def test_closed_tasks_are_forgotten_in_time_and_open_ones_never(plant: Engine, bin: SimulatedBin) -> None:
    test_it_is_closed_when_the_bin_has_been_well_for_ten_minutes(plant, bin)
    assert look(plant, bin.uptime_s + 3 * HOUR_S) == [("bin-1", "stale")]
    with write(plant) as session:
        assert forget_old(session, NOW_MS, 10) == 0
        assert forget_old(session, NOW_MS + 10**12, 10) == 1
    assert tasks(plant) == [("stale", None)]
