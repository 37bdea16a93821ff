# SPDX-License-Identifier: Apache-2.0
"""Our block-wise client under OSCORE against a plain aiocoap server with its own, over UDP that loses datagrams."""

import asyncio
import gc
import random
from pathlib import Path
from typing import Any

import aiocoap
import pytest
from aiocoap import resource
from aiocoap.credentials import CredentialsMap
from aiocoap.oscore import FilesystemSecurityContext
from aiocoap.oscore_sitewrapper import OscoreSiteWrapper
from wire import coap, exchange, oscore
from wire.blockwise import Transfer, TransferError

from tests.ciphers import AEAD
from tests.cpython.test_wire_interop import HOST, free_port, make_security_context

GET = 0x01
LOSS = 0.12  # each way; five sendings in a row must not be lost


class Big(resource.Resource):
    """Keeps what is posted, and gives it back."""

    def __init__(self) -> None:
        super().__init__()
        self.body = b""
        self.posts = 0

    async def render_get(self, request: aiocoap.Message) -> aiocoap.Message:
        return aiocoap.Message(payload=self.body, etag=self.body[:8])

    async def render_post(self, request: aiocoap.Message) -> aiocoap.Message:
        self.posts += 1
        self.body = request.payload
        return aiocoap.Message(code=aiocoap.CHANGED, payload=request.payload[::-1])


class Client(asyncio.DatagramProtocol):
    """A socket whose datagrams are lost by chance, either way; for what is lost time passes at once."""

    def __init__(self, port: int, seed: int, loss: float) -> None:
        self.port = port
        self.sent = self.lost = 0
        self._chance = random.Random(seed)
        self._loss = loss
        self._now_ms = 0
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self._context = oscore.Context.derive(AEAD, bytes(range(16)), bytes(range(8)), b"\x00\x01", b"")
        self._number = 0

    async def open(self) -> "Client":
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=(HOST, self.port))
        return self

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._arrived.put_nowait(data)

    async def run(self, transfer: Transfer) -> Transfer:
        while not transfer.is_done:
            transfer.take(*await self._ask(*transfer.request()))
        return transfer

    async def _ask(self, code: int, options: Any, payload: bytes) -> Any:
        self._number += 1
        value, ciphertext, binding = self._context.protect_request(self._number, code, options, payload)
        outer = coap.Message(coap.CON, coap.POST, self._number, b"", [(coap.OSCORE, value)], ciphertext)
        one = exchange.Exchange(coap.encode(outer), self._number, b"", self._now_ms, self._chance.randrange)
        while one.state in (exchange.PENDING, exchange.ACKED):
            datagram = one.due(self._now_ms)
            if datagram is not None:
                await self._pass(one, datagram)
            self._now_ms += 100
        assert one.state == exchange.DONE
        return self._context.unprotect_response(binding, one.response)

    async def _pass(self, one: Any, datagram: bytes) -> None:
        self.sent += 1
        if self._is_lost():
            return
        self.transport.sendto(datagram)
        answer = await asyncio.wait_for(self._arrived.get(), 30)
        if not self._is_lost():
            one.receive(coap.decode(answer), self._now_ms)

    def _is_lost(self) -> bool:
        lost = self._chance.random() < self._loss
        self.lost += lost
        return lost


async def serve(folder: Path, big: Big, story: Any, loss: float = LOSS) -> Client:
    make_security_context(folder / "oscore")
    site = resource.Site()
    site.add_resource(["big"], big)
    security_context = FilesystemSecurityContext(str(folder / "oscore"))
    credentials = CredentialsMap()
    credentials[":bin"] = security_context
    port = free_port()
    server = await aiocoap.Context.create_server_context(
        OscoreSiteWrapper(site, credentials), bind=(HOST, port), transports=["simplesocketserver"]
    )
    client = await Client(port, 1, loss).open()
    try:
        await story(client)
    finally:
        client.transport.close()
        await server.shutdown()
        security_context._destroy()
    return client


def body(size: int) -> bytes:
    return random.Random(size).randbytes(size)


PATH = [(coap.URI_PATH, b"big")]


@pytest.mark.parametrize("size", [0, 100, 1024, 1025, 5_000, 20_000])
def test_bodies_go_up_and_come_down_whole_over_a_bad_network(tmp_path: Path, size: int) -> None:
    big = Big()

    async def story(client: Client) -> None:
        up = await client.run(Transfer(coap.POST, PATH, body(size), body_max=size, tag=b"1"))
        assert (up.code, bytes(up.body)) == (coap.CHANGED, body(size)[::-1])
        down = await client.run(Transfer(GET, PATH, body_max=size))
        assert (down.code, bytes(down.body)) == (0x45, body(size))

    client = asyncio.run(serve(tmp_path, big, story))

    assert (big.posts, big.body) == (1, body(size))
    if size > 1024:
        assert client.lost > 0
    gc.collect()


def test_small_blocks_are_taken_and_given(tmp_path: Path) -> None:
    big = Big()

    async def story(client: Client) -> None:
        up = await client.run(Transfer(coap.POST, PATH, body(700), tag=b"1", size_exponent=2))
        assert bytes(up.body) == body(700)[::-1]
        down = await client.run(Transfer(GET, PATH, size_exponent=3))
        assert bytes(down.body) == body(700)

    client = asyncio.run(serve(tmp_path, big, story, loss=0))

    assert big.body == body(700)
    assert client.sent >= 700 // 64 + 700 // 64 + 700 // 128
    gc.collect()


def test_an_upload_that_was_given_up_is_not_mixed_with_the_next(tmp_path: Path) -> None:
    big = Big()

    async def story(client: Client) -> None:
        given_up = Transfer(coap.POST, PATH, body(3000), tag=b"1")
        given_up.take(*await client._ask(*given_up.request()))
        up = await client.run(Transfer(coap.POST, PATH, body(2500), tag=b"2"))
        assert up.code == coap.CHANGED

    asyncio.run(serve(tmp_path, big, story, loss=0))

    assert big.body == body(2500)
    gc.collect()


def test_a_body_beyond_what_was_allowed_is_given_up(tmp_path: Path) -> None:
    big = Big()
    big.body = body(5000)

    async def story(client: Client) -> None:
        with pytest.raises(TransferError, match="more than 3000 bytes"):
            await client.run(Transfer(GET, PATH, body_max=3000))
        assert client.sent <= 4

    asyncio.run(serve(tmp_path, big, story, loss=0))
    gc.collect()
