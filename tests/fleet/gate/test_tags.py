# SPDX-License-Identifier: Apache-2.0
"""What a reader experiences when it posts tag events: they are acknowledged when they are in their log."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select
from wire import tags

from fleet.db import read
from fleet.tags.queries import list_gaps
from fleet.tags.tables import TagEventConflictRow, TagEventRow
from tests.fleet.gate.conftest import NOW_MS, House

Run = Callable[[Awaitable[Any]], Any]
EPC = bytes.fromhex("30340789000c0e42dfdc1c35")


def message(*sequences: int, antenna: int = 1, age_s: int | None = 0) -> bytes:
    return bytes(tags.pack(7, 1, age_s, [(each, tags.ENTERED, antenna, 10 * each, -61, 3, EPC) for each in sequences]))


def events(house: House) -> list[TagEventRow]:
    with read(house.engine) as session:
        return list(session.scalars(select(TagEventRow).order_by(TagEventRow.id)))


def test_tag_events_are_stored_as_they_were_said_with_the_time_they_were_taken(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            assert (await peer.post(message(3, 4, age_s=5), path=("t",))).code == "2.04"

    run(scene())
    first, second = events(house)
    assert (first.epoch, first.sequence, first.boot_count, first.kind, first.antenna) == (7, 3, 1, "entered", 1)
    assert (first.uptime_s, first.rssi_dbm, first.reads, first.epc) == (30, -61, 3, EPC)
    assert (first.taken_at_ms, second.taken_at_ms) == (NOW_MS - 15_000, NOW_MS - 5_000)
    assert house.stored() == [], "they are no readings"
    assert house.device().boot_count == 1


def test_the_same_tag_events_again_change_nothing_and_others_of_their_name_are_kept_aside(
    house: House, run: Run
) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            for said in (message(0, 1), message(0, 1, 2), message(1, antenna=2)):
                assert (await peer.post(said, path=("t",))).code == "2.04"

    run(scene())
    assert [(row.sequence, row.antenna) for row in events(house)] == [(0, 1), (1, 1), (2, 1)]
    with read(house.engine) as session:
        assert session.scalars(select(TagEventConflictRow.antenna)).all() == [2]


def test_a_gap_is_kept_apart_from_the_events_and_told_once(
    house: House, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    gap, event = (2, tags.GAP, 1, 20, None, 41, b""), (3, tags.ENTERED, 1, 30, -61, 3, EPC)

    async def scene() -> None:
        async with house.pair() as (_, peer):
            for lost in ([gap], [gap, event], [(*gap[:5], 42, b"")]):
                assert (await peer.post(bytes(tags.pack(7, 1, 0, lost)), path=("t",))).code == "2.04"

    run(scene())
    assert [row.sequence for row in events(house)] == [3]
    with read(house.engine) as session:
        (row,) = list_gaps(session, limit=9, after=None, newest=False, device="bin-01").rows
    assert (row.epoch, row.sequence, row.boot_count, row.antenna, row.uptime_s, row.lost) == (7, 2, 1, 1, 20, 41)
    assert (row.device, row.received_at_ms, row.taken_at_ms) == ("bin-01", NOW_MS, NOW_MS)
    told = [record.getMessage() for record in caplog.records if record.name == "fleet.readings.gaps"]
    assert told[0] == "device id 1 lost 41 events of antenna 1, having no room: epoch=7 up to sequence=2"
    assert [said.split(" that ")[0] for said in told[1:]] == ["alarm: device id 1 sent a gap"]


def test_tag_events_of_an_earlier_boot_have_no_time(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0, age_s=None), path=("t",))

    run(scene())
    assert [row.taken_at_ms for row in events(house)] == [None]
    assert house.device().boot_count is None


def test_what_is_no_tag_message_is_refused_by_its_field_and_another_path_by_what_there_is(
    house: House, run: Run
) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            refused = await peer.post(message(0)[:-1], path=("t",))
            assert (refused.code, refused.text.split(":")[0]) == ("4.00", "message")
            lost = await peer.post(message(0), path=("x",))
            assert (lost.code, lost.text.partition("are ")[0]) == ("4.04", "the resources ")
            assert "/t" in lost.text

    run(scene())
    assert events(house) == []
