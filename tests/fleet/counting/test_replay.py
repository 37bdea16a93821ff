# SPDX-License-Identifier: Apache-2.0
"""Every count can be made again from a checkpoint, bit for bit."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from fleet.counting.checkpoints import tally_at
from fleet.counting.evidence import REFILL, STOCKTAKE, Evidence, put_down
from fleet.counting.replay import NotKeptError, Setups, inputs_after, replay_at, said_of, setups_of
from fleet.counting.service import count_new_readings
from fleet.counting.tables import CounterCheckpointRow, CounterStateRow, CountRow
from fleet.db import open_engine, read, write
from fleet.devices.plan import SamplingPlan
from fleet.devices.plans import set_plan
from fleet.devices.tables import DeviceRow
from fleet.orders.store import policies
from fleet.readings.tables import ReadingRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from tests.fleet.orders.test_machine import empty_plant
from tests.fleet.plant import NOW_MS, SCALE, SimulatedBin, seed_data, store_readings

HOUR_S = 3600


class Story:
    """Days of a bin, told step by step to a fleet that counts in batches."""

    def __init__(self, engine: Engine, folder: Path, seed: int) -> None:
        self.engine, self._folder = engine, folder
        self.bin = SimulatedBin(pieces=120, seed=seed)
        self._master: Any = seed_data()

    @property
    def now_ms(self) -> int:
        return NOW_MS + self.bin.uptime_s * 1000

    def picks(self, pieces: int, limit: int) -> None:
        self.bin.pieces = max(0, self.bin.pieces - pieces)
        self._report(limit, heartbeats=pieces % 4)

    def refills(self, packs: int, limit: int) -> None:
        self.bin.pieces = min(800, self.bin.pieces + 50 * packs)
        if packs % 2:
            self._say(REFILL, packs)
        self._report(limit, heartbeats=2)

    def is_lifted(self, hours: int, limit: int) -> None:
        self.bin.is_lifted = True
        self._report(limit, heartbeats=hours)
        self.bin.is_lifted = False
        self._report(limit, heartbeats=0)

    def is_counted_by_hand(self, pieces: int, limit: int) -> None:
        self._say(STOCKTAKE, pieces)
        self._report(limit, heartbeats=1)

    def is_calibrated(self, counts: int, limit: int) -> None:
        self._master["bins"][0]["tare_raw"] = SCALE.tare_raw + counts
        self._load(limit)

    def weighs_another(self, hundredths: int, limit: int) -> None:
        self._master["items"][0]["apw_g"] = f"{5 + hundredths / 100:.2f}"
        self._load(limit)

    def follows_a_plan(self, counts: int, limit: int) -> None:
        """Now it sleeps, now it does not; now each movement is told, now the plan does not say."""
        plan = SamplingPlan(sleep_s=counts % 2 * 1800, change_counts=(100 * counts if counts % 3 else None,))
        with write(self.engine) as session:
            version = set_plan(session, 1, plan, self.now_ms)
            session.execute(update(DeviceRow).values(plan_followed=version))
        self._report(limit, heartbeats=1)

    def is_silent_and_tells_late(self, count: int, limit: int) -> None:
        """Two messages that overtake each other, and one of a boot of which no time is known."""
        late = list(self.bin.burst(5))
        with write(self.engine) as session:
            store_readings(session, list(self.bin.heartbeats(1 + count % 3)))
            untimed = session.scalars(select(ReadingRow.id).order_by(ReadingRow.id.desc()).limit(1 + count % 3)).all()
            store_readings(session, late)
            session.execute(update(ReadingRow).where(ReadingRow.id.in_(untimed)).values(taken_at_ms=None))
        self._count(limit)

    def cannot_be_counted(self, _: int, limit: int) -> None:
        """An impossible calibration: the counter stumbles, and begins anew with a possible one."""
        self._master["bins"][0]["tare_raw"] = SCALE.tare_raw
        self._load(limit)
        with write(self.engine) as session:
            session.connection().exec_driver_sql("UPDATE calibrations SET counts_per_gram = '0'")
        self._report(limit, heartbeats=1)
        with write(self.engine) as session:
            session.connection().exec_driver_sql("UPDATE calibrations SET counts_per_gram = '429.0'")
        self._report(limit, heartbeats=1)

    def _load(self, limit: int) -> None:
        with write(self.engine) as session:
            load(session, parse_seed(self._master, self._folder), now_ms=self.now_ms + 1)
        self._report(limit, heartbeats=1)

    def _say(self, kind: str, quantity: int) -> None:
        with write(self.engine) as session:
            put_down(session, "bin-1", Evidence(kind, quantity, "test"), self.now_ms)

    def _report(self, limit: int, heartbeats: int) -> None:
        with write(self.engine) as session:
            store_readings(session, [*self.bin.burst(), *self.bin.heartbeats(heartbeats, every_s=5 * HOUR_S)])
        self._count(limit)

    def _count(self, limit: int) -> None:
        while True:
            with write(self.engine) as session:
                if not count_new_readings(session, self.now_ms, limit, policies)[1]:
                    return


STEPS = [name for name in vars(Story) if not name.startswith("_") and name != "now_ms"]
TOLD = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 40), st.integers(3, 80)), min_size=1, max_size=12)


@contextmanager
def told(steps: list[tuple[str, int, int]], seed: int) -> Iterator[Story]:
    folder = Path(tempfile.mkdtemp(prefix="kanbin-replay-"))
    shutil.copy(empty_plant(), folder / "fleet.db")
    engine = open_engine(f"sqlite:///{folder}/fleet.db")
    try:
        story = Story(engine, folder, seed)
        story.picks(0, 50)
        for name, amount, limit in steps:
            getattr(story, name)(amount, limit)
        yield story
    finally:
        engine.dispose()
        shutil.rmtree(folder)


@given(TOLD, st.integers(0, 1000))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_count_comes_out_again_bit_for_bit_from_every_checkpoint(
    steps: list[tuple[str, int, int]], seed: int
) -> None:
    with told(steps, seed) as story, read(story.engine) as session:
        state = session.get_one(CounterStateRow, 1)
        counts = session.scalars(select(CountRow).order_by(CountRow.id)).all()
        bases = session.scalars(select(CounterCheckpointRow)).all()
        assert bases[0].count_id < counts[0].id, "there is one before the first count"
        for base in bases:
            tally, setups = tally_at(base), Setups(setups_of(session, 1))
            for each in inputs_after(session, 1, base.count_id):
                fed = setups.feed(tally, each)
                assert fed.told is not None
                assert said_of(fed.told) == each.said
            remembered = (tally.memory.to_json(), tally.dump(), tally.pieces)
            assert remembered == (state.state, state.counter, state.pieces)
        for count in counts[::7]:
            replayed = replay_at(session, 1, count.at_ms)
            assert replayed.is_as_stored
            assert replayed.base.at_ms <= replayed.told[-1].at_ms


def test_a_checkpoint_is_made_each_day_and_no_more() -> None:
    with told([("picks", 3, 50)] * 12, 1) as story, read(story.engine) as session:
        days = [row.at_ms // 1000 - NOW_MS // 1000 for row in session.scalars(select(CounterCheckpointRow))]
        assert story.bin.uptime_s > 7 * 24 * HOUR_S
    gaps = [after - before for before, after in pairwise(days)]
    assert 5 <= len(gaps) <= 8
    assert min(gaps) >= 24 * HOUR_S


def test_a_bin_of_which_only_a_refill_was_said_begins_with_its_first_reading(plant: Engine) -> None:
    with write(plant) as session:
        put_down(session, "bin-1", Evidence(REFILL, 2, "test"), NOW_MS)
        count_new_readings(session, NOW_MS, 100)
        assert session.get(CounterStateRow, 1) is None
    with write(plant) as session:
        store_readings(session, list(SimulatedBin(pieces=100).burst()))
        count_new_readings(session, NOW_MS + 20_000, 100)
    with read(plant) as session:
        replayed = replay_at(session, 1, NOW_MS + 5_000)
    assert replayed.base.begins
    assert replayed.is_as_stored


def test_what_is_older_than_all_that_is_kept_is_refused_with_what_there_is(plant: Engine) -> None:
    with read(plant) as session, pytest.raises(NotKeptError, match="nothing of this bin has been counted"):
        replay_at(session, 1, NOW_MS)
    with write(plant) as session:
        store_readings(session, list(SimulatedBin(pieces=100).burst()))
        count_new_readings(session, NOW_MS, 100)
    with read(plant) as session, pytest.raises(NotKeptError, match="after 2026-09-21T14:13:21"):
        replay_at(session, 1, NOW_MS - 1)
