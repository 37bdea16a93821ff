# SPDX-License-Identifier: Apache-2.0
"""Bins that sleep report hourly, and are ordered by; after three reports that did not come they are not."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from fleet.counting.service import count_new_readings
from fleet.db import read, write
from fleet.devices.health import record
from fleet.devices.tables import DeviceRow
from fleet.orders.service import replenish
from fleet.orders.store import policies
from fleet.orders.tables import OrderLineRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.stock.tables import StockRow
from tests.fleet.plant import NOW_MS, PAIR, SimulatedBin, seed_data, store_readings

HOUR_S, LOOK_S = 3600, 600


@pytest.fixture
def hourly(plant: Engine, tmp_path: Path) -> tuple[SimulatedBin, SimulatedBin]:
    """Two bins of one item and place, on a device each that sleeps; the second reports 40 minutes after the first."""
    data = seed_data()
    data["devices"].append({"device": "dev-2", "kid": "0002", "master_secret": "ff" * 16})  # type: ignore[attr-defined]
    data["bins"].append({**data["bins"][0], "bin": "bin-2", "device": "dev-2"})  # type: ignore[attr-defined,index]
    with write(plant) as session:
        load(session, parse_seed(data, tmp_path), now_ms=NOW_MS)
    sleeps(plant, HOUR_S)
    return SimulatedBin(pieces=100), SimulatedBin(pieces=30, seed=2, uptime_s=40 * 60)


def sleeps(plant: Engine, silence_s: int) -> None:
    with write(plant) as session:
        for device_id in session.scalars(select(DeviceRow.id)):
            said = {"epoch": 1, "boot_count": 1, "uptime_s": silence_s, "silence_s": silence_s}
            record(session, device_id, said, NOW_MS)


def report(plant: Engine, bin: SimulatedBin, device_id: int, hours: int = 1) -> list[str]:
    """So many hours' looks, an hour's in each report, counted as they come; the orders that were due."""
    due = []
    for _ in range(hours):
        with write(plant) as session:
            store_readings(session, list(bin.heartbeats(HOUR_S // LOOK_S, LOOK_S)), device_id=device_id)
        now_ms = NOW_MS + bin.uptime_s * 1000
        with write(plant) as session:
            pairs, _ = count_new_readings(session, now_ms, 1000, policies)
            due += replenish(session, pairs, now_ms)
    return due


def is_in_doubt(plant: Engine) -> bool:
    with read(plant) as session:
        return session.get_one(StockRow, PAIR).in_doubt


def test_two_bins_that_report_hourly_order(plant: Engine, hourly: tuple[SimulatedBin, SimulatedBin]) -> None:
    first, second = hourly
    for _ in range(4):
        assert report(plant, first, 1) == []
        assert report(plant, second, 2) == []
    assert not is_in_doubt(plant)
    first.pieces = 5
    ordered = [report(plant, bin, device_id) for _ in range(3) for device_id, bin in enumerate(hourly, start=1)]
    assert sum(len(due) for due in ordered) == 1
    with read(plant) as session:
        assert session.scalars(select(OrderLineRow.qty_ordered)).all() == [150]


def test_nothing_is_ordered_by_a_bin_of_which_three_reports_did_not_come(
    plant: Engine, hourly: tuple[SimulatedBin, SimulatedBin]
) -> None:
    first, second = hourly
    for _ in range(2):
        report(plant, second, 2)
        report(plant, first, 1)
    second.uptime_s = first.uptime_s + 5 * 60  # its reports go missing from here on, and the first one's do not
    report(plant, second, 2)
    report(plant, first, 1, hours=4)
    assert not is_in_doubt(plant)
    first.pieces = 5
    assert report(plant, first, 1, hours=3) == []
    assert is_in_doubt(plant)


def test_a_bin_that_is_told_to_report_more_often_is_sooner_stale(
    plant: Engine, hourly: tuple[SimulatedBin, SimulatedBin]
) -> None:
    first, second = hourly
    for _ in range(2):
        report(plant, first, 1)
        report(plant, second, 2)
    assert not is_in_doubt(plant)
    report(plant, first, 1)
    assert not is_in_doubt(plant)
    sleeps(plant, LOOK_S)
    report(plant, first, 1)
    assert is_in_doubt(plant)


@pytest.mark.parametrize("silence_s", [0, 86_400])
def test_nothing_is_ordered_by_the_first_half_of_what_a_bin_brings_after_a_night_away(
    plant: Engine, silence_s: int
) -> None:
    sleeps(plant, silence_s)
    bin = SimulatedBin(pieces=100)
    assert report(plant, bin, 1) == []
    bin.pieces = 5
    picked = list(bin.heartbeats(30, LOOK_S))
    bin.pieces = 155
    refilled = list(bin.heartbeats(42, LOOK_S))
    now_ms, due = NOW_MS + bin.uptime_s * 1000, []
    for readings in (picked, refilled):
        with write(plant) as session:
            session.get_one(DeviceRow, 1).last_seen_at_ms = now_ms
            store_readings(session, readings)
        with write(plant) as session:
            pairs, _ = count_new_readings(session, now_ms, 1000, policies)
            due += replenish(session, pairs, now_ms)
    assert due == []
    assert not is_in_doubt(plant)
