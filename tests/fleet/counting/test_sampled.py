# SPDX-License-Identifier: Apache-2.0
"""What the sampling plan that a device follows tells the counters of its bins, and that it is put down."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.orm import Session

from fleet.counting import recount
from fleet.counting.counter import BinSetup
from fleet.counting.replay import replay_at, setups_of
from fleet.counting.service import count_new_readings
from fleet.counting.tables import BinRow, CounterSetupRow
from fleet.db import read, write
from fleet.devices.plan import SamplingPlan
from fleet.devices.plans import set_plan
from fleet.devices.tables import DeviceRow
from tests.fleet.counting.test_recount import APPLY, SINCE_S, Site, assert_counts_come_out_again, days_of
from tests.fleet.plant import NOW_MS, SCALE, SimulatedBin, store_readings

TOLD_G = 858 / SCALE.counts_per_gram


def follow(session: Session, plan: SamplingPlan, *, is_told: bool = True) -> None:
    """Gives the device this plan; it says that it follows it if `is_told`."""
    version = set_plan(session, 1, plan, NOW_MS)
    session.execute(update(DeviceRow).values(plan_followed=version if is_told else 0))


def tell(plant: Engine, bin: SimulatedBin) -> None:
    """The bin is handled, and counted."""
    with write(plant) as session:
        store_readings(session, [*bin.burst(), *bin.heartbeats(2)])
        count_new_readings(session, NOW_MS + bin.uptime_s * 1000, 1000)


def setup_of(plant: Engine) -> BinSetup:
    """What the bin was counted by last."""
    with read(plant) as session:
        return setups_of(session, 1)[-1][1]


def test_a_bin_is_counted_by_the_threshold_and_the_looks_that_its_device_goes_by(plant: Engine) -> None:
    with write(plant) as session:
        follow(session, SamplingPlan(sleep_s=1800, change_counts=(858,)))
    tell(plant, SimulatedBin())
    assert setup_of(plant) == replace(SCALE, heartbeat_s=1800.0, send_delta_g=TOLD_G)


def test_each_channel_has_its_own_threshold(plant: Engine) -> None:
    with write(plant) as session:
        session.execute(update(BinRow).values(channel=1))
        follow(session, SamplingPlan(change_counts=(429, 858)))
        store_readings(session, list(SimulatedBin().burst()), channel=1)
        count_new_readings(session, NOW_MS + 20_000, 1000)
    assert setup_of(plant) == replace(SCALE, send_delta_g=TOLD_G)


@pytest.mark.parametrize(
    "plan",
    [
        SamplingPlan(heartbeat_s=600, change_counts=(858,)),
        SamplingPlan(heartbeat_s=600, sleep_s=0, change_counts=(858,)),
    ],
    ids=["as it is set", "awake for good"],
)
def test_a_device_that_is_not_sent_to_sleep_is_not_counted_as_if_it_slept(plant: Engine, plan: SamplingPlan) -> None:
    with write(plant) as session:
        follow(session, plan)
    tell(plant, SimulatedBin())
    assert setup_of(plant) == replace(SCALE, send_delta_g=TOLD_G)


@pytest.mark.parametrize("change_counts", [(), (None,), (None, 858)])
def test_a_plan_that_leaves_the_threshold_as_it_is_set_tells_nothing(
    plant: Engine, change_counts: tuple[int | None, ...]
) -> None:
    with write(plant) as session:
        follow(session, SamplingPlan(heartbeat_s=600, sleep_s=1800, change_counts=change_counts))
    tell(plant, SimulatedBin())
    assert setup_of(plant) == SCALE


def test_a_plan_tells_nothing_before_the_device_says_that_it_follows_it(plant: Engine) -> None:
    with write(plant) as session:
        follow(session, SamplingPlan(sleep_s=1800, change_counts=(858,)), is_told=False)
    tell(plant, SimulatedBin())
    assert setup_of(plant) == SCALE


def test_what_was_counted_before_a_plan_was_followed_comes_out_again_as_it_was(plant: Engine) -> None:
    bin = SimulatedBin(pieces=100)
    tell(plant, bin)
    with write(plant) as session:
        follow(session, SamplingPlan(sleep_s=1800, change_counts=(858,)))
    bin.pieces -= 7
    tell(plant, bin)
    with write(plant) as session:
        session.execute(update(DeviceRow).values(plan_followed=0))
    bin.pieces -= 3
    tell(plant, bin)
    with read(plant) as session:
        given = [(setup.heartbeat_s, setup.send_delta_g) for _, setup in setups_of(session, 1)]
        assert replay_at(session, 1, NOW_MS + bin.uptime_s * 1000).is_as_stored
        versions = {row.calibration_version for row in session.query(CounterSetupRow)}
    assert given == [(300.0, None), (1800.0, TOLD_G), (300.0, None)]
    assert versions == {1}


def test_a_threshold_is_as_many_counts_by_another_calibration() -> None:
    mended = replace(SCALE, counts_per_gram=390.0)
    told = mended.sampled_as(replace(SCALE, heartbeat_s=1800.0, send_delta_g=TOLD_G))
    assert told == replace(mended, heartbeat_s=1800.0, send_delta_g=858 / 390.0)
    assert told.sampled_as(SCALE) == mended


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, Site]]:
    """Six days of a bin that slept for four: one with a wrong tare that is known by now, one that knew it in time."""
    monkeypatch.setattr(recount, "COUNTS_A_CHUNK", 20)
    late, twin = Site(tmp_path / "late"), Site(tmp_path / "twin")
    twin.calibrate(NOW_MS + SINCE_S * 1000)
    for site in (late, twin):
        bin = SimulatedBin(pieces=100)
        for plan, days in (
            (SamplingPlan(sleep_s=1800, change_counts=(858,)), 4),
            (SamplingPlan(change_counts=(429,)), 2),
        ):
            with write(site.engine) as session:
                follow(session, plan)
            site.hear(days_of(bin, days))
    late.calibrate(NOW_MS + 6 * 86_400_000)
    yield late, twin
    late.engine.dispose()
    twin.engine.dispose()


def apply(site: Site) -> list[tuple[float, float | None]]:
    """Applies the calibration backwards; how the device is known to have looked and told since."""
    site.begin(APPLY)
    site.finish()
    with read(site.engine) as session:
        return [(setup.heartbeat_s, setup.send_delta_g) for _, setup in setups_of(session, 1)]


def test_a_calibration_that_is_applied_backwards_leaves_how_the_device_looked_as_it_was(
    sites: tuple[Site, Site],
) -> None:
    late, twin = sites
    assert apply(late)[-2:] == [(1800.0, 2.0), (300.0, 1.0)]
    assert late.counts() == twin.counts()
    assert late.state() == twin.state()
    assert_counts_come_out_again(late)


def test_nor_does_it_where_the_reading_is_gone_since_which_it_looked_so(sites: tuple[Site, Site]) -> None:
    late, twin = sites
    with write(late.engine) as session:
        session.execute(delete(CounterSetupRow).where(CounterSetupRow.from_reading_id == 1))
    assert apply(late) == [(1800.0, 2.0), (300.0, 1.0)]
    assert late.counts() == twin.counts()
    assert late.state() == twin.state()
