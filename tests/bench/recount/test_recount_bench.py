# SPDX-License-Identifier: Apache-2.0
"""The bench as a program over a few days, and what its store is made of."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from fleet.counting.checkpoints import tally_at
from fleet.counting.replay import Setups, inputs_after, said_of, setups_of
from fleet.counting.service import count_new_readings
from fleet.counting.tables import BinRow, CounterCheckpointRow, CounterStateRow, CountRow
from fleet.db import open_engine, read, write
from fleet.orders.store import policies
from tests.bench.recount.build import build
from tests.bench.recount.run import INTERRUPTED, recount

ROOT = Path(__file__).resolve().parents[3]


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench.recount", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five bins of which two were counted live."""
    file = tmp_path_factory.mktemp("store") / "kanbin.sqlite"
    assert build(file, "typical-5g", bins=5, days=3.0, distinct=2) > 5 * 3 * 288
    return file


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


def test_every_bin_comes_out_again_from_its_beginning_to_what_it_remembers(engine: Engine) -> None:
    with read(engine) as session:
        bins = session.scalars(select(BinRow.id)).all()
        assert len(bins) == 5
        for bin_id in bins:
            bases = session.scalars(
                select(CounterCheckpointRow)
                .where(CounterCheckpointRow.bin_id == bin_id)
                .order_by(CounterCheckpointRow.id)
            ).all()
            assert len(bases) >= 3
            inputs = inputs_after(session, bin_id, bases[0].count_id)
            tally, setups = tally_at(bases[0]), Setups(setups_of(session, bin_id))
            assert inputs[0].word is not None, "somebody counted it when it began"
            for each in inputs:
                told = setups.feed(tally, each).told
                assert told is not None
                assert said_of(told) == each.said
            assert tally.dump() == session.get_one(CounterStateRow, bin_id).counter


def test_the_log_is_as_if_all_had_reported_side_by_side(engine: Engine) -> None:
    with closing(sqlite3.connect(engine.url.database or "")) as connection:
        moments = [at for (at,) in connection.execute("SELECT received_at_ms FROM readings ORDER BY id")]
        devices = [device for (device,) in connection.execute("SELECT device_id FROM readings ORDER BY id LIMIT 5")]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    assert moments == sorted(moments)
    assert sorted(devices) == [1, 2, 3, 4, 5]
    assert not broken


def test_nothing_is_left_to_be_counted(engine: Engine) -> None:
    with write(engine) as session:
        assert count_new_readings(session, 10**13, 10, policies) == (set(), 0)


def test_it_interrupts_the_command_and_has_it_go_on(tmp_path: Path) -> None:
    """Long enough that a signal after the first chunks comes long before the end."""
    file = tmp_path / "kanbin.sqlite"
    counts = build(file, "sleeping-5g", bins=60, days=7.0, distinct=1)
    first = recount(file, 2, 0.01, abs)
    assert first.code == INTERRUPTED
    assert "goes on where it was" in first.said
    assert 0 < first.counted < counts
    second = recount(file, 2, None, abs)
    assert (second.code, second.counted_before) == (0, first.counted)
    assert first.counted + second.counted == counts
    assert min(first.cpu_s, second.cpu_s) > 0


def test_a_count_that_comes_out_otherwise_is_no_figure(tmp_path: Path) -> None:
    file = tmp_path / "kanbin.sqlite"
    build(file, "sleeping-5g", bins=1, days=1.0, distinct=1)
    engine = open_engine(f"sqlite:///{file}")
    with write(engine) as session:
        session.execute(update(CountRow).where(CountRow.id == 100).values(mean=CountRow.mean + 1e-12))
    engine.dispose()
    with pytest.raises(RuntimeError, match=r"1 of 1\d\d counts came out otherwise"):
        recount(file, 1, None, abs)


def test_it_writes_a_page_with_date_commit_and_both_runs(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = bench("--bins", "3", "--days", "2", "--folder", str(tmp_path), "--out", str(page))
    assert done.returncode == 0, done.stderr
    assert page.read_text() == done.stdout
    assert "3 bins sleeping-5g, 2 days of readings each" in done.stdout
    assert "to the end" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"], "the store is gone"


def test_what_it_cannot_do_it_says_with_the_remedy() -> None:
    done = bench("--class", "nothing")
    assert done.returncode == 2
    assert "take one of easy-50g" in " ".join(done.stderr.replace("│", " ").split())
