# SPDX-License-Identifier: Apache-2.0
"""A device that lost its OSCORE state has new keys within two round trips; nobody else gets any, or takes hers away."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import cbor2
import pytest
from aiocoap import Message
from wire import coap

from fleet import db
from fleet.devices.tables import DeviceRow
from tests.fleet.gate.conftest import KID, SECRET, House
from tests.fleet.gate.peer import SALT, Keys, Peer, message

Run = Callable[[Awaitable[Any]], Any]


def keys(id_context: bytes | None) -> Keys:
    return Keys(KID, SECRET, SALT, id_context)


async def offered(peer: Peer, named: bytes | None = None) -> bytes:
    """The R2 that the gate offers to whoever names this ID context; verified by aiocoap's own OSCORE."""
    asked = peer.keys = keys(named or secrets.token_bytes(8))
    peer.send(peer.protect(b"", path=()))
    return opened(peer, asked, await peer.response())


def opened(peer: Peer, asked: Keys, datagram: bytes) -> bytes:
    outer = coap.decode(datagram)
    assert outer.code == coap.CHANGED, "no offer"
    value = coap.option(outer.options, coap.OSCORE)
    assert value[:2] == b"\x11\x00", "its own partial IV, 0, and what it says of the ID context"
    r2: bytes = cbor2.loads(value[3:])
    assert asked.id_context is not None
    response = Message.decode(datagram)
    response.opt.oscore = b"\x01\x00"
    inner, _ = keys(r2 + asked.id_context).unprotect(response, peer._binding)
    assert inner.code.dotted == "4.01"
    return r2


async def renewed(peer: Peer, payload: bytes) -> bytes:
    """Both round trips; the ID context that the device has then."""
    id_context = await offered(peer) + secrets.token_bytes(8)
    peer.keys = keys(id_context)
    reply = await peer.exchange(payload)
    assert (reply.code, reply.protected) == ("2.04", True)
    peer.keys.kid_context = False
    return id_context


def test_a_device_that_lost_its_state_is_heard_within_two_round_trips(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            sent = len(peer.sent)
            id_context = await renewed(peer, message(1, 3))
            assert len(peer.sent) - sent == 2
            assert house.device().oscore_id_context == id_context
            assert (await peer.exchange(message(4))).code == "2.04"  # no ID context named, and no Echo asked for

    run(scene())
    assert house.sequences() == [0, 1, 2, 3, 4]


def test_after_a_restart_the_fleet_knows_the_new_keys_and_asks_for_an_echo(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await renewed(peer, message(0))
            kept = peer.keys
        async with house.gate() as gate, house.peer(gate, kept) as peer:
            assert (await peer.exchange(message(1))).code == "4.01"
            assert (await peer.post(message(1))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 1]


def test_until_the_second_request_nothing_has_changed(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (gate, peer), house.peer(gate, keys(None)) as other:
            await other.post(message(0))
            context = gate.contexts.known(KID)
            for _ in range(20):
                await offered(peer)
            assert gate.contexts.known(KID) is context
            assert house.device().oscore_id_context is None
            assert (await other.exchange(message(1))).code == "2.04"

    run(scene())


def test_the_keys_before_are_refused_after_it(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0))
            before = peer.keys
            unheard = peer.protect(message(1))
            now = await renewed(peer, message(2))
            peer.send(unheard)
            assert (await peer.answer()).outer.code == coap.BAD_REQUEST
            peer.keys = before
            assert (await peer.exchange(message(3))).code == "4.00"
            peer.keys = keys(now)
            peer.keys.sender_sequence_number = 10
            assert (await peer.exchange(message(4))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 2, 4]


def test_recorded_requests_of_a_renewal_give_nobody_anything(house: House, run: Run) -> None:
    """First ones get an offer that is of no use without the secret; second ones get one, too, once they are old."""

    async def scene() -> None:
        async with house.pair() as (gate, peer), house.peer(gate) as attacker:
            await renewed(peer, message(0))
            await renewed(peer, message(1))
            now = await renewed(peer, message(2))
            recorded = list(peer.sent)
            for _ in range(3):
                for datagram in recorded:
                    attacker._message_id += 1
                    attacker.send(datagram[:2] + attacker._message_id.to_bytes(2, "big") + datagram[4:])
                    await attacker.response()
            assert house.device().oscore_id_context == now
            assert (await peer.exchange(message(3))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 1, 2, 3]


def test_a_second_request_held_back_until_another_renewal_is_through_is_refused(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            peer.keys = keys(await offered(peer) + bytes(8))
            held_back = peer.protect(message(0))
            now = await renewed(peer, message(1))
            kept, binding = peer.keys, peer._binding
            peer.send(held_back)
            await peer.response()  # an offer
            peer.keys, peer._binding = kept, binding
            assert house.device().oscore_id_context == now
            assert (await peer.exchange(message(2))).code == "2.04"

    run(scene())
    assert house.sequences() == [1, 2]


def test_an_r2_that_nobody_offered_gets_an_offer(house: House, run: Run) -> None:
    """As a device is told whose fleet was restarted, or put back from a backup: it goes on from the keys it has."""

    async def scene() -> None:
        async with house.pair() as (_, peer):
            for made_up in (bytes(24), secrets.token_bytes(24), secrets.token_bytes(40)):
                r2 = await offered(peer, made_up)
                assert house.device().oscore_id_context is None
            peer.keys = keys(r2 + bytes(8))
            assert (await peer.exchange(message(0))).code == "2.04"

    run(scene())


def test_a_backup_put_back_costs_the_device_two_more_round_trips(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            id_context = await renewed(peer, message(0))
        with db.write(house.engine) as session:
            session.query(DeviceRow).update({"oscore_id_context": b"of the backup", "sender_sequence_reserved": 0})
        async with house.gate() as gate, house.peer(gate, peer.keys) as later:
            assert (await later.exchange(message(1))).code == "4.00"  # a hint to name the ID context
            later.keys = keys(await offered(later, id_context) + bytes(8))
            assert (await later.exchange(message(1))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 1]


def test_whatever_the_second_request_carries_the_new_keys_hold(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            peer.keys = keys(id_context := await offered(peer) + bytes(8))
            reply = await peer.exchange(b"no reading")
            assert (reply.code, reply.protected) == ("4.00", True)
            assert house.device().oscore_id_context == id_context
            peer.keys.kid_context = False
            assert (await peer.exchange(message(0))).code == "2.04"

    run(scene())


def test_nothing_is_switched_when_nothing_can_be_stored(house: House, run: Run, monkeypatch: Any) -> None:
    async def scene() -> None:
        async with house.pair() as (gate, peer):
            peer.keys = keys(await offered(peer) + bytes(8))
            monkeypatch.setattr(gate._writer, "_queue_weight_max", 0)
            reply = await peer.exchange(message(0))
            assert (reply.code, reply.protected) == ("5.03", False)
            monkeypatch.setattr(gate._writer, "_queue_weight_max", 1000)
            assert house.device().oscore_id_context is None
            assert (await peer.exchange(message(0))).code == "2.04"  # the same offer, and still two round trips

    run(scene())
    assert house.sequences() == [0]


def test_of_two_second_requests_at_once_one_gets_through(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (gate, one), house.peer(gate) as two:
            id_context = await offered(one) + bytes(8)
            one.keys = keys(id_context)
            datagram = one.protect(message(0))
            one.send(datagram)
            two.send(datagram)
            codes = sorted([(await one.response())[1], (await two.response())[1]])
            assert codes == [coap.CHANGED, coap.UNAUTHORIZED]
            assert house.device().oscore_id_context == id_context

    run(scene())
    assert house.sequences() == [0]


def test_two_gates_on_one_database(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.gate() as one, house.gate() as two, house.peer(one) as a, house.peer(two) as b:
            await a.post(message(0))
            b.keys = keys(None)
            b.keys.sender_sequence_number = 100
            await b.post(message(1))
            a.keys = keys(await offered(a) + bytes(8))
            held_back = a.protect(message(9))
            now = await renewed(b, message(2))
            a.send(held_back)  # one has the offer it made, and not the keys that two has given since
            assert (await a.answer()).outer.code == coap.UNAUTHORIZED
            assert house.device().oscore_id_context == now
            one.contexts._now_s = lambda: 1e9
            a.keys = keys(now)
            a.keys.kid_context = False
            a.keys.sender_sequence_number = 50
            assert (await a.post(message(3))).code == "2.04"

    run(scene())
    assert house.sequences() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "kid_context", [b"", b"\x00", b"12345678", b"\x41a", cbor2.dumps(bytes(41)), b"\x58\x08" + bytes(8)]
)
def test_what_names_no_id_context_is_refused(house: House, run: Run, kid_context: bytes) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            peer.keys.kid_context = kid_context
            reply = await peer.exchange(message(0))
            assert (reply.code, reply.protected) == ("4.01", False)

    run(scene())


def test_keys_that_another_gate_gave_are_known_where_they_are_named(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.gate() as one, house.gate() as two, house.peer(one) as a, house.peer(two) as b:
            await a.post(message(0))
            await renewed(b, message(1))
            one.contexts._now_s = lambda: 1e9
            a.keys = keys(house.device().oscore_id_context)
            a.keys.sender_sequence_number = 50
            reply = await a.exchange(message(2))
            assert reply.inner.opt.echo is not None, "a challenge, no offer"

    run(scene())
