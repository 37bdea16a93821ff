# SPDX-License-Identifier: Apache-2.0
"""When nothing can be stored a device is told to keep its readings and wait; it is never told they are safe."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from wire import coap

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.gate.resource import MAX_AGE_JITTER_S, MAX_AGE_S
from tests.fleet.gate.conftest import House
from tests.fleet.gate.peer import SALT, Keys, Peer, Reply, message

Run = Callable[[Awaitable[Any]], Any]


@pytest.fixture
def impatient(engine: Engine) -> Iterator[Engine]:
    """The same database by an engine that gives up at once when it is locked."""
    engine = db.open_engine(str(engine.url))
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0"))
    yield engine
    engine.dispose()


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Another process holds the database's write lock."""
    other = create_engine(engine.url)
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        connection.rollback()
    other.dispose()


def assert_told_to_wait(reply: Reply, max_age: int | None) -> None:
    assert reply.code == "5.03"
    assert max_age is not None
    assert MAX_AGE_S <= max_age <= MAX_AGE_S + MAX_AGE_JITTER_S


def test_a_device_is_told_under_protection_to_wait_and_later_stores_the_same(
    house: House, run: Run, impatient: Engine
) -> None:
    async def scene() -> None:
        async with house.pair(impatient) as (_, peer):
            await peer.post(message(0))
            with locked(house.engine):
                reply = await peer.exchange(message(1))
                assert reply.protected
                assert_told_to_wait(reply, reply.inner.opt.max_age)
            assert house.sequences() == [0]
            assert (await peer.exchange(message(1))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 1]


def test_at_first_contact_the_hint_to_wait_is_bare_since_no_number_can_be_reserved(
    house: House, run: Run, impatient: Engine
) -> None:
    async def scene() -> None:
        async with house.pair(impatient) as (_, peer):
            with locked(house.engine):
                reply = await peer.exchange(message(0))
                assert not reply.protected
                assert_told_to_wait(reply, coap.max_age_s(reply.outer.options))
            assert (await peer.post(message(0))).code == "2.04"

    run(scene())


def test_a_device_is_told_to_wait_for_as_long_as_numbers_last_and_barely_after(
    house: House, run: Run, impatient: Engine
) -> None:
    async def scene() -> None:
        async with house.pair(impatient) as (gate, peer):
            await peer.post(message(0))
            left = gate.contexts.known(peer.keys.sender_id).numbers_left
            assert left > 100
            with locked(house.engine):
                protected = [(await peer.exchange(message(1))).protected for _ in range(left + 1)]
            assert protected == [True] * left + [False]

    run(scene())


def test_a_store_that_is_gone_is_no_crash(house: House, run: Run, engine: Engine) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            with db.write(engine) as session:
                session.execute(text("ALTER TABLE readings RENAME TO lost"))
            reply = await peer.exchange(message(1))
            assert reply.code == "5.03"
            with db.write(engine) as session:
                session.execute(text("ALTER TABLE lost RENAME TO readings"))
            assert (await peer.exchange(message(1))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 1]


def test_a_store_that_is_slow_is_not_waited_for_for_ever(house: House, run: Run, engine: Engine) -> None:
    """The reply is final all the same: when the commit is done later, nothing more is said."""

    async def scene() -> None:
        async with house.pair(patience_s=0.05) as (_, peer):
            await _make_contact(peer)
            with locked(engine):
                reply = await peer.exchange(message(1))
                assert_told_to_wait(reply, reply.inner.opt.max_age)

    run(scene())


async def _make_contact(peer: Peer) -> None:
    """First contact, however slow the disk is."""
    while (await peer.post(message(0))).code != "2.04":
        pass


def test_a_failing_job_does_not_take_its_neighbours_along(house: House, run: Run, engine: Engine) -> None:
    """Two devices in one batch, one of them removed meanwhile: the other's readings are stored."""
    with db.write(engine) as session:
        session.add(DeviceRow(device="bin-02", kid=b"\x02", master_secret=bytes(16), master_salt=SALT))

    async def scene() -> None:
        async with house.pair() as (gate, gone), house.peer(gate, Keys(b"\x02", bytes(16))) as other:
            await gone.post(message(0))
            await other.post(message(0))
            with db.write(engine) as session:  # while this holds the lock, both requests gather in one batch
                session.query(DeviceRow).filter_by(device="bin-01").update({"master_secret": b"another secret.."})
                gone.send(gone.protect(message(1)))
                other.send(other.protect(message(1)))
                await house.until(lambda: len(gate.messages.token_manager.incoming_requests) == 2)
            replies = await asyncio.gather(gone.answer(), other.answer())
            assert [reply.code for reply in replies] == ["4.01", "2.04"]

    run(scene())
    assert [(row.device_id, row.sequence) for row in house.stored()] == [(1, 0), (2, 0), (2, 1)]
