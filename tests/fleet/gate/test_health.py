# SPDX-License-Identifier: Apache-2.0
"""A device says how it is, and is told of its sampling plan until it says that it follows it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import wire.plan
from sqlalchemy import select
from wire import health, unpack_health

from fleet import db
from fleet.devices.health import RECORDS_KEPT
from fleet.devices.plan import SamplingPlan
from fleet.devices.plans import FollowsNoneError, set_plan
from fleet.devices.tables import DeviceHealthRow
from tests.fleet.gate.conftest import NOW_MS, House
from tests.fleet.gate.peer import message

Run = Callable[[Awaitable[Any]], Any]
HEALTH = ("h",)
PLAN = SamplingPlan(heartbeat_s=60, change_counts=(1200, None))


def record(uptime_s: int = 5, **values: Any) -> bytes:
    keys = {name: key for key, name, _, _ in unpack_health.NUMBERS} | {"traceback": health.TRACEBACK, "cell_faults": 10}
    said = {"epoch": 9, "boot_count": 3, "uptime_s": uptime_s} | values
    return bytes(health.pack({keys[name]: value for name, value in said.items()}))


def records(house: House) -> list[DeviceHealthRow]:
    with db.read(house.engine) as session:
        return list(session.scalars(select(DeviceHealthRow).order_by(DeviceHealthRow.id)))


def plan(house: House, plan: SamplingPlan = PLAN) -> int:
    with db.write(house.engine) as session:
        return set_plan(session, 1, plan, NOW_MS)


def test_a_record_is_kept_as_it_was_said(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            said = record(rssi_dbm=-61, battery_mv=3700, cell_faults=[(0, 1)], traceback=b"OSError: 5", reset_cause=3)
            assert (await peer.post(said, path=HEALTH)).code == "2.04"

    run(scene())
    (row,) = records(house)
    assert (row.rssi_dbm, row.battery_mv, row.reset_cause, row.traceback) == (-61, 3700, 3, "OSError: 5")
    assert (row.cell_faults, row.free_heap_bytes, row.received_at_ms) == ([[0, 1]], None, NOW_MS)
    device = house.device()
    assert (device.last_seen_at_ms, device.boot_count, device.epoch) == (NOW_MS, 3, 9)


def test_a_flash_that_fails_is_told(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            for uptime_s, errors in enumerate((0, 3, 65535)):
                await peer.post(record(uptime_s, flash_errors=errors), path=HEALTH)
            await peer.post(record(9), path=HEALTH)

    run(scene())
    assert [row.flash_errors for row in records(house)] == [0, 3, 65535, None]


def test_how_long_it_is_silent_is_what_a_device_said_last(house: House, run: Run) -> None:
    async def scene() -> list[int | None]:
        async with house.pair() as (_, peer):
            silences = []
            for uptime_s, said in enumerate(({}, {"silence_s": 3600}, {}, {"silence_s": 0})):
                await peer.post(record(uptime_s, **said), path=HEALTH)
                silences.append(house.device().silence_s)
            return silences

    assert run(scene()) == [None, 3600, None, 0]
    assert [row.silence_s for row in records(house)] == [None, 3600, None, 0]


def test_a_record_told_again_is_kept_once(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            for _ in range(2):
                assert (await peer.post(record(), path=HEALTH)).code == "2.04"

    run(scene())
    assert len(records(house)) == 1


def test_of_a_device_that_says_much_the_newest_records_are_kept(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            for uptime_s in range(RECORDS_KEPT + 5):
                await peer.post(record(uptime_s), path=HEALTH)

    run(scene())
    assert [row.uptime_s for row in records(house)] == list(range(5, RECORDS_KEPT + 5))


def test_a_record_that_is_none_is_refused_with_the_field(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            reply = await peer.post(bytes.fromhex("a30001010202f6"), path=HEALTH)
            assert (reply.code, reply.text) == ("4.00", "uptime_s: must be a whole number, 0 to 4294967295")

    run(scene())
    assert records(house) == []


def test_a_device_without_a_plan_gets_no_news(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            for payload, path in ((message(0), ("r",)), (record(plan_version=0), HEALTH)):
                assert (await peer.post(payload, path=path)).inner.payload == b""

    run(scene())


def test_a_plan_is_told_with_every_ack_from_the_first_record_until_the_device_says_that_it_follows_it(
    house: House, run: Run
) -> None:
    version = plan(house)

    async def scene() -> list[bytes]:
        async with house.pair() as (_, peer):
            posts = [(message(0), ("r",)), (record(1, plan_version=0), HEALTH), (message(1), ("r",))]
            posts += [(record(2, plan_version=version), HEALTH), (message(2), ("r",))]
            return [(await peer.post(payload, path=path)).inner.payload for payload, path in posts]

    news = run(scene())
    assert [len(each) > 0 for each in news] == [False, True, True, False, False]
    assert wire.plan.unpack(news[1]) == (version, 60, 16, 100, None, None, [1200, None])


def test_a_device_that_says_nothing_of_plans_is_told_of_none(house: House, run: Run) -> None:
    plan(house)  # nothing was heard of it yet

    async def scene() -> list[bytes]:
        async with house.pair() as (_, peer):
            posts = [(message(0), ("r",)), (record(1), HEALTH), (message(1), ("r",))]
            return [(await peer.post(payload, path=path)).inner.payload for payload, path in posts]

    assert run(scene()) == [b"", b"", b""]
    with pytest.raises(FollowsNoneError, match="set those up on the device itself"):
        plan(house, SamplingPlan(heartbeat_s=90))


def test_a_device_that_lost_its_plan_is_told_again(house: House, run: Run) -> None:
    version = plan(house)

    async def scene() -> bytes:
        async with house.pair() as (_, peer):
            await peer.post(record(1, plan_version=version), path=HEALTH)
            await peer.post(record(0, boot_count=4, plan_version=0), path=HEALTH)
            return (await peer.post(message(0))).inner.payload

    assert wire.plan.unpack(run(scene()))[0] == version


def test_the_same_plan_is_no_new_version_and_another_one_is(house: House) -> None:
    assert [plan(house), plan(house), plan(house, SamplingPlan(heartbeat_s=90)), plan(house)] == [1, 1, 2, 3]
