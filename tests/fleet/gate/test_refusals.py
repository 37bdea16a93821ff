# SPDX-License-Identifier: Apache-2.0
"""Bad input gets the right code, stores nothing, and costs at most one log line of its kind a second."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiocoap import Message
from aiocoap.numbers import codes
from aiocoap.optiontypes import BlockOption
from wire import cbor, coap

from tests.fleet.gate.conftest import SECRET, House
from tests.fleet.gate.peer import Keys, Reply, message

Run = Callable[[Awaitable[Any]], Any]
GOOD = [7, 1, 0, 0, 0, 100, 1000, 5, 2150]


def sequence(*values: Any) -> bytes:
    return b"".join(bytes(cbor.encode(value)) for value in values)


def changed(index: int, value: Any) -> bytes:
    return sequence(*GOOD[:index], value, *GOOD[index + 1 :])


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b"", "message"),
        (b"\xff\x00not cbor", "message"),
        (sequence(7, 1), "message"),
        (sequence(*GOOD[:-1]), "readings"),
        (sequence(GOOD), "message"),
        (sequence("bin", 1, 0, *GOOD[3:]), "epoch"),
        (changed(0, -1), "epoch"),
        (changed(0, 1 << 32), "epoch"),
        (changed(1, None), "boot_count"),
        (changed(2, b"x"), "age_s"),
        (changed(3, -1), "sequence"),
        (changed(4, 8), "channel"),
        (changed(5, None), "uptime_s"),
        (changed(6, 9_000_000), "raw"),
        (changed(7, -1), "spread"),
        (changed(8, 20_000), "temp_cc"),
        (sequence(7, 1, 0, *(GOOD[3:] * 61)), "readings"),
    ],
)
def test_a_message_that_is_none_is_refused_naming_the_field(house: House, run: Run, payload: bytes, field: str) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            reply = await peer.post(payload)
            assert (reply.code, reply.protected) == ("4.00", True)
            assert field in reply.text
            assert (await peer.post(message(0))).code == "2.04"

    run(scene())
    assert house.sequences() == [0]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"code": codes.GET}, "4.05"),
        ({"code": codes.PUT}, "4.05"),
        ({"code": codes.DELETE}, "4.05"),
        ({"path": ("s",)}, "4.04"),
        ({"path": ()}, "4.04"),
        ({"path": ("r", "r")}, "4.04"),
        ({"path": (".well-known", "core"), "code": codes.GET}, "4.04"),
        ({"path": (".well-known", "edhoc")}, "4.04"),
        ({"content_format": 60}, "4.15"),
        ({"content_format": 0}, "4.15"),
        ({"content_format": 63}, "2.04"),
        ({"block1": BlockOption.BlockwiseTuple(0, True, 6)}, "4.13"),
        ({"block1": BlockOption.BlockwiseTuple(3, False, 6)}, "4.13"),
        ({"uri_query": ("a=b",)}, "4.02"),
        ({"if_none_match": True}, "4.02"),
        ({"accept": 60}, "4.02"),
    ],
)
def test_a_request_for_something_else_gets_its_code_protected(
    house: House, run: Run, options: dict[str, Any], code: str
) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            reply = await peer.post(message(0), **options)
            assert (reply.code, reply.protected) == (code, True)

    run(scene())
    assert house.sequences() == ([0] if code == "2.04" else [])


def test_more_than_a_message_may_hold_is_too_large(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            reply = await peer.post(bytes(1025))
            assert (reply.code, reply.protected) == ("4.13", True)
            assert (await peer.exchange(bytes(1024))).code == "4.00"
            reply = await peer.exchange(bytes(1200))  # so large that it is not even decrypted
            assert (reply.code, reply.protected) == ("4.13", False)

    run(scene())
    assert house.stored() == []


@pytest.mark.parametrize(
    ("plain", "code"),
    [
        (Message(code=codes.POST, uri_path=("r",), payload=message(0)), "4.01"),
        (Message(code=codes.GET, uri_path=("r",)), "4.05"),
        (Message(code=codes.GET, uri_path=(".well-known", "core")), "4.04"),
        (Message(code=codes.POST, uri_path=(".well-known", "edhoc"), payload=b"\xf5\x02"), "4.04"),
        (Message(code=codes.GET), "4.04"),
        (Message(code=codes.POST, uri_path=("r",), block1=BlockOption.BlockwiseTuple(0, True, 6)), "4.01"),
        (Message(code=codes.POST, oscore=b"", payload=bytes(20)), "4.02"),
        (Message(code=codes.POST, oscore=b"\x09", payload=bytes(20)), "4.02"),
        (Message(code=codes.POST, oscore=b"\x10", payload=bytes(20)), "4.02"),
        (Message(code=codes.POST, oscore=b"\x0f1234567\x00\x01", payload=bytes(20)), "4.02"),
        (Message(code=codes.POST, oscore=b"\x29\x00\x00\x01", payload=bytes(20)), "4.02"),
        (Message(code=codes.POST, oscore=b"\x09\x00\x00\x09", payload=bytes(20)), "4.01"),
        (Message(code=codes.POST, oscore=b"\x09\x00\x00\x00\x00\x01", payload=bytes(20)), "4.01"),
        (Message(code=codes.POST, oscore=b"\x19\x00\x01x\x00\x01", payload=bytes(20)), "4.01"),
        (Message(code=codes.POST, oscore=b"\x09\x00\x00\x01", payload=bytes(20)), "4.00"),
        (Message(code=codes.POST, oscore=b"\x09\x00\x00\x01", payload=b"short"), "4.00"),
        (Message(code=codes.POST, oscore=b"\x09\x00\x00\x01"), "4.00"),
        (Message(code=codes.PUT, oscore=b"\x09\x00\x00\x01", payload=bytes(20)), "4.05"),
        (Message(code=codes.POST, oscore=b"\x09\x00\x00\x01", block1=BlockOption.BlockwiseTuple(0, True, 6)), "4.13"),
    ],
    ids=str,
)
def test_a_stranger_gets_the_bare_code_and_no_more_bytes_than_it_sent(
    house: House, run: Run, plain: Message, code: str
) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            datagram = peer.frame(plain.copy())
            peer.send(datagram)
            data = await peer.response()
            assert (Reply(coap.decode(data), None).code, len(data) <= len(datagram)) == (code, True)
            assert coap.decode(data).payload == b""

    run(scene())
    assert house.stored() == []


def test_another_devices_key_does_not_open_the_door(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.gate() as gate, house.peer(gate, Keys(b"\x00\x01", bytes(16))) as impostor:
            reply = await impostor.exchange(message(0))
            assert (reply.code, reply.protected) == ("4.00", False)
        async with house.gate() as gate, house.peer(gate, Keys(b"\x00\x02", SECRET)) as unknown:
            assert (await unknown.exchange(message(0))).code == "4.01"

    run(scene())
    assert house.stored() == []


def test_a_non_confirmable_stranger_hears_nothing(house: House, run: Run) -> None:
    """Nor does it keep the gate from answering the next one."""

    async def scene() -> None:
        async with house.pair() as (gate, peer), house.peer(gate) as one, house.peer(gate) as other:
            one.send(one.frame(Message(code=codes.POST, uri_path=("r",)), coap.NON))
            other.send(other.frame(Message(code=codes.POST, oscore=b"\x09\x00\x00\x09", payload=bytes(20)), coap.NON))
            assert (await peer.post(message(0))).code == "2.04"
            await house.until(lambda: not gate.messages.token_manager.incoming_requests)
            assert one.arrived.empty()
            assert other.arrived.empty()

    run(scene())


def test_a_non_confirmable_post_of_a_device_is_stored_and_answered(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            reply = await peer.post(message(0), kind=coap.NON)
            assert (reply.code, reply.outer.type) == ("2.04", coap.NON)

    run(scene())
    assert house.sequences() == [0]


@pytest.mark.parametrize(
    "datagram",
    [
        b"\x40\x02\x00\x07\xff",  # a payload marker and no payload
        b"\x49\x02\x00\x07123456789",  # a token of nine bytes
        b"\x41\x02\x00\x07",  # a token that is not there
        b"\x40\x02\x00\x07\xb5ab",  # an option longer than the datagram
        b"\x40\x02\x00\x07\xf1a",  # a reserved option delta
        b"\x40\x02\x00\x07\xb2\xff\xfe",  # a path that is not UTF-8
    ],
)
def test_a_malformed_confirmable_message_is_reset(house: House, run: Run, datagram: bytes) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            peer.send(datagram)
            assert await peer.datagram() == b"\x70\x00\x00\x07"

    run(scene())


def test_what_is_no_coap_is_ignored(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            for datagram in (b"", b"\x40", b"\x40\x02\x00", b"\x80\x02\x00\x07", b"\x50\x02\x00\x07\xff", bytes(40)):
                peer.send(datagram)
            peer.send(b"\x40\x00\x00\x09")  # a ping, to be the first that is answered
            assert await peer.datagram() == b"\x70\x00\x00\x09"

    run(scene())


def test_a_repeated_offence_is_one_log_line(house: House, run: Run, caplog: Any) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            for _ in range(50):
                peer.send(peer.frame(Message(code=codes.POST, uri_path=("r",), payload=b"secret payload")))
                await peer.datagram()

    run(scene())
    lines = [record.getMessage() for record in caplog.records]
    assert sum("not protected" in line for line in lines) <= 2
    assert not any("secret payload" in line for line in lines)


def test_keys_and_payloads_are_in_no_log_line(house: House, run: Run, caplog: Any) -> None:
    caplog.set_level("DEBUG")

    async def scene() -> None:
        async with house.pair() as (_, peer):
            await peer.post(message(0, raw=1234567))
            await peer.post(b"not a message: tell-tale")
            peer.send(peer.sent[-1][:-1] + b"?")
            await peer.answer()

    caplog.set_level("DEBUG", "fleet")
    run(scene())
    text = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("fleet"))
    assert text
    for secret in (SECRET.hex(), repr(SECRET), "tell-tale", "1234567"):
        assert secret not in text
