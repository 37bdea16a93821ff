# SPDX-License-Identifier: Apache-2.0
"""Devices that another process removes, adds or gives new keys while the gate runs."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Engine
from wire import coap

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.gate import contexts
from tests.fleet.gate.conftest import KID, SECRET, House
from tests.fleet.gate.peer import SALT, Keys, message

Run = Callable[[Awaitable[Any]], Any]
NEW_SECRET = b"n" * 16


def change(engine: Engine, **values: Any) -> None:
    other = db.open_engine(str(engine.url))
    with db.write(other) as session:
        session.query(DeviceRow).filter_by(device="bin-01").update(values)
    other.dispose()


def test_a_device_that_was_removed_stores_nothing_more(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (gate, peer):
            await peer.post(message(0))
            change(house.engine, kid=b"\xff")
            reply = await peer.exchange(message(1))
            assert (reply.code, reply.protected) == ("4.01", False)
            assert len(gate.contexts) == 0
            assert (await peer.exchange(message(1))).code == "4.01"

    run(scene())
    assert house.sequences() == [0]


def test_a_device_that_changes_between_look_up_and_challenge_is_refused(house: House, run: Run, caplog: Any) -> None:
    async def scene() -> None:
        async with house.pair() as (gate, peer):
            before = gate.contexts.look_up(KID)
            change(house.engine, master_secret=NEW_SECRET)
            gate.contexts._find = lambda _: before
            reply = await peer.exchange(message(0))
            assert (reply.code, reply.protected, len(gate.contexts)) == ("4.01", False, 0)

    run(scene())
    assert "defect" not in caplog.text


def test_a_device_with_new_keys_is_understood_at_once(house: House, run: Run, monkeypatch: Any) -> None:
    monkeypatch.setattr(contexts, "RECHECK_S", 0.0)

    async def scene() -> None:
        async with house.pair() as (gate, peer):
            await peer.post(message(0))
            change(house.engine, master_secret=NEW_SECRET)
            async with house.peer(gate, Keys(KID, NEW_SECRET)) as renewed:
                assert (await renewed.post(message(1))).code == "2.04"
            assert (await peer.exchange(message(2))).code == "4.00"

    run(scene())
    assert house.sequences() == [0, 1]


def test_the_old_keys_store_nothing_once_there_are_new_ones(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            change(house.engine, master_secret=NEW_SECRET)
            assert (await peer.exchange(message(1))).code == "4.01"

    run(scene())
    assert house.sequences() == [0]


def test_a_device_that_is_added_is_heard_without_a_restart(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.gate() as gate, house.peer(gate, Keys(b"\x07", NEW_SECRET)) as peer:
            assert (await peer.exchange(message(0))).code == "4.01"
            with db.write(house.engine) as session:
                session.add(DeviceRow(device="bin-07", kid=b"\x07", master_secret=NEW_SECRET, master_salt=SALT))
            assert (await peer.post(message(0))).code == "2.04"

    run(scene())


def test_keys_are_looked_up_again_at_most_once_a_second(house: House, run: Run) -> None:
    """So that a stranger who knows a key identifier cannot make the gate ask the database for each datagram."""
    looked_up: list[bytes] = []

    async def scene() -> None:
        async with house.gate() as gate, house.peer(gate, Keys(KID, bytes(16))) as impostor:
            find = gate.contexts._find
            gate.contexts._find = lambda kid: (looked_up.append(kid), find(kid))[1]
            gate.contexts._now_s = lambda: now_s[0]
            now_s = [1000.0]
            for second in range(3):
                now_s[0] += 1
                for _ in range(5):
                    assert (await impostor.exchange(message(second))).code == "4.00"

    run(scene())
    assert len(looked_up) == 3  # at first contact, and then in the second and third second


def test_a_context_that_made_room_for_another_asks_for_an_echo_again(house: House, run: Run) -> None:
    with db.write(house.engine) as session:
        session.add(DeviceRow(device="bin-02", kid=b"\x02", master_secret=bytes(16), master_salt=SALT))

    async def scene() -> None:
        async with house.pair() as (gate, first), house.peer(gate, Keys(b"\x02", bytes(16))) as second:
            gate.contexts._max = 1
            await first.post(message(0))
            await second.post(message(0))
            assert len(gate.contexts) == 1
            for recorded in list(first.sent):
                first.send(recorded[:2] + b"\x77" + recorded[3:])
                assert (await first.response())[1] == coap.CHANGED  # a challenge inside: not done again
            assert (await first.post(message(1))).code == "2.04"

    run(scene())
    assert [(row.device_id, row.sequence) for row in house.stored()] == [(1, 0), (2, 0), (1, 1)]


def test_two_gates_on_one_database_share_no_number(house: House, run: Run) -> None:
    async def scene() -> None:
        used: list[bytes] = []
        keys = Keys(KID, SECRET)
        async with house.gate() as one, house.gate() as two, house.peer(one, keys) as a, house.peer(two, keys) as b:
            for sequence in range(0, 20, 2):
                for peer, offset in ((a, 0), (b, 1)):
                    reply = await peer.post(message(sequence + offset))
                    assert reply.code == "2.04"
                    used.append(reply.partial_iv)
            for source, target in ((a, b), (b, a)):  # what one gate has taken, replayed to the other
                for datagram in list(source.sent[-2:]):
                    target._message_id += 1
                    target.send(datagram[:2] + (1000 + target._message_id).to_bytes(2, "big") + datagram[4:])
                    await target.response()
        assert len(set(used)) == len(used)

    run(scene())
    assert house.sequences() == list(range(20))
