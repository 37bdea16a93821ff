# SPDX-License-Identifier: Apache-2.0
"""What the relational store holds becomes points: each piece of news once, whatever crashes; a recount once more."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, select, update

from fleet.counting import recount
from fleet.counting.checkpoints import add_beginning
from fleet.counting.evidence import STOCKTAKE, Evidence, put_down
from fleet.counting.evidence import forget_old as forget_evidence
from fleet.counting.rewrite import rewrite_some
from fleet.counting.service import count_new_readings, release_bin
from fleet.counting.tables import BinRow, CountRewrittenRow, CountRow
from fleet.db import open_engine, read, write
from fleet.devices.tables import DeviceRow
from fleet.orders.store import policies
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.series.collect import collect_news, collect_state
from fleet.series.levels import collect_levels, first_not_collected, note_told
from fleet.series.model import NS_IN_MS, Question, TimeSeriesStore
from fleet.series.overview import Told
from fleet.series.relay import relay_batch
from fleet.series.schema import (
    BIN_EVENT,
    BIN_HEALTH,
    BIN_LEVEL,
    DEVICE_HEALTH,
    FLEET_RISK,
    ITEM_DAILY,
    ITEM_STOCK,
    RISK,
    SERVICE,
    SITE_HOURLY,
    SITE_STATUS,
    Measurement,
)
from fleet.series.sqlite import SqliteSeries
from fleet.series.tables import SeriesCursorRow, SeriesOutboxRow
from fleet.stock.service import close_ledger
from fleet.stock.tables import ItemRow, MovementRow, SiteRow, StockingLocationRow
from tests.fleet.fuse import CrashError, Fuse
from tests.fleet.plant import NOW_MS, SimulatedBin, seed_data, store_readings
from tests.fleet.series.conftest import KEEP_DAYS

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@pytest.fixture
def series(tmp_path: Path) -> Any:
    store = SqliteSeries(tmp_path / "series.sqlite")
    store.prepare()
    yield store
    store.close()


def hear(engine: Engine, bin_: SimulatedBin, *, heartbeats: int = 0) -> int:
    """Readings around a movement, then heartbeats, all counted; the moment then."""
    now_ms = NOW_MS + bin_.uptime_s * 1000
    with write(engine) as session:
        store_readings(session, [*bin_.burst(), *bin_.heartbeats(heartbeats)])
    now_ms = NOW_MS + bin_.uptime_s * 1000
    with write(engine) as session:
        count_new_readings(session, now_ms, 10_000, policies)
    return now_ms


def tell(engine: Engine, series: TimeSeriesStore, now_ms: int) -> None:
    """All that is new goes to the store."""
    while collect_news(engine, now_ms):
        pass
    while relay_batch(engine, series, now_ms, KEEP_DAYS):
        pass


def told(series: TimeSeriesStore, measurement: Measurement, *fields: str, by: tuple[str, ...] = ()) -> list[Any]:
    question = Question(measurement, fields, NOW_MS - 40 * DAY_MS, NOW_MS + 1000 * DAY_MS, by=by)
    return [(*answer.by, *answer.values) for answer in series.series(question)]


def test_counts_are_told_when_they_change_and_once_an_hour(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_, heartbeats=3)
    bin_.pieces = 90
    now_ms = hear(plant, bin_, heartbeats=26)  # over two hours
    tell(plant, series, now_ms)
    pieces = [values[0] for values in told(series, BIN_LEVEL, "pieces")]
    with read(plant) as session:
        counts = list(session.scalars(select(CountRow).order_by(CountRow.id)))
    said = [(row.pieces, row.lower, row.upper, row.state, row.is_evidence) for row in counts]
    hours = [row.at_ms // HOUR_MS for row in counts]
    expected = [
        row.pieces
        for n, row in enumerate(counts)
        if row.pieces is not None and (n == 0 or said[n] != said[n - 1] or hours[n] != hours[n - 1])
    ]
    assert pieces == expected
    assert len(pieces) < len(counts) / 2
    assert pieces[-1] == 90


def test_tags_are_the_names_of_the_place(plant: Engine, series: SqliteSeries) -> None:
    tell(plant, series, hear(plant, SimulatedBin(pieces=100)))
    places = set(told(series, BIN_LEVEL, "is_ok", by=BIN_LEVEL.tags))
    assert {place[:5] for place in places} == {("acme", "plant-1", "line-1", "M4x12", "bin-1")}


def test_events_add_up_to_the_change_of_the_count(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    for pieces in (80, 85, 135):
        bin_.pieces = pieces
        now_ms = hear(plant, bin_, heartbeats=2)
    tell(plant, series, now_ms)
    deltas = [values[0] for values in told(series, BIN_EVENT, "delta")]
    pieces = [values[0] for values in told(series, BIN_LEVEL, "pieces")]
    assert deltas
    assert sum(deltas) == pieces[-1] - pieces[0]
    assert {kind for kind, _ in told(series, BIN_EVENT, "delta", by=("kind",))} <= {
        "pick",
        "refill",
        "return",
        "correct",
    }


def test_use_deliveries_and_corrections_are_summed_by_day_and_hour(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    for pieces in (80, 70):
        bin_.pieces = pieces
        now_ms = hear(plant, bin_, heartbeats=2)
    tell(plant, series, now_ms)
    assert told(series, ITEM_DAILY, "used", "received", "adjusted") == [(30.0, 0.0, 100.0)]
    assert told(series, SITE_HOURLY, "used") == [], "the hour is not over"
    collect_state(plant, Told(HOUR_MS), now_ms)
    collect_state(plant, Told(HOUR_MS), now_ms + HOUR_MS)
    tell(plant, series, now_ms + HOUR_MS)
    hours = told(series, SITE_HOURLY, "used", "movements", by=("customer", "site"))
    assert sum(hour[2] for hour in hours) == 30.0
    assert sum(hour[3] for hour in hours) == 3.0


def test_a_movement_that_comes_late_mends_its_day_and_its_hour(plant: Engine, series: SqliteSeries) -> None:
    now_ms = hear(plant, SimulatedBin(pieces=100))
    tell(plant, series, now_ms)
    for later_ms in (0, 30 * HOUR_MS):
        collect_state(plant, Told(HOUR_MS), now_ms + later_ms)
    with write(plant) as session:
        session.add(
            MovementRow(
                item_id=1,
                stocking_location_id=1,
                kind="usage",
                on_hand_delta=-7,
                on_order_delta=0,
                at_ms=now_ms,
                reference="late",
                bin_id=None,
            )
        )
    tell(plant, series, now_ms + 30 * HOUR_MS)
    assert told(series, ITEM_DAILY, "used", "adjusted") == [(7.0, 100.0)]
    assert [values[0] for values in told(series, SITE_HOURLY, "used")] == [7.0]


def test_old_lines_folded_into_one_change_no_day(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    bin_.pieces = 80
    now_ms = hear(plant, bin_, heartbeats=2)
    tell(plant, series, now_ms)
    before = told(series, ITEM_DAILY, "used", "adjusted")
    with write(plant) as session:
        assert close_ledger(session, now_ms + 1) == 1
    tell(plant, series, now_ms)
    assert told(series, ITEM_DAILY, "used", "adjusted") == before == [(20.0, 100.0)]


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


def test_a_day_that_is_partly_folded_is_not_summed_up_again(plant: Engine, series: SqliteSeries) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    bin_.pieces = 80
    cut_ms = hear(plant, bin_, heartbeats=2) + 1
    bin_.pieces = 75
    now_ms = hear(plant, bin_, heartbeats=2)
    tell(plant, series, now_ms)
    with write(plant) as session:
        assert close_ledger(session, cut_ms) == 1
        session.execute(delete(SeriesCursorRow).where(SeriesCursorRow.name == "movements"))
    tell(plant, series, now_ms)
    assert told(series, ITEM_DAILY, "used", "adjusted") == [(25.0, 100.0)]


def test_cells_and_devices_are_told_once_an_hour(plant: Engine, series: SqliteSeries) -> None:
    memory, now_ms = Told(HOUR_MS), hear(plant, SimulatedBin(pieces=100), heartbeats=1)
    with write(plant) as session:
        session.execute(update(DeviceRow).values(last_seen_at_ms=now_ms, boot_count=2))
    for minute in range(121):
        collect_state(plant, memory, now_ms + minute * 60_000)
    tell(plant, series, now_ms)
    cells = told(series, BIN_HEALTH, "is_fault", "drift_g", "temp_c", by=("bin",))
    assert len(cells) == 3, "at once, and after each hour"
    assert cells[0][:2] == ("bin-1", 0.0)
    assert abs(cells[0][2]) < 1
    assert cells[0][3] == 21.0
    assert [values[0] for values in told(series, DEVICE_HEALTH, "boot_count")] == [2.0, 2.0, 2.0]


def test_the_service_says_how_it_keeps_up(plant: Engine, series: SqliteSeries) -> None:
    now_ms = hear(plant, SimulatedBin(pieces=100))
    with write(plant) as session:
        store_readings(session, list(SimulatedBin(pieces=100, uptime_s=30, boot_count=2).burst(5)))
    collect_state(plant, Told(HOUR_MS), now_ms)
    tell(plant, series, now_ms)
    assert told(series, SERVICE, "readings", "readings_behind", "orders_unsent") == [(22.0, 5.0, 0.0)]


def test_a_crash_anywhere_neither_loses_nor_doubles_anything(tmp_path: Path, plant: Engine) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_)
    for pieces in (80, 70, 120):
        bin_.pieces = pieces
        now_ms = hear(plant, bin_, heartbeats=14)
    url = str(plant.url)
    unharmed = everything(url, tmp_path / "unharmed", now_ms, crash_at=0)
    for crash_at in count(start=1, step=7):
        points, has_crashed = everything(url, tmp_path / f"crash{crash_at}", now_ms, crash_at)
        assert points == unharmed[0], f"crash at {crash_at}"
        if not has_crashed:
            break
    assert crash_at > 40, "there are that many instants"


def everything(url: str, folder: Path, now_ms: int, crash_at: int) -> tuple[list[Any], bool]:
    """All points that come of a copy of a database, when the process dies at some instant and begins again."""
    folder.mkdir()
    copy_url = f"sqlite:///{folder}/fleet.db"
    file = url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(folder / "fleet.db")) as copy:
        source.backup(copy)
    store = SqliteSeries(folder / "series.sqlite")
    store.prepare()
    fuse = Fuse()
    fuse.left = crash_at

    def until_told() -> None:
        engine = open_engine(copy_url)
        fuse.wire(engine)
        try:
            collect_state(engine, Told(HOUR_MS), now_ms)
            tell(engine, store, now_ms)
        finally:
            engine.dispose()

    survive(until_told)
    points = [
        *told(store, BIN_LEVEL, "pieces", "state"),
        *told(store, BIN_EVENT, "delta", by=("kind",)),
        *told(store, ITEM_DAILY, "used", "received", "adjusted"),
    ]
    stock = told(store, ITEM_STOCK, "qty_on_hand", "days_of_cover")
    store.close()
    return [*points, stock[-1]], crash_at > 0 and fuse.left == 0


def survive(action: Callable[[], None]) -> None:
    """After a crash once more."""
    try:
        action()
    except CrashError:
        action()


def test_what_is_still_to_be_told_again_holds_its_readings(plant: Engine, series: SqliteSeries) -> None:
    tell(plant, series, hear(plant, SimulatedBin(pieces=100)))
    with read(plant) as session:
        assert first_not_collected(session) is None
    with write(plant) as session:
        session.add(CountRewrittenRow(count_id=5, kinds_before=""))
    with read(plant) as session:
        assert first_not_collected(session) == 5


def test_words_of_people_stay_until_they_are_told(plant: Engine, series: SqliteSeries) -> None:
    now_ms = hear(plant, SimulatedBin(pieces=100))
    with write(plant) as session:
        put_down(session, "bin-1", Evidence(STOCKTAKE, 90, "test"), now_ms)
    hear(plant, SimulatedBin(pieces=90, uptime_s=60))
    with write(plant) as session:
        newest = session.scalars(select(CountRow.id).order_by(CountRow.id.desc())).first() or 0
        add_beginning(session, 1, newest, now_ms + 1)  # nothing needs what came before
        for last_collected, gone in ((newest - 20, 0), (newest, 1)):
            assert forget_evidence(session, now_ms + DAY_MS, 10, last_collected) == gone


def test_a_count_that_is_rewritten_while_it_is_told_is_told_once_more(plant: Engine, series: SqliteSeries) -> None:
    tell(plant, series, hear(plant, SimulatedBin(pieces=100)))
    with write(plant) as session:
        session.add(CountRewrittenRow(count_id=5, kinds_before=""))
    with read(plant) as session:
        seen = collect_levels(session, 10**9, 100)
    with write(plant) as session:  # meanwhile
        session.add(CountRewrittenRow(count_id=5, kinds_before="pick"))
    with write(plant) as session:
        note_told(session, seen.rewritten)
        assert session.scalars(select(CountRewrittenRow.kinds_before)).all() == ["pick"]


def test_a_recount_puts_its_points_in_the_place_of_the_old_ones(
    plant: Engine, series: SqliteSeries, tmp_path: Path
) -> None:
    bin_ = SimulatedBin(pieces=100)
    hear(plant, bin_, heartbeats=3)
    bin_.pieces = 80
    now_ms = hear(plant, bin_, heartbeats=14)
    tell(plant, series, now_ms)
    data: Any = seed_data()
    data["items"][0]["apw_g"] = "4.0"
    with write(plant) as session:
        load(session, parse_seed(data, tmp_path), now_ms=now_ms)
    recount.begin(plant, recount.Asked(("bin-1",), NOW_MS, is_apply=True), now_ms)
    while recount.recount_some(plant, 1, now_ms)[1]:
        pass
    with write(plant) as session:
        while rewrite_some(session, 7):
            pass
    tell(plant, series, now_ms)
    with read(plant) as session:
        counts = {row.at_ms * NS_IN_MS + row.id: row.pieces for row in session.scalars(select(CountRow))}
    question = Question(BIN_LEVEL, ("pieces",), NOW_MS - DAY_MS, NOW_MS + DAY_MS)
    answers = series.series(question)
    by_ms: dict[int, set[int | None]] = {}
    for at_ns, pieces in counts.items():
        by_ms.setdefault(at_ns // NS_IN_MS, set()).add(pieces)
    assert answers
    assert all(answer.values[0] in by_ms[answer.at_ms] for answer in answers)
    assert answers[-1].values[0] == 100  # 80 pieces of 5 g are 100 of 4 g
    deltas = [values[0] for values in told(series, BIN_EVENT, "delta")]
    assert answers[0].values[0] + sum(deltas) == 100
    with read(plant) as session:
        assert session.scalars(select(SeriesOutboxRow)).all() == []
