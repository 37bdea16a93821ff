# SPDX-License-Identifier: Apache-2.0
"""Readings have their times though a device has no clock: exact where its crystal tells them, else with bounds."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.migrations.schema import metadata
from fleet.readings import boots
from fleet.readings.boots import BOOTS_KEPT
from fleet.readings.queries import list_readings
from fleet.readings.service import append
from fleet.readings.tables import DeviceBootRow, ReadingRow
from fleet.readings.timing import ANCHORS_KEPT, LATE_AT_MOST_MS, BootClock
from tests.fleet.readings.timed_device import TimedDevice

NOW_MS = 1_800_000_000_000
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
WEEK_MS = 7 * DAY_MS
RIGHT_WITHIN_MS = 30_000
BOUNDS_COST_MS = LATE_AT_MOST_MS + 10_000  # a message late, whole seconds, boots between readings
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = db.open_engine(f"sqlite:///{tmp_path}/kanbin.sqlite")
    metadata().create_all(engine)
    with db.write(engine) as session:
        session.add(DeviceRow(device="bin-01", kid=b"1", master_secret=b"1", master_salt=b""))
        session.flush()
        yield session
    engine.dispose()


def new_device(session: Session, ppm: int, seed: int) -> TimedDevice:
    """A device nobody has heard of yet."""
    session.execute(delete(ReadingRow))
    session.execute(delete(DeviceBootRow))
    return TimedDevice(session, ppm, Random(seed))


def listed(device: TimedDevice) -> list[tuple[int, int | None, int | None, int | None]]:
    """(truth, taken_at, taken_after, taken_before) of all readings."""
    rows = list_readings(device.session, limit=100_000, after=None, newest=False, device=None, channel=None).rows
    assert len(rows) == len(device.taken), "none is missing"
    times = ((row.taken_at_ms, row.taken_after_ms, row.taken_before_ms) for row in rows)
    names = ((row.epoch, row.sequence) for row in rows)
    return [(device.taken[name], *each) for name, each in zip(names, times, strict=True)]


def assert_exact(device: TimedDevice, within_ms: int = RIGHT_WITHIN_MS) -> None:
    for truth_ms, at_ms, after_ms, before_ms in listed(device):
        assert at_ms is not None
        assert abs(at_ms - truth_ms) <= within_ms, (at_ms - truth_ms) / 1000
        assert after_ms is before_ms is None


def a_week_offline(device: TimedDevice) -> None:
    """With resets, and a reading every few hours; then all goes out."""
    for _ in range(device.random.randrange(1, 5)):
        device.live(WEEK_MS // 5, 6 * HOUR_MS, sends=False)
        device.reset()
    device.live(WEEK_MS // 5, 6 * HOUR_MS, sends=False)
    device.send_all()


@FEW
@given(seed=SEEDS, ppm=st.integers(-40, 40), days_before=st.integers(0, 6))
def test_after_a_week_offline_every_time_is_right_across_resets(
    session: Session, seed: int, ppm: int, days_before: int
) -> None:
    device = new_device(session, ppm, seed)
    device.live(days_before * DAY_MS, 2 * HOUR_MS, sends=True)
    a_week_offline(device)
    assert len(device.boots) == 1
    assert_exact(device)


@FEW
@given(seed=SEEDS, ppm=st.sampled_from([-200, -120, 120, 200]))
def test_how_far_off_a_crystal_is_gets_learnt(session: Session, seed: int, ppm: int) -> None:
    device = new_device(session, ppm, seed)
    device.live(4 * DAY_MS, 2 * HOUR_MS, sends=True)
    a_week_offline(device)
    device.lose_power(away_ms=DAY_MS)
    a_week_offline(device)  # in a boot nobody has heard of, by the pace of the boot before
    assert_exact(device)


@FEW
@given(seed=SEEDS, ppm=st.integers(-200, 200))
def test_what_was_taken_before_a_power_loss_keeps_its_time_when_that_boot_was_heard(
    session: Session, seed: int, ppm: int
) -> None:
    device = new_device(session, ppm, seed)
    device.live(2 * DAY_MS, HOUR_MS, sends=True)
    device.live(2 * DAY_MS, HOUR_MS, sends=False)
    device.lose_power(away_ms=DAY_MS)
    device.live(DAY_MS, HOUR_MS, sends=True)
    assert len(device.boots) == 2
    assert_exact(device)


def free_ms(device: TimedDevice, place: int, first: int) -> int:
    """How much of the time around a boot nobody can know it was in, when those from `first` on went unheard."""
    boots = list(device.boots.values())
    begin_ms = boots[first - 1][1]  # the last that is known of the one before
    end_ms = boots[-1][0]
    assert first <= place < len(boots) - 1
    return end_ms - begin_ms - sum(last - began for began, last in boots[first:-1])


@FEW
@given(seed=SEEDS, ppm=st.integers(-200, 200), losses=st.integers(1, 4), is_new=st.booleans())
def test_across_power_losses_the_truth_lies_within_bounds_no_wider_than_they_must_be(
    session: Session, seed: int, ppm: int, losses: int, is_new: bool
) -> None:
    device = new_device(session, ppm, seed)
    if not is_new:
        device.live(DAY_MS, 2 * HOUR_MS, sends=True)
    for _ in range(losses):
        device.lose_power(away_ms=device.random.randrange(1_000, DAY_MS))
        device.live(device.random.randrange(HOUR_MS, DAY_MS), HOUR_MS, sends=False)
    device.lose_power(away_ms=device.random.randrange(1_000, DAY_MS))
    device.live(2 * HOUR_MS, HOUR_MS, sends=False)
    device.send_all()

    last_of = [last for _, last in device.boots.values()]
    for truth_ms, at_ms, after_ms, before_ms in listed(device):
        place = next(place for place, last in enumerate(last_of) if truth_ms <= last)
        if at_ms is not None:
            assert place in ((0,) if not is_new else ()) + (len(last_of) - 1,)
            assert abs(at_ms - truth_ms) < RIGHT_WITHIN_MS
            continue
        assert before_ms is not None
        assert truth_ms <= before_ms
        if is_new:
            assert after_ms is None, "nothing was known before"
            continue
        assert after_ms is not None
        assert after_ms <= truth_ms
        assert before_ms - after_ms <= free_ms(device, place, 1) + BOUNDS_COST_MS + losses * 2 * DAY_MS // 1000


def clock_of(ms_per_s: float, hours: int, *, from_h: int = 0, clock: BootClock | None = None) -> BootClock:
    """Heard each hour, at once; its seconds are so long."""
    clock = clock or BootClock()
    for hour in range(from_h, hours):
        uptime_s = 3_600 * hour
        clock = clock.heard(uptime_s, NOW_MS + round(ms_per_s * uptime_s)).thinned()
    return clock


def at(clock: BootClock, uptime_s: int) -> int:
    times = clock.times()
    assert times is not None
    return times(uptime_s) - NOW_MS


def test_a_late_message_does_not_move_what_the_others_tell() -> None:
    clock = clock_of(1000, 48)
    clock = clock.heard(48 * 3_600, NOW_MS + 48 * HOUR_MS + 45_000)
    assert abs(at(clock, 48 * 3_600) - 48 * HOUR_MS) < 1_000


def test_the_oscillator_of_a_sleeping_chip_is_followed_and_not_taken_for_a_late_crystal() -> None:
    for ms_per_s in (985.0, 1015.0):
        clock = clock_of(ms_per_s, 100)
        clock = clock_of(ms_per_s, 270, from_h=269, clock=clock)  # a week in between
        for hour in (50, 99, 180, 269):
            assert abs(at(clock, 3_600 * hour) - round(ms_per_s * 3_600 * hour)) < 1_000


def test_when_the_fleets_own_clock_is_set_the_newest_message_is_believed() -> None:
    for step_ms in (-HOUR_MS, HOUR_MS):
        clock = clock_of(1000, 10).heard(10 * 3_600, NOW_MS + 10 * HOUR_MS + step_ms)
        assert at(clock, 10 * 3_600) == 10 * HOUR_MS + step_ms


def test_anchors_are_few_however_long_a_clock_runs_and_both_sides_of_a_silence_stay() -> None:
    clock = clock_of(1000, 500)
    clock = clock_of(1000, 1_500, from_h=1_000, clock=clock)
    assert len(clock.anchors) <= ANCHORS_KEPT
    assert {499 * 3_600, 1_000 * 3_600} <= {uptime_s for uptime_s, _ in clock.anchors}


def test_what_is_known_of_boots_is_bounded(session: Session) -> None:
    for boot_count in range(1, BOOTS_KEPT + 20):
        boots.hear(session, 1, (7, boot_count, 0, [(boot_count, 0, 5, 0, 0, None)]), NOW_MS + boot_count)
    kept = session.scalars(select(DeviceBootRow.boot_count).order_by(DeviceBootRow.id)).all()
    assert kept == list(range(20, BOOTS_KEPT + 20))


def test_old_firmware_says_nothing_of_its_start_and_the_bound_is_the_arrival(session: Session) -> None:
    append(session, 1, (7, 1, None, [(0, 0, 5, 0, 0, None), (1, 0, 65, 0, 0, None)]), NOW_MS)
    rows = list_readings(session, limit=9, after=None, newest=False, device=None, channel=None).rows
    bounds = [(row.taken_at_ms, row.taken_after_ms, row.taken_before_ms - NOW_MS) for row in rows]
    assert bounds == [(None, None, 1_000 - 60_000 + 15), (None, None, 1_000)]


def test_when_a_later_message_shows_that_one_was_late_what_lies_between_is_right_again() -> None:
    first_late = BootClock().heard(0, NOW_MS + 45_000)
    assert at(first_late, 600) == 645_000
    assert abs(at(first_late.heard(3_600, NOW_MS + HOUR_MS), 600) - 600_000) < 1_000


def test_a_boot_is_not_said_to_have_lasted_longer_than_its_late_messages_prove() -> None:
    ended_after_ms = BootClock().heard(3_600, NOW_MS + 45_000).ended_after_ms()
    assert ended_after_ms is not None
    assert NOW_MS - LATE_AT_MOST_MS <= ended_after_ms <= NOW_MS


def test_bounds_grow_with_the_uptime_at_the_pace_of_the_clock(session: Session) -> None:
    day_s = 86_400
    append(session, 1, (7, 1, 0, [(0, 0, 5, 0, 0, None)]), NOW_MS)
    later = [(1, 0, 0, 0, 0, None), (2, 0, day_s, 0, 0, None)]
    append(session, 1, (7, 2, -1 - 10, later), NOW_MS + DAY_MS + 20_000)
    rows = list_readings(session, limit=9, after=None, newest=False, device=None, channel=None).rows[1:]
    (after_0, before_0), (after_1, before_1) = ((row.taken_after_ms, row.taken_before_ms) for row in rows)
    for grown_ms in (after_1 - after_0, before_1 - before_0):
        assert abs(grown_ms - DAY_MS) <= DAY_MS // 4_000
    assert after_1 <= NOW_MS + DAY_MS


def say(session: Session, uptime_s: int, late_ms: int, boot: int = 1, age_s: int | None = 0) -> None:
    """One reading of bin-01, as a message that came so late."""
    message = (1, boot, age_s, [(boot << 20 | uptime_s, 0, uptime_s, 1000, 5, None)])
    append(session, 1, message, NOW_MS + 1000 * uptime_s + late_ms)


def test_a_message_that_says_nothing_better_of_the_clock_changes_nothing(session: Session) -> None:
    writes = []

    @event.listens_for(session.get_bind(), "before_cursor_execute")
    def look(*said: Any) -> None:
        if "device_boots" in said[2] and not said[2].startswith("SELECT"):
            writes.append(said[2].split()[0])

    for uptime_s, late_ms in ((0, 50), (300, 60), (600, 50), (900, 20), (3000, 45_000), (3600, 90), (3900, 91)):
        say(session, uptime_s, late_ms)
    assert writes == ["INSERT", "UPDATE", "UPDATE", "UPDATE"]  # the first, a better one, that of the next hour


def test_a_boot_begins_after_the_last_reading_of_the_one_before_though_that_changed_nothing(session: Session) -> None:
    for uptime_s in (0, 300, 3000):
        say(session, uptime_s, late_ms=50)
    say(session, 60, late_ms=DAY_MS, boot=2, age_s=None)
    (row,) = list_readings(session, limit=1, after=3, newest=False, device=None, channel=None).rows
    assert row.taken_at_ms is None
    assert row.taken_after_ms > NOW_MS + 3_060_000 - BOUNDS_COST_MS
