# SPDX-License-Identifier: Apache-2.0
"""Retention lets go what no moment that is kept needs, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from fleet.counting.checkpoints import close_silent, forget_old, may_go
from fleet.counting.replay import NotKeptError, replay_at
from fleet.counting.tables import CounterCheckpointRow, CounterSetupRow, CountRow
from fleet.db import read, write
from fleet.readings.service import forget_old as forget_readings
from fleet.readings.tables import ReadingRow
from tests.fleet.counting.test_recount import Site, days_of
from tests.fleet.plant import NOW_MS, SimulatedBin

DAY_MS = 86_400_000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Ten days of a bin, the tare corrected after the third."""
    site = Site(tmp_path / "site")
    bin = SimulatedBin(pieces=100)
    site.hear(days_of(bin, 3))
    site.calibrate(NOW_MS + 3 * DAY_MS)
    site.hear(days_of(bin, 7))
    site.hear(list(bin.heartbeats(2)))  # shortly after its last checkpoint
    yield site
    site.engine.dispose()


def retain(engine: Engine, before_ms: int) -> None:
    """What the worker does."""
    with write(engine) as session:
        close_silent(session, before_ms, 100)
        forget_readings(session, before_ms, 10**9, 10**6, may_go(ReadingRow, before_ms))
        forget_old(session, before_ms, 10**6)


def number_of(engine: Engine, table: type) -> int:
    with read(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("days", [1.0, 2.5, 4.2, 6.0, 9.7])
def test_every_moment_that_is_kept_can_be_counted_again_and_what_is_older_is_gone(site: Site, days: float) -> None:
    before_ms = NOW_MS + int(days * DAY_MS)
    retain(site.engine, before_ms)
    with read(site.engine) as session:
        at = session.scalars(select(CountRow.at_ms).order_by(CountRow.id)).all()
        assert before_ms - 1.2 * DAY_MS <= at[0] <= before_ms
        for at_ms in [one for one in at if one >= before_ms][::5]:
            assert replay_at(session, 1, at_ms).is_as_stored
        oldest = session.scalar(select(func.min(CounterCheckpointRow.at_ms)))
        assert oldest is not None
        assert before_ms - 1.2 * DAY_MS <= oldest <= before_ms, "the checkpoint that all of this rests on stays"
        with pytest.raises(NotKeptError):
            replay_at(session, 1, oldest - DAY_MS)


def test_a_bin_that_has_fallen_silent_keeps_nothing_for_ever(site: Site) -> None:
    retain(site.engine, NOW_MS + 30 * DAY_MS)
    assert number_of(site.engine, ReadingRow) == number_of(site.engine, CountRow) == 0
    assert number_of(site.engine, CounterCheckpointRow) == 1
    assert number_of(site.engine, CounterSetupRow) == 0


def test_it_goes_on_from_its_last_checkpoint_when_it_speaks_again(site: Site) -> None:
    retain(site.engine, NOW_MS + 30 * DAY_MS)
    bin = SimulatedBin(pieces=100, uptime_s=31 * 86_400)
    site.hear(days_of(bin, 1))
    with read(site.engine) as session:
        replayed = replay_at(session, 1, NOW_MS + bin.uptime_s * 1000)
    assert replayed.is_as_stored
    assert not replayed.base.begins
