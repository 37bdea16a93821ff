# SPDX-License-Identifier: Apache-2.0
"""Many bins counted again at once end as they would one by one, and stop together, whatever stops them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, TextIO

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import OperationalError

from fleet.counting import recount as recounting
from fleet.counting import recount_all as all_at_once
from fleet.counting.recount import Asked, Progress, RecountError, begin, drop, progress
from fleet.counting.recount_all import recount_all
from fleet.counting.service import count_new_readings
from fleet.counting.tables import CounterSetupRow
from fleet.db import Base, read, write
from fleet.orders.store import policies
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from tests.fleet.counting.gates import LATER_MS, Turnstile, clock, killer
from tests.fleet.plant import NOW_MS, SimulatedBin, seed_data, store_readings

BINS = 12
COUNTS = 20  # of each
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def store(plant: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Twelve bins, counted once, whose recount has begun; a process is begun for ever so few counts."""
    monkeypatch.setattr(all_at_once, "COUNTS_A_PROCESS", 1)
    fill(plant, tmp_path)
    begin(plant, Asked(), NOW_MS, policies)
    return plant


def fill(engine: Engine, folder: Path) -> None:
    data: Any = seed_data()
    for number in range(2, BINS + 1):
        data["stocking_locations"].append({"stocking_location": f"line-{number}", "site": "plant-1"})
        data["devices"].append({"device": f"dev-{number}", "kid": f"{number:04x}", "master_secret": f"{number:032x}"})
        place = {"device": f"dev-{number}", "stocking_location": f"line-{number}"}
        data["bins"].append({**data["bins"][0], "bin": f"bin-{number}", **place})
    with write(engine) as session:
        load(session, parse_seed(data, folder), now_ms=NOW_MS)
        for number in range(1, BINS + 1):
            bin = SimulatedBin(pieces=20 * number, seed=number)
            store_readings(session, [*bin.burst(), *bin.heartbeats(COUNTS - 17)], device_id=number)
        count_new_readings(session, NOW_MS + 10_000_000, 10_000, policies)


def bins_of(engine: Engine) -> list[Progress]:
    with read(engine) as session:
        return progress(session)


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with read(engine) as session:
        tables = Base.metadata.tables.items()
        return {name: [tuple(row) for row in session.execute(select(table))] for name, table in tables}


def recount(engine: Engine, jobs: int, now_ms: Callable[[], int] = clock, tell: Callable[[int], None] = abs) -> None:
    recount_all(engine, bins_of(engine), jobs, now_ms, policies, tell)


def test_what_processes_count_is_what_one_counts_bin_by_bin(store: Engine) -> None:
    recount(store, jobs=1)
    steady = everything(store)
    drop(store)
    begin(store, Asked(), NOW_MS, policies)
    told: list[int] = []
    recount(store, jobs=3, tell=told.append)
    assert sum(told) == BINS * COUNTS
    assert {(one.phase, one.counted, one.differing) for one in bins_of(store)} == {("done", COUNTS, 0)}
    assert everything(store) == steady


def test_few_counts_or_one_bin_are_not_worth_another_process(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    here: list[int] = []

    def now_ms() -> int:  # no other process could be given this
        here.append(os.getpid())
        return LATER_MS

    recount_all(store, bins_of(store)[:1], 4, now_ms, policies, abs)
    monkeypatch.setattr(all_at_once, "COUNTS_A_PROCESS", BINS * COUNTS)
    recount(store, jobs=4, now_ms=now_ms)
    assert set(here) == {os.getpid()}
    assert {one.phase for one in bins_of(store)} == {"done"}


def test_ctrl_c_lets_the_chunks_end_that_have_begun_and_no_process_is_left(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = get_context("spawn").Semaphore(3)
    told: list[int] = []
    shutdown = ProcessPoolExecutor.shutdown

    def tell(counted: int) -> None:
        told.append(counted)
        if sum(told) == 3 * COUNTS:
            raise KeyboardInterrupt

    def open_first(*given: Any, **named: Any) -> None:
        for _ in range(BINS):
            turns.release()
        shutdown(*given, **named)

    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", open_first)
    with pytest.raises(KeyboardInterrupt):
        recount(store, 2, Turnstile(turns), tell)
    assert not active_children()
    done = [one for one in bins_of(store) if one.phase == "done"]
    assert 3 <= len(done) <= 5, "one chunk more for each process"
    assert sum(one.counted for one in bins_of(store)) == len(done) * COUNTS
    recount(store, jobs=2)
    assert {(one.phase, one.counted, one.differing) for one in bins_of(store)} == {("done", COUNTS, 0)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_is_told_with_its_bin_and_what_was_counted_is_kept(store: Engine, jobs: int) -> None:
    with write(store) as session:
        session.execute(update(CounterSetupRow).where(CounterSetupRow.bin_id == 5).values(setup="rubbish"))
    with pytest.raises(RecountError, match=r"^bin-5: JSONDecodeError: .*; what was counted is kept$"):
        recount(store, jobs)
    assert not active_children()
    counted = {one.bin: one.counted for one in bins_of(store)}
    assert counted["bin-1"] == COUNTS
    assert counted["bin-5"] == 0


def test_who_counts_the_same_bin_meanwhile_is_told_with_the_bin(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    original = recounting.inputs_after

    def overtaken(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(recounting, "inputs_after", original)
        recounting.recount_some(store, 1, LATER_MS, policies)
        return original(*given, **named)

    monkeypatch.setattr(recounting, "inputs_after", overtaken)
    with pytest.raises(RecountError, match=r"^bin-1: somebody else"):
        recount(store, jobs=1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_trouble_with_the_store_stays_what_it_is(store: Engine, jobs: int) -> None:
    with write(store) as session:
        session.execute(text("ALTER TABLE counter_setups RENAME TO elsewhere"))
    with pytest.raises(OperationalError, match="no such table"):
        recount(store, jobs)


def test_a_process_that_is_killed_does_not_leave_the_others_waiting(store: Engine) -> None:
    with pytest.raises(RecountError, match="is there enough memory"):
        recount(store, 2, killer)
    assert not active_children()


PROGRAM = """
import sys
from pathlib import Path
from fleet.counting.recount import progress
from fleet.counting import recount_all
from fleet.db import open_engine, read
from fleet.orders.store import policies
from tests.fleet.counting.gates import Barrier

if __name__ == "__main__":
    recount_all.COUNTS_A_PROCESS = 1
    engine = open_engine(sys.argv[1])
    with read(engine) as session:
        bins = progress(session)
    recount_all.recount_all(engine, bins, 2, Barrier(Path(sys.argv[2])), policies, abs)
"""


@dataclass
class Program:
    """Two processes of it are waiting to begin their first chunks, until the lock is closed."""

    process: subprocess.Popen[str]
    lock: TextIO


@pytest.fixture
def program(store: Engine, tmp_path: Path) -> Iterator[Program]:
    """Counts bins again, in a group of processes of its own."""
    (tmp_path / "program.py").write_text(PROGRAM)
    command = (sys.executable, str(tmp_path / "program.py"), str(store.url), str(tmp_path / "lock"))
    options: dict[str, Any] = {"text": True, "env": os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'firmware'}"}}
    pipe = subprocess.PIPE
    with (tmp_path / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, process_group=0, **options) as process:
            assert process.stdout
            assert len({process.stdout.readline() for _ in range(2)} - {""}) == 2
            yield Program(process, lock)
            process.kill()


def test_processes_end_with_the_one_that_began_them(program: Program) -> None:
    program.process.kill()
    said, _ = program.process.communicate(timeout=60)  # returns when nobody is left to say anything
    assert said == ""


def test_of_all_that_ctrl_c_of_a_terminal_reaches_only_one_heeds_it(program: Program, store: Engine) -> None:
    os.killpg(program.process.pid, signal.SIGINT)
    program.lock.close()
    _, trouble = program.process.communicate(timeout=60)
    assert trouble.count("Traceback") == trouble.count("KeyboardInterrupt\n") == 1, trouble
    bins = bins_of(store)
    assert all(one.counted == (COUNTS if one.phase == "done" else 0) for one in bins)
    assert sum(one.phase == "done" for one in bins) >= 2
