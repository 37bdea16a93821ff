# SPDX-License-Identifier: Apache-2.0
"""What a device experiences when it posts readings: acknowledged when durable, challenged after a restart."""

import threading
from collections.abc import Awaitable, Callable
from typing import Any

import aiocoap
import pytest
from aiocoap.numbers import codes
from sqlalchemy import Engine, event
from wire import coap

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.readings.tables import ReadingConflictRow
from tests.fleet.gate.conftest import KID, NOW_MS, SECRET, House
from tests.fleet.gate.peer import Keys, message

Run = Callable[[Awaitable[Any]], Any]


def test_a_device_is_challenged_once_and_then_its_readings_are_stored(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            challenge = await peer.exchange(message(0, 3))
            assert (challenge.code, challenge.protected, house.sequences()) == ("4.01", True, [])
            reply = await peer.exchange(message(0, 3), echo=challenge.inner.opt.echo)
            assert (reply.code, reply.protected, reply.text) == ("2.04", True, "")
            assert house.sequences() == [0, 1, 2]
            assert (await peer.exchange(message(3))).code == "2.04"
        assert house.sequences() == [0, 1, 2, 3]
        assert house.commits >= 2

    run(scene())


def test_an_aiocoap_client_posts_readings(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.gate() as gate:
            client = await aiocoap.Context.create_client_context(transports=["oscore", "udp6"])
            client.client_credentials[f"coap://127.0.0.1:{gate.port}/*"] = Keys(KID, SECRET)
            request = aiocoap.Message(code=codes.POST, uri=f"coap://127.0.0.1:{gate.port}/r", payload=message(0, 60))
            response = await client.request(request).response
            assert response.code is codes.CHANGED
            await client.shutdown()
        assert house.sequences() == list(range(60))

    run(scene())


def test_a_reading_is_stored_as_it_was_said_with_the_time_it_was_taken(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            assert (await peer.post(message(4, 2, epoch=9, boot_count=3, age_s=5, raw=-8))).code == "2.04"

    run(scene())
    older, newer = house.stored()
    assert (older.epoch, older.sequence, older.boot_count, older.channel) == (9, 4, 3, 0)
    assert (older.uptime_s, older.raw, older.spread, older.temp_cc) == (140, -8, 5, 2150)
    assert (newer.taken_at_ms, older.taken_at_ms) == (NOW_MS - 5_000, NOW_MS - 15_000)
    device = house.device()
    assert (device.last_seen_at_ms, device.boot_count, device.epoch) == (NOW_MS, 3, 9)


@pytest.mark.parametrize("age_s", [None, -91])
def test_readings_of_an_earlier_boot_have_no_time_and_do_not_set_the_boot_back(
    house: House, run: Run, age_s: int | None
) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(5, boot_count=2))
            await peer.post(message(4, boot_count=1, age_s=age_s))

    run(scene())
    assert [row.taken_at_ms for row in house.stored()] == [NOW_MS, None]
    assert house.device().boot_count == 2


def test_the_same_readings_again_change_nothing(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0, 2))
            assert (await peer.post(message(0, 3))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 1, 2]


def test_the_same_reading_with_another_content_is_kept_aside(house: House, run: Run, caplog: Any) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0, 2, raw=1000))
            assert (await peer.post(message(0, 2, raw=1001))).code == "2.04"

    run(scene())
    assert [row.raw for row in house.stored()] == [1000, 1001]
    with db.read(house.engine) as session:
        aside = session.query(ReadingConflictRow).order_by(ReadingConflictRow.id).all()
        assert [(row.sequence, row.raw, row.reading_id) for row in aside] == [(0, 1001, 1), (1, 1002, 2)]
    assert [record.levelname for record in caplog.records if "alarm" in record.message] == ["ERROR"]


def test_a_device_gone_mad_does_not_fill_the_log(house: House, run: Run, caplog: Any) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0, raw=1))
            for raw in range(2, 40):
                await peer.post(message(0, raw=raw))

    run(scene())
    assert sum("alarm" in record.message for record in caplog.records) < 10


def test_a_retransmitted_request_gets_the_same_reply_without_being_done_again(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            peer.send(datagram := peer.protect(message(1)))
            first = await peer.datagram()
            if coap.decode(first).code == coap.EMPTY:  # a slow disk
                assert (await peer.answer()).code == "2.04"
            commits = house.commits
            peer.send(datagram)
            assert await peer.datagram() == first
            assert house.commits == commits

    run(scene())


def test_a_message_id_used_again_for_another_request_is_another_request(house: House, run: Run) -> None:
    """A device that reboots may begin with the ids it had."""

    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            peer._message_id = 0
            assert (await peer.exchange(message(1))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 1]


def test_a_recorded_request_is_refused_when_it_is_replayed(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (gate, peer), house.peer(gate) as attacker:
            await peer.post(message(0))
            attacker.send(peer.sent[-1])
            reply = await attacker.answer()
            assert (reply.code, reply.protected) == ("4.01", False)
            assert reply.outer.payload == b""

    run(scene())


def test_after_a_restart_an_old_request_is_challenged_and_never_stored(house: House, run: Run) -> None:
    async def scene() -> None:
        keys = Keys(KID, SECRET)
        async with house.gate() as gate, house.peer(gate, keys) as peer:
            await peer.post(message(0))
            unheard = peer.protect(message(1))  # recorded, never delivered
            recorded = [*peer.sent, unheard]
        async with house.gate() as gate, house.peer(gate, keys) as peer, house.peer(gate, keys) as attacker:
            for datagram in recorded:
                attacker.send(datagram)
                assert coap.decode(await attacker.response()).code == coap.CHANGED  # a challenge, inside
            assert house.sequences() == [0]
            assert (await peer.post(message(2))).code == "2.04"
            for datagram in recorded:
                attacker._message_id += 100
                attacker.send(datagram[:2] + attacker._message_id.to_bytes(2, "big") + datagram[4:])
                assert (await attacker.answer()).code == "4.01"
        assert house.sequences() == [0, 2]

    run(scene())


def test_no_number_of_ours_is_used_twice_over_restarts(house: House, run: Run) -> None:
    """Every reply carries a Partial IV of ours, so that no reply is ever protected under its request's nonce."""
    used: list[bytes] = []

    async def scene() -> None:
        keys = Keys(KID, SECRET)
        for start in range(4):
            async with house.gate() as gate, house.peer(gate, keys) as peer:
                challenge = await peer.exchange(message(start))
                reply = await peer.exchange(message(start), echo=challenge.inner.opt.echo)
                plain = await peer.exchange(message(start))
                used.extend((challenge.partial_iv, reply.partial_iv, plain.partial_iv))

    run(scene())
    assert all(used)
    assert len(set(used)) == len(used) == 12


def test_numbers_are_reserved_before_they_are_used(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (gate, peer):
            for sequence in range(200):
                reply = await peer.post(message(sequence))
                assert gate.contexts.known(KID).numbers_left >= 120  # enough to say 5.03 for hours
                assert int.from_bytes(reply.partial_iv, "big") < house.device().sender_sequence_reserved

    run(scene())


def test_a_backup_put_back_does_not_lead_to_a_number_used_twice(house: House, run: Run) -> None:
    async def scene() -> int:
        async with house.pair() as (_, peer):
            return int.from_bytes((await peer.post(message(0))).partial_iv, "big")

    before = run(scene())
    with db.write(house.engine) as session:
        session.query(DeviceRow).update({"sender_sequence_reserved": 0})
    house.clock.at_ms += 60_000
    assert run(scene()) > before


def test_the_acknowledgement_waits_for_the_commit(house: House, run: Run, engine: Engine) -> None:
    """While the commit stands still there is an empty ACK, no reply; after it the reply comes, confirmable."""
    let_go = threading.Event()

    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            event.listen(engine, "commit", lambda _: let_go.wait(30))
            peer.send(peer.protect(message(1)))
            empty = coap.decode(await peer.datagram())
            assert (empty.type, empty.code) == (coap.ACK, coap.EMPTY)
            assert peer.arrived.empty()
            assert house.sequences() == [0]
            let_go.set()
            reply = await peer.answer()
            assert (reply.code, reply.outer.type) == ("2.04", coap.CON)
            assert house.sequences() == [0, 1]

    run(scene())
