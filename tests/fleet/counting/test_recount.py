# SPDX-License-Identifier: Apache-2.0
"""Counting again can be interrupted anywhere, changes nothing before its end, and ends as if it had always been so."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from fleet.counting import recount
from fleet.counting.checkpoints import may_go, tally_at
from fleet.counting.recount import Asked, RecountError, begin, drop, progress, recount_some
from fleet.counting.replay import Setups, inputs_after, said_of, setups_of
from fleet.counting.rewrite import rewrite_some
from fleet.counting.service import count_new_readings
from fleet.counting.tables import (
    CalibrationRow,
    CounterCheckpointRow,
    CounterStateRow,
    CountEventRow,
    CountRow,
    RecountedRow,
)
from fleet.db import Base, open_engine, read, write
from fleet.orders.store import policies
from fleet.readings.service import forget_old
from fleet.readings.tables import ReadingRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.stock.tables import MovementRow, StockRow
from tests.fleet.fuse import CrashError, Fuse
from tests.fleet.orders.test_machine import empty_plant
from tests.fleet.plant import (
    NOW_MS,
    PAIR,
    SCALE,
    Reading,
    SimulatedBin,
    assert_books_agree,
    seed_data,
    store_readings,
)

SINCE_S = 2 * 86_400
FIVE_PIECES_RAW = 5 * 5 * 429


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recount, "COUNTS_A_CHUNK", 20)


class Site:
    """A fleet with one bin, and what it was told."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        shutil.copy(empty_plant(), folder / "fleet.db")
        self.folder = folder
        self.engine = open_engine(f"sqlite:///{folder}/fleet.db")

    def calibrate(self, from_at_ms: int) -> None:
        """Says that the empty bin is five pieces heavier than was thought, as `kanbin load` does."""
        data: Any = seed_data()
        data["bins"][0]["tare_raw"] = SCALE.tare_raw + FIVE_PIECES_RAW
        with write(self.engine) as session:
            load(session, parse_seed(data, self.folder), now_ms=from_at_ms)

    def hear(self, readings: list[Reading]) -> None:
        with write(self.engine) as session:
            store_readings(session, readings)
        now_ms = NOW_MS + readings[-1].uptime_s * 1000
        while True:
            with write(self.engine) as session:
                if not count_new_readings(session, now_ms, 30, policies)[1]:
                    return

    def begin(self, asked: Asked) -> None:
        begin(self.engine, asked, NOW_MS, policies)

    def chunk(self) -> bool:
        """Counts one chunk again; whether there is more to do."""
        if any(one.phase == "counting" for one in self.progress()):
            recount_some(self.engine, 1, NOW_MS + 10**9, policies)
            return True
        with write(self.engine) as session:
            return rewrite_some(session, 7) > 0

    def finish(self) -> None:
        while self.chunk():
            pass

    def progress(self) -> list[recount.Progress]:
        with read(self.engine) as session:
            return progress(session)

    def everything(self, *leave_out: str) -> dict[str, list[tuple[Any, ...]]]:
        with read(self.engine) as session:
            return {
                name: [tuple(row) for row in session.execute(select(table))]
                for name, table in Base.metadata.tables.items()
                if name not in leave_out
            }

    def counts(self) -> list[tuple[Any, ...]]:
        with read(self.engine) as session:
            rows = session.scalars(select(CountRow).order_by(CountRow.id))
            return [(row.at_ms, row.pieces, row.mean, row.sd, row.lower, row.upper, row.state) for row in rows]

    def events(self) -> list[tuple[Any, ...]]:
        with read(self.engine) as session:
            rows = session.scalars(select(CountEventRow).order_by(CountEventRow.reading_id))
            return [(row.reading_id, row.kind, row.delta) for row in rows]

    def state(self) -> tuple[Any, ...]:
        with read(self.engine) as session:
            row = session.get_one(CounterStateRow, 1)
            return row.counter, row.pieces

    def setup(self) -> str:
        with read(self.engine) as session:
            return session.get_one(CounterStateRow, 1).state

    def ledger(self) -> list[tuple[str, int, str]]:
        with read(self.engine) as session:
            assert_books_agree(session)
            rows = session.scalars(select(MovementRow).order_by(MovementRow.id))
            return [(row.kind, row.on_hand_delta, row.reference) for row in rows]


def days_of(bin: SimulatedBin, number: int) -> list[Reading]:
    """Some days of a bin from which pieces are taken, and into which some are put."""
    readings = []
    for day in range(number):
        bin.pieces += -7 if day % 3 else 60
        readings += [*bin.burst(), *bin.heartbeats(8, every_s=10_800)]
    return readings


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Five days of a bin whose tare was wrong, which is known by now."""
    site = Site(tmp_path / "site")
    site.hear(days_of(SimulatedBin(pieces=100), 5))
    site.calibrate(NOW_MS + 5 * 86_400_000)
    yield site
    site.engine.dispose()


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Site]:
    """The same, had the tare been known since the second day."""
    twin = Site(tmp_path / "twin")
    twin.calibrate(NOW_MS + SINCE_S * 1000)
    twin.hear(days_of(SimulatedBin(pieces=100), 5))
    yield twin
    twin.engine.dispose()


APPLY = Asked(("bin-1",), NOW_MS + SINCE_S * 1000, is_apply=True)


def assert_counts_come_out_again(site: Site) -> None:
    with read(site.engine) as session:
        for base in session.scalars(select(CounterCheckpointRow)):
            tally, setups = tally_at(base), Setups(setups_of(session, 1))
            for each in inputs_after(session, 1, base.count_id):
                told = setups.feed(tally, each).told
                assert told is not None
                assert said_of(told) == each.said
            assert tally.dump() == session.get_one(CounterStateRow, 1).counter


def test_counting_again_by_the_same_finds_the_same_and_changes_nothing(site: Site) -> None:
    before = site.everything("recounts")
    site.begin(Asked())
    site.finish()
    (done,) = site.progress()
    assert (done.phase, done.differing) == ("done", 0)
    assert done.counted == done.total == len(site.counts())
    assert site.everything("recounts") == before


def test_what_is_applied_backwards_is_as_if_it_had_always_been_so(site: Site, twin: Site) -> None:
    assert site.counts() != twin.counts()
    site.begin(APPLY)
    site.finish()
    assert site.counts() == twin.counts()
    assert site.events() == twin.events()
    assert site.state() == twin.state()
    assert_counts_come_out_again(site)
    with read(site.engine) as session:
        newest = session.scalars(select(CalibrationRow).order_by(CalibrationRow.version.desc())).first()
        assert newest is not None
        assert (newest.version, newest.from_at_ms) == (3, NOW_MS + SINCE_S * 1000)
        assert session.scalar(select(func.count(RecountedRow.count_id))) == 0
        bases = session.scalars(select(CounterCheckpointRow).order_by(CounterCheckpointRow.count_id)).all()
    assert not [base for base in bases if base.staged]
    gaps_ms = [after.at_ms - before.at_ms for before, after in pairwise(bases)]
    assert max(gaps_ms) <= 2 * 86_400_000, "there is a checkpoint each day again"


def test_it_ends_the_same_whatever_the_size_of_a_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints too: there is one a day, also where a chunk is many days long."""
    ended = []
    for size in (7, 20, 10_000):
        monkeypatch.setattr(recount, "COUNTS_A_CHUNK", size)
        site = Site(tmp_path / str(size))
        site.hear(days_of(SimulatedBin(pieces=100), 5))
        site.calibrate(NOW_MS + 5 * 86_400_000)
        site.begin(APPLY)
        site.finish()
        ended.append(site.everything())
        site.engine.dispose()
    assert ended[0] == ended[1] == ended[2]
    moments = [row[3] for row in ended[2]["counter_checkpoints"]]
    assert len(moments) == 6, "the beginning, and five days"
    assert max(after - before for before, after in pairwise(sorted(moments))) < 1.2 * 86_400_000


def test_the_ledger_gets_one_adjustment_and_nothing_is_ordered_until_the_bin_is_heard_again(site: Site) -> None:
    before = site.ledger()
    site.begin(APPLY)
    site.finish()
    assert site.ledger() == [*before, ("adjustment", -5, "bin-1/recount")]
    with read(site.engine) as session:
        stock = session.get_one(StockRow, PAIR)
    assert (stock.in_doubt, stock.order_due) == (True, False)


def test_nothing_of_it_is_in_force_before_its_end(site: Site) -> None:
    before = site.everything("recounts", "recounted_counts", "counter_checkpoints")
    site.begin(APPLY)
    chunks = 0
    while [one.phase for one in site.progress()] == ["counting"]:
        assert site.everything("recounts", "recounted_counts", "counter_checkpoints") == before
        site.chunk()
        chunks += 1
    assert chunks > 3


@pytest.mark.parametrize(("asked", "instants"), [(APPLY, 150), (Asked(), 50)], ids=["applied", "only counted"])
def test_it_ends_the_same_wherever_it_is_interrupted(tmp_path: Path, asked: Asked, instants: int) -> None:
    steady = Site(tmp_path / "steady")
    steady.hear(days_of(SimulatedBin(pieces=100), 3))  # of two days nothing comes out otherwise, so nothing is applied
    steady.calibrate(NOW_MS + 3 * 86_400_000)
    shutil.copytree(steady.folder, tmp_path / "before")
    steady.begin(asked)
    steady.finish()
    expected = steady.everything()
    steady.engine.dispose()
    for instant in range(1, 300, 3):
        fragile = open_engine(f"sqlite:///{shutil.copytree(tmp_path / 'before', tmp_path / str(instant))}/fleet.db")
        site, fuse = Site.__new__(Site), Fuse()
        site.engine = fragile
        fuse.wire(fragile)
        fuse.left = instant
        try:
            site.begin(asked)
            site.finish()
            has_crashed = False
        except CrashError:
            has_crashed = True
            site.begin(asked)
            site.finish()
        fuse.left = 0
        assert site.everything() == expected
        fragile.dispose()
        if not has_crashed:
            assert instant > instants
            return
    pytest.fail("it never came through")


def test_a_bin_counts_live_while_it_is_counted_again(site: Site, twin: Site) -> None:
    """Each chunk finds new counts at the end, and the last of them are made by the new calibration."""
    bins = []
    for one in (site, twin):
        bin = SimulatedBin(pieces=100)
        days_of(bin, 5)
        bins.append(bin)
        assert one.state()[1] is not None
    site.begin(APPLY)
    for _ in range(6):
        site.chunk()
        for one, bin in zip((site, twin), bins, strict=True):
            bin.pieces -= 2
            one.hear([*bin.burst(), *bin.heartbeats(1)])
    site.finish()
    for one, bin in zip((site, twin), bins, strict=True):
        one.hear(list(bin.heartbeats(2)))
    assert site.counts() == twin.counts()
    assert site.state() == twin.state()
    with read(site.engine) as session:
        on_hand = session.get_one(StockRow, PAIR).qty_on_hand
    assert on_hand == site.state()[1]
    assert_counts_come_out_again(site)


def test_an_unfinished_recount_is_gone_on_with_or_dropped_but_not_mixed_with_another(site: Site) -> None:
    site.begin(APPLY)
    site.chunk()
    counted = site.progress()[0].counted
    for same in (Asked(), APPLY):
        site.begin(same)
        assert site.progress()[0].counted == counted
    for other in (Asked(("bin-1",)), Asked(("bin-1",), NOW_MS, is_apply=True)):
        with pytest.raises(RecountError, match="--anew"):
            site.begin(other)
    assert drop(site.engine) == 1
    with read(site.engine) as session:
        assert session.scalar(select(func.count(RecountedRow.count_id))) == 0
        assert not session.scalar(select(func.count()).where(CounterCheckpointRow.staged))
    site.begin(Asked(("bin-1",)))
    assert site.progress()[0].counted == 0


def test_two_that_count_the_same_bin_again_at_once_do_not_mix(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.begin(APPLY)
    original = recount.inputs_after

    def overtaken(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(recount, "inputs_after", original)
        recount_some(site.engine, 1, NOW_MS, policies)
        return original(*given, **named)

    monkeypatch.setattr(recount, "inputs_after", overtaken)
    with pytest.raises(RecountError, match="somebody else"):
        site.chunk()
    assert site.progress()[0].counted == 20


def test_applying_needs_a_moment(site: Site) -> None:
    with pytest.raises(RecountError, match="--since: is missing"):
        site.begin(Asked(is_apply=True))


def test_a_bin_that_gets_another_item_meanwhile_is_begun_anew_with_that(site: Site) -> None:
    site.begin(APPLY)
    site.chunk()
    move(site, 6 * 86_400)
    site.hear(list(SimulatedBin(pieces=100, uptime_s=7 * 86_400).burst()))
    before = site.ledger()
    site.finish()
    (done,) = site.progress()
    assert done.counted == 17, "from where it has the new item"
    assert site.ledger() == before


def move(site: Site, at_s: int) -> None:
    """Gives the bin another item."""
    data: Any = seed_data()
    data["items"].append({"item": "M5", "apw_g": "2.5", "pack_size": 100})
    data["bins"][0]["item"] = "M5"
    with write(site.engine) as session:
        load(session, parse_seed(data, site.folder), now_ms=NOW_MS + at_s * 1000)


def test_a_bin_that_was_moved_and_not_heard_since_is_not_counted_again(site: Site) -> None:
    site.begin(APPLY)
    site.chunk()
    move(site, 6 * 86_400)
    assert [site.chunk() for _ in range(2)] == [True, False], "it ends"
    assert site.progress() == []
    site.begin(Asked())
    assert site.progress() == []


def test_a_recount_that_ended_unheard_is_told_once_more_unless_something_else_is_to_be_applied_now(site: Site) -> None:
    site.begin(APPLY)
    site.finish()
    site.begin(APPLY)
    assert [one.phase for one in site.progress()] == ["done"]
    data: Any = seed_data()
    data["items"][0]["apw_g"] = "5.1"
    data["bins"][0]["tare_raw"] = SCALE.tare_raw + FIVE_PIECES_RAW
    with write(site.engine) as session:
        load(session, parse_seed(data, site.folder), now_ms=NOW_MS + 6 * 86_400_000)
    site.begin(APPLY)
    assert [(one.phase, one.counted) for one in site.progress()] == [("counting", 0)]
    site.finish()
    assert '"apw_g":5.1' in site.setup()


def test_readings_that_are_counted_again_are_kept_until_that_is_done(site: Site) -> None:
    def old() -> int:
        with write(site.engine) as session:
            before_ms = NOW_MS + 4 * 86_400_000
            gone = forget_old(session, before_ms, 10**9, 10**6, may_go(ReadingRow, before_ms))
            session.rollback()
            return gone

    assert old() > 0
    site.begin(APPLY)
    assert old() == 0
    site.finish()
    assert old() > 0
