# SPDX-License-Identifier: Apache-2.0
"""A UDP proxy that treats datagrams badly, by a seed: it drops, doubles and delays them so that they overtake."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Address = tuple[str, int]
Way = Literal["up", "down"]
"""up: from a device to the fleet; down: back."""


@dataclass(frozen=True)
class Weather:
    """Probabilities for each datagram in each direction; a delayed one waits up to `delay_s` (real time)."""

    drop: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    delay_s: float = 0.0


@dataclass
class Traffic:
    """What happened to the datagrams on one way so far."""

    seen: int = 0
    dropped: int = 0
    duplicated: int = 0
    delayed: int = 0
    carried: int = 0

    @property
    def under_way(self) -> int:
        """How many still wait to be carried."""
        return self.seen - self.dropped + self.duplicated - self.carried


class LossyNetwork:
    """Listens on `port` and forwards to `target`, one upstream socket for each client, so that replies find back.

    `witness(way, client, datagram)` is told of every datagram as its sender sent it, before anything happens to it.
    """

    def __init__(
        self,
        target: Address,
        weather: Weather,
        seed: int,
        witness: Callable[[Way, Address, bytes], None] = lambda way, client, datagram: None,
    ) -> None:
        self.traffic: dict[Way, Traffic] = {"up": Traffic(), "down": Traffic()}
        self._target = target
        self._weather = weather
        self._random = random.Random(seed)
        self._witness = witness
        self._clients: dict[Address, asyncio.DatagramTransport] = {}
        self._server: asyncio.DatagramTransport | None = None

    async def open(self, port: int = 0) -> int:
        """Listen; returns the port."""
        loop = asyncio.get_running_loop()
        self._server, _ = await loop.create_datagram_endpoint(lambda: _Ears(self._from_device), ("127.0.0.1", port))
        address: Address = self._server.get_extra_info("sockname")
        return address[1]

    def close(self) -> None:
        """Stop; datagrams still on their way are lost."""
        for transport in (self._server, *self._clients.values()):
            if transport is not None:
                transport.close()

    async def _from_device(self, datagram: bytes, client: Address) -> None:
        self._witness("up", client, datagram)
        if client not in self._clients:
            loop = asyncio.get_running_loop()

            async def from_fleet(reply: bytes, _: Address) -> None:
                self._witness("down", client, reply)
                self._carry("down", self._server, reply, client)

            self._clients[client], _ = await loop.create_datagram_endpoint(
                lambda: _Ears(from_fleet), remote_addr=self._target
            )
        self._carry("up", self._clients[client], datagram, None)

    def _carry(
        self, way: Way, transport: asyncio.DatagramTransport | None, datagram: bytes, to: Address | None
    ) -> None:
        weather, draw, traffic = self._weather, self._random.random, self.traffic[way]
        traffic.seen += 1
        if draw() < weather.drop:
            traffic.dropped += 1
            return
        copies = 1
        if draw() < weather.duplicate:
            traffic.duplicated += 1
            copies = 2
        for _ in range(copies):
            wait_s = 0.0
            if draw() < weather.delay:
                traffic.delayed += 1
                wait_s = draw() * weather.delay_s
            asyncio.get_running_loop().call_later(wait_s, self._send, traffic, transport, datagram, to)

    def _send(
        self, traffic: Traffic, transport: asyncio.DatagramTransport | None, datagram: bytes, to: Address | None
    ) -> None:
        traffic.carried += 1
        if transport is not None and not transport.is_closing():
            transport.sendto(datagram, to)


class _Ears(asyncio.DatagramProtocol):
    """Hands datagrams on, strictly in the order in which they came."""

    def __init__(self, hear: Callable[[bytes, Address], Any]) -> None:
        self._hear = hear
        self._queue: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._task = asyncio.get_running_loop().create_task(self._work())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._task:
            self._task.cancel()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._queue.put_nowait((data, addr))

    def error_received(self, exc: Exception) -> None:
        """The fleet is down: that datagram is lost, as it would be on any network."""

    async def _work(self) -> None:
        while True:
            await self._hear(*await self._queue.get())
