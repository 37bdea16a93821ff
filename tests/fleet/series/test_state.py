# SPDX-License-Identifier: Apache-2.0
"""How things are becomes points: when it changes, once an hour or once a day, and never what is gone."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, update

from fleet.counting.service import release_bin
from fleet.counting.tables import BinRow
from fleet.db import open_engine, write
from fleet.devices.health import record
from fleet.devices.tables import DeviceRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.series.collect import collect_state
from fleet.series.overview import Told
from fleet.series.schema import (
    BIN_HEALTH,
    DEVICE_HEALTH,
    FLEET_RISK,
    ITEM_STOCK,
    RISK,
    SERVICE,
    SITE_HOURLY,
    SITE_STATUS,
)
from fleet.series.sqlite import SqliteSeries
from fleet.stock.tables import ItemRow, MovementRow, SiteRow, StockingLocationRow
from tests.fleet.fuse import CrashError, Fuse
from tests.fleet.plant import NOW_MS, SimulatedBin, seed_data, store_readings
from tests.fleet.series.telling import DAY_MS, HOUR_MS, hear, tell, told


def test_stock_is_told_as_soon_as_it_moves_with_its_cover(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    bin_.pieces = 70
    now_ms = hear(plant, bin_, heartbeats=2)
    tell(plant, series, now_ms)
    newest = told(series, ITEM_STOCK, "qty_on_hand", "usage_per_day", "days_of_cover", "reorder_point", "standing")[-1]
    assert newest == (70.0, 30.0, 70 / 30, 40.0, 3.0)


def test_cover_is_weighed_again_every_day_though_nothing_moves(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    bin_.pieces = 70
    now_ms = hear(plant, bin_, heartbeats=2)
    tell(plant, series, now_ms)
    for days in (1, 2, 3):
        collect_state(plant, Told(HOUR_MS), now_ms + days * DAY_MS)
    tell(plant, series, now_ms)
    usage = [values[0] for values in told(series, ITEM_STOCK, "usage_per_day")]
    assert usage[-4:] == [
        30.0,
        pytest.approx(30.0, rel=0.01),
        pytest.approx(15.0, rel=0.01),
        pytest.approx(10.0, rel=0.01),
    ]


def test_new_levels_are_told_without_any_movement(plant: Engine, series: SqliteSeries, tmp_path: Path) -> None:
    now_ms = hear(plant, SimulatedBin(pieces=100))
    tell(plant, series, now_ms)
    with write(plant) as session:
        load(session, parse_seed(seed_data(reorder_point=110, order_up_to=300), tmp_path), now_ms=now_ms)
    collect_state(plant, Told(HOUR_MS), now_ms + 60_000)
    tell(plant, series, now_ms)
    assert told(series, ITEM_STOCK, "reorder_point", "order_up_to", "standing")[-1] == (110.0, 300.0, 2.0)


def test_a_site_is_told_when_it_changes_and_once_an_hour(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    now_ms, memory = hear(plant, bin_, heartbeats=1), Told(HOUR_MS)
    for minute in range(3):
        tell(plant, series, now_ms)
        collect_state(plant, memory, now_ms + minute * 60_000)
    tell(plant, series, now_ms)
    assert told(series, SITE_STATUS, "items_healthy", "bins", by=("site",)) == [("plant-1", 1.0, 1.0)]
    collect_state(plant, memory, now_ms + HOUR_MS)  # by then the bin has been silent for long
    tell(plant, series, now_ms)
    assert told(series, SITE_STATUS, "bins", "bins_silent")[-1] == (1.0, 1.0)


def test_a_bin_that_sleeps_is_told_silent_when_three_of_its_reports_did_not_come(
    plant: Engine, series: SqliteSeries
) -> None:
    with write(plant) as session:
        record(session, 1, {"epoch": 1, "boot_count": 1, "uptime_s": 1, "silence_s": 3600}, 0)
    now_ms, memory = hear(plant, SimulatedBin(pieces=100)), Told(HOUR_MS)
    for since, until, silent in ((0, 180, 0.0), (184, 248, 1.0)):
        for minutes in range(since, until + 1, 4):
            collect_state(plant, memory, now_ms + minutes * 60_000)
        tell(plant, series, now_ms)
        assert told(series, SITE_STATUS, "bins_silent")[-1] == (silent,)
        assert told(series, BIN_HEALTH, "is_silent")[-1] == (silent,)


def test_the_risk_list_says_what_is_used_up_first_and_when(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    bin_.pieces = 70
    now_ms = hear(plant, bin_, heartbeats=2)
    tell(plant, series, now_ms)
    collect_state(plant, Told(HOUR_MS), now_ms)
    tell(plant, series, now_ms)
    assert told(series, RISK, "risk_item", "risk_location", "days_of_cover", "stockout_at_s", by=("rank",)) == [
        ("01", "M4x12", "line-1", 70 / 30, round((now_ms + 70 / 30 * DAY_MS) / 1000))
    ]


def test_a_rank_that_nobody_takes_any_more_is_told_to_be_free(plant: Engine, series: SqliteSeries) -> None:
    memory, bin_ = Told(HOUR_MS), SimulatedBin(pieces=100)
    hear(plant, bin_)
    bin_.pieces = 70
    now_ms = hear(plant, bin_, heartbeats=2)
    tell(plant, series, now_ms)
    collect_state(plant, memory, now_ms)
    with write(plant) as session:
        session.query(MovementRow).filter(MovementRow.kind == "usage").update({"at_ms": now_ms - 31 * DAY_MS})
    collect_state(plant, memory, now_ms + 2 * DAY_MS)  # nothing was used for a month
    collect_state(plant, memory, now_ms + 2 * DAY_MS + 60_000)
    tell(plant, series, now_ms)
    assert told(series, RISK, "risk_item", "days_of_cover", "standing")[-1] == ("", -1.0, -1.0)


def test_what_is_out_is_told_once_and_not_every_minute(plant: Engine, series: SqliteSeries) -> None:
    memory, bin_ = Told(HOUR_MS), SimulatedBin(pieces=100)
    hear(plant, bin_)
    bin_.pieces = 0
    now_ms = hear(plant, bin_, heartbeats=2) // HOUR_MS * HOUR_MS + HOUR_MS
    tell(plant, series, now_ms)
    for minute in range(30):
        collect_state(plant, memory, now_ms + minute * 60_000)
    tell(plant, series, now_ms)
    assert told(series, RISK, "risk_item", "days_of_cover") == [("M4x12", 0.0)]
    first = told(series, FLEET_RISK, "risk_customer", "risk_site", "risk_item", by=("rank",))
    assert first == [("01", "acme", "plant-1", "M4x12")]


def test_an_item_that_no_bin_holds_any_more_is_not_out_but_gone(plant: Engine, series: SqliteSeries) -> None:
    memory, now_ms = Told(HOUR_MS), hear(plant, SimulatedBin(pieces=100))
    tell(plant, series, now_ms)
    collect_state(plant, memory, now_ms)
    with write(plant) as session:
        release_bin(session, 1, now_ms)
        session.add(ItemRow(id=2, item="M5", name="", apw_g=Decimal(5), pack_size=50))
        session.flush()
        session.execute(update(BinRow).values(item_id=2))
    for minute in (1, 2):
        collect_state(plant, memory, now_ms + minute * 60_000)
    tell(plant, series, now_ms)
    assert told(series, SITE_STATUS, "items_out", "items_healthy", "items_in_doubt", "bins")[-1] == (0.0, 0.0, 0.0, 1.0)


def test_an_item_whose_place_goes_to_another_site_goes_along(plant: Engine, series: SqliteSeries) -> None:
    memory, now_ms = Told(HOUR_MS), hear(plant, SimulatedBin(pieces=100))
    tell(plant, series, now_ms)
    with write(plant) as session:
        session.add(SiteRow(id=2, site="plant-2", name="", customer_id=1))
        session.flush()
        session.execute(update(StockingLocationRow).values(site_id=2))
    for minute in (1, 2):
        collect_state(plant, memory, now_ms + minute * 60_000)
    tell(plant, series, now_ms)
    newest = {row[0]: row[1:] for row in told(series, SITE_STATUS, "items_healthy", "bins", by=("site",))}
    assert newest == {"plant-1": (0.0, 0.0), "plant-2": (1.0, 1.0)}


def test_what_could_not_be_put_down_is_told_the_next_time(plant: Engine, series: SqliteSeries) -> None:
    memory, now_ms = Told(HOUR_MS), hear(plant, SimulatedBin(pieces=100))
    tell(plant, series, now_ms)
    engine, fuse = open_engine(str(plant.url)), Fuse()
    event.listen(engine, "commit", fuse.tick)
    fuse.left = 1
    with pytest.raises(CrashError):
        collect_state(engine, memory, now_ms)
    collect_state(engine, memory, now_ms + 60_000)
    engine.dispose()
    tell(plant, series, now_ms)
    assert told(series, SITE_STATUS, "bins") == [(1.0,)]


def test_the_hours_before_the_first_look_are_told_too(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    bin_.pieces = 90
    now_ms = hear(plant, bin_, heartbeats=2)
    for later_ms in (5 * HOUR_MS, 6 * HOUR_MS):  # news come first, then the looks
        tell(plant, series, now_ms + later_ms)
        collect_state(plant, Told(HOUR_MS), now_ms + later_ms)
    tell(plant, series, now_ms)
    assert sum(values[0] for values in told(series, SITE_HOURLY, "used")) == 10.0


def test_cells_and_devices_are_told_once_an_hour(plant: Engine, series: SqliteSeries) -> None:
    memory, now_ms = Told(HOUR_MS), hear(plant, SimulatedBin(pieces=100), heartbeats=1)
    with write(plant) as session:
        session.execute(update(DeviceRow).values(last_seen_at_ms=now_ms, boot_count=2))
        for uptime_s, battery_mv in ((1, 3600), (2, 3712)):
            said = {"epoch": 1, "boot_count": 2, "uptime_s": uptime_s, "battery_mv": battery_mv, "rssi_dbm": -61}
            record(session, 1, said, now_ms)
    for minute in range(121):
        collect_state(plant, memory, now_ms + minute * 60_000)
    tell(plant, series, now_ms)
    cells = told(series, BIN_HEALTH, "is_fault", "drift_g", "temp_c", by=("bin",))
    assert len(cells) == 3, "at once, and after each hour"
    assert cells[0][:2] == ("bin-1", 0.0)
    assert abs(cells[0][2]) < 1
    assert cells[0][3] == 21.0
    assert told(series, DEVICE_HEALTH, "boot_count", "battery_v", "rssi_dbm") == [(2.0, 3.712, -61.0)] * 3


def test_the_service_says_how_it_keeps_up(plant: Engine, series: SqliteSeries) -> None:
    now_ms = hear(plant, SimulatedBin(pieces=100))
    with write(plant) as session:
        store_readings(session, list(SimulatedBin(pieces=100, uptime_s=30, boot_count=2).burst(5)))
    collect_state(plant, Told(HOUR_MS), now_ms)
    tell(plant, series, now_ms)
    assert told(series, SERVICE, "readings", "readings_behind", "orders_unsent") == [(22.0, 5.0, 0.0)]


def heard(plant: Engine, last_seen_at_ms: int | None, silence_s: int, device_id: int = 1) -> None:
    """The device was heard last at this time, and said that it may be silent for so long."""
    with write(plant) as session:
        record(session, device_id, {"epoch": 1, "boot_count": 1, "uptime_s": 1, "silence_s": silence_s}, 0)
        session.get_one(DeviceRow, device_id).last_seen_at_ms = last_seen_at_ms


def stalled_after(plant: Engine, series: SqliteSeries, now_ms: int, *minutes: int) -> list[bool]:
    """Whether ingest is stalled so many minutes after a moment."""
    for ago in minutes:
        collect_state(plant, Told(HOUR_MS), now_ms + ago * 60_000)
    tell(plant, series, now_ms)
    return [bool(stalled) for (stalled,) in told(series, SERVICE, "is_stalled")]


@pytest.fixture
def two_bins(plant: Engine, tmp_path: Path) -> Engine:
    """The plant with another bin, on a device of its own."""
    data = seed_data()
    data["devices"].append({"device": "dev-2", "kid": "0002", "master_secret": "ff" * 16})  # type: ignore[attr-defined]
    data["bins"].append({**data["bins"][0], "bin": "bin-2", "device": "dev-2"})  # type: ignore[attr-defined,index]
    with write(plant) as session:
        load(session, parse_seed(data, tmp_path), now_ms=0)
    return plant


@pytest.mark.parametrize(("silence_s", "minutes"), [(0, 30), (3600, 180)])
def test_ingest_is_stalled_when_the_least_patient_bin_is_silent(
    plant: Engine, series: SqliteSeries, silence_s: int, minutes: int
) -> None:
    with write(plant) as session:
        reader = DeviceRow(device="reader", kid=b"9", master_secret=b"9" * 16, master_salt=b"")  # sends no readings
        session.add(reader)
    now_ms = hear(plant, SimulatedBin(pieces=100))
    heard(plant, now_ms, 0, device_id=2)
    heard(plant, now_ms, silence_s)
    assert stalled_after(plant, series, now_ms, minutes, minutes + 1) == [False, True]


def test_a_bin_that_fell_silent_among_others_is_no_stalled_ingest(two_bins: Engine, series: SqliteSeries) -> None:
    now_ms = hear(two_bins, SimulatedBin(pieces=100))
    heard(two_bins, now_ms, 3600)
    heard(two_bins, now_ms - 31 * 60_000, 0, device_id=2)
    assert stalled_after(two_bins, series, now_ms, 31, 180, 181) == [False, False, True]


def test_a_bin_that_was_well_when_the_last_reading_came_tells_of_a_stalled_ingest(
    two_bins: Engine, series: SqliteSeries
) -> None:
    now_ms = hear(two_bins, SimulatedBin(pieces=100))
    heard(two_bins, now_ms, 3600)
    heard(two_bins, now_ms - 29 * 60_000, 0, device_id=2)
    assert stalled_after(two_bins, series, now_ms, 30, 31) == [False, True]


def test_a_bin_that_was_never_heard_makes_no_bins_that_sleep_stall(two_bins: Engine, series: SqliteSeries) -> None:
    now_ms = hear(two_bins, SimulatedBin(pieces=100))
    heard(two_bins, now_ms, 3600)
    assert stalled_after(two_bins, series, now_ms, 60) == [False]


def test_where_no_reading_ever_came_ingest_is_stalled(plant: Engine, series: SqliteSeries) -> None:
    assert stalled_after(plant, series, NOW_MS, 0) == [True]
