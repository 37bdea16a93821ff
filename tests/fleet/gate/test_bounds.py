# SPDX-License-Identifier: Apache-2.0
"""Whatever arrives, nothing crashes, nothing is stored that no device said, and every table keeps its size."""

import random
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiocoap import Message
from aiocoap.numbers import codes
from sqlalchemy import Engine
from wire import coap

from fleet import db
from fleet.gate import endpoint
from fleet.gate.guard import Limits
from tests.fleet.gate.conftest import House
from tests.fleet.gate.peer import message

Run = Callable[[Awaitable[Any]], Any]
PING = b"\x40\x00\xff\xff"
PONG = b"\x70\x00\xff\xff"


async def _drain(peer: Any) -> list[bytes]:
    """Everything that came back before the pong."""
    peer.send(PING)
    heard = []
    while (data := await peer.datagram()) != PONG:
        heard.append(data)
    return heard


def _mutated(rng: random.Random, valid: bytes) -> bytes:
    data = bytearray(valid)
    for _ in range(rng.randint(1, 4)):
        kind = rng.randrange(4)
        if kind == 0 and data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data.insert(rng.randint(0, len(data)), rng.randrange(256))
        elif kind == 2 and data:
            del data[rng.randrange(len(data))]
        else:
            del data[rng.randint(0, len(data)) :]
    return bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_noise_and_mutated_requests_store_nothing_and_break_nothing(
    house: House, run: Run, seed: int, caplog: Any
) -> None:
    rng = random.Random(seed)

    async def scene() -> None:
        async with house.pair() as (gate, peer), house.peer(gate) as noise:
            await peer.post(message(0))
            valid = peer.protect(message(1))  # never sent as it is
            for _ in range(400):
                datagram = rng.randbytes(rng.randint(0, 60)) if rng.random() < 0.3 else _mutated(rng, valid)
                if datagram[:2] + datagram[4:] != valid[:2] + valid[4:]:  # other ids alone leave it valid
                    noise.send(datagram)
                    for reply in await _drain(noise):
                        coap.decode(reply)
            assert (await peer.post(message(2))).code == "2.04"
            await house.until(lambda: not gate.messages._active_exchanges)

    run(scene())
    assert house.sequences() in ([0, 2], [0, 1, 2])  # a change outside the protection (CON to NON) leaves it authentic
    assert not [record for record in caplog.records if "defect" in record.message or record.exc_info]


@pytest.mark.parametrize("seed", range(3))
def test_authentic_nonsense_is_refused_too(house: House, run: Run, seed: int, caplog: Any) -> None:
    """A device gone mad: its protection is right, what is inside is not."""
    rng = random.Random(seed)

    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            valid = message(1, 5)
            for _ in range(150):
                payload = rng.randbytes(rng.randint(0, 60)) if rng.random() < 0.3 else _mutated(rng, valid)
                reply = await peer.exchange(payload)
                assert reply.protected
                assert reply.code in ("4.00", "2.04")

    run(scene())
    assert not [record for record in caplog.records if "defect" in record.message or record.exc_info]


def test_remembered_requests_and_sources_do_not_grow_beyond_their_size(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair(limits=Limits(remembered=16)) as (gate, peer):
            for _ in range(100):
                peer.send(peer.frame(Message(code=codes.POST, uri_path=("r",))))
                await peer.datagram()
            assert len(gate.messages.heard) == 16
            assert not gate.messages._recent_messages
            assert not gate.messages.token_manager.incoming_requests
            assert not gate.messages._piggyback_opportunities

    run(scene())


def test_requests_are_forgotten_when_no_retransmission_can_come_any_more(
    house: House, run: Run, monkeypatch: Any
) -> None:
    async def scene() -> None:
        async with house.pair() as (gate, peer):
            await peer.post(message(0))
            assert len(gate.messages.heard) == 2
            monkeypatch.setattr(endpoint, "EXCHANGE_LIFETIME_S", -1)
            await peer.post(message(1))
            assert len(gate.messages.heard) == 1

    run(scene())


def test_a_flood_is_dropped_without_a_word(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair(limits=Limits(source_per_s=0.001, source_burst=5)) as (_, peer):
            for i in range(40):
                peer.send(b"\x40\x00\x00" + bytes([i]))
            answered = [await peer.datagram() for _ in range(5)]
            assert answered == [b"\x70\x00\x00" + bytes([i]) for i in range(5)]
        async with house.pair(limits=Limits(all_per_s=0.001, all_burst=1)) as (_, peer):
            peer.send(PING)
            assert await peer.datagram() == PONG

    run(scene())


def test_requests_in_work_are_limited_and_the_dropped_ones_can_come_again(
    house: House, run: Run, engine: Engine
) -> None:
    async def scene() -> None:
        async with house.pair(limits=Limits(in_flight=1)) as (gate, peer), house.peer(gate) as other:
            await peer.post(message(0))
            with db.write(engine):  # nothing can be committed while this stands
                peer.send(first := peer.protect(message(1)))
                empty = coap.decode(await peer.datagram())
                assert (empty.type, empty.code) == (coap.ACK, coap.EMPTY)
                other.send(bare := other.frame(Message(code=codes.POST, uri_path=("r",))))
                assert await _drain(other) == []
                peer.send(first)  # a retransmission of what is in work does not start it again
                assert await _drain(peer) == []
            reply = await peer.answer()
            assert reply.code == "2.04"
            other.send(bare)
            assert (await other.answer()).code == "4.01"

    run(scene())
    assert house.sequences() == [0, 1]


def test_a_datagram_in_a_devices_name_does_not_end_what_is_in_work_for_it(
    house: House, run: Run, engine: Engine
) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            with db.write(engine):
                peer.send(peer.protect(message(1)))
                assert coap.decode(await peer.datagram()).code == coap.EMPTY
                peer.send(peer.frame(Message(code=codes.POST, uri_path=("r",))))  # same source and token
                assert await _drain(peer) == []
            assert (await peer.answer()).code == "2.04"

    run(scene())


def test_a_late_reply_to_a_stranger_is_sent_once(house: House, run: Run) -> None:
    """Retransmitting it would give back more bytes than came."""
    let_go = threading.Event()

    async def scene() -> None:
        async with house.pair() as (gate, peer):
            gate.contexts._find = lambda _: let_go.wait(10) and None
            peer.send(peer.frame(Message(code=codes.POST, oscore=b"\x09\x00\x00\x09", payload=bytes(20))))
            assert coap.decode(await peer.datagram()).code == coap.EMPTY
            let_go.set()
            reply = await peer.answer()
            assert (reply.code, reply.outer.type) == ("4.01", coap.NON)

    run(scene())


def test_when_too_many_replies_wait_for_an_acknowledgement_further_ones_are_sent_once(
    house: House, run: Run, engine: Engine
) -> None:
    async def scene() -> None:
        async with house.pair(limits=Limits(retransmitting=0)) as (gate, peer):
            await peer.post(message(0))
            with db.write(engine):
                peer.send(peer.protect(message(1)))
                assert coap.decode(await peer.datagram()).code == coap.EMPTY
            reply = await peer.answer()
            assert (reply.code, reply.outer.type) == ("2.04", coap.NON)
            assert not gate.messages._active_exchanges

    run(scene())
