# SPDX-License-Identifier: Apache-2.0
"""What the relational store holds becomes points: each piece of news once, whatever crashes; a recount once more."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, select

from fleet.counting import recount
from fleet.counting.checkpoints import add_beginning
from fleet.counting.evidence import STOCKTAKE, Evidence, put_down
from fleet.counting.evidence import forget_old as forget_evidence
from fleet.counting.rewrite import rewrite_some
from fleet.counting.tables import CountRewrittenRow, CountRow
from fleet.db import open_engine, read, write
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.series.collect import collect_state
from fleet.series.levels import collect_levels, first_not_collected, note_told
from fleet.series.model import NS_IN_MS, Question
from fleet.series.overview import Told
from fleet.series.schema import (
    BIN_EVENT,
    BIN_LEVEL,
    ITEM_DAILY,
    ITEM_STOCK,
    SITE_HOURLY,
)
from fleet.series.sqlite import SqliteSeries
from fleet.series.tables import SeriesCursorRow, SeriesOutboxRow
from fleet.stock.service import close_ledger
from fleet.stock.tables import MovementRow
from tests.fleet.fuse import CrashError, Fuse
from tests.fleet.plant import NOW_MS, SimulatedBin, seed_data
from tests.fleet.series.telling import DAY_MS, HOUR_MS, hear, tell, told


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
