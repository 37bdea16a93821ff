# SPDX-License-Identifier: Apache-2.0
"""What a reader experiences when it posts tag events: they are acknowledged when they are in their log."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select
from wire import tags

from fleet.db import read
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
