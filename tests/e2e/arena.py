# SPDX-License-Identifier: Apache-2.0
"""A stage behind a bad network, with a witness on the wire."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.simulate.fleet_process import HOST, free_port
from tools.simulate.lossy_network import Address, LossyNetwork, Way, Weather
from tools.simulate.recorder import Recorder
from tools.simulate.scenario import BinPlan
from tools.simulate.stage import Stage


class Tap:
    """Lets a test wait for what passes on the wire."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._passed = asyncio.Event()
        self._way: Way = "up"

    def witness(self, way: Way, client: Address, datagram: bytes) -> None:
        """For a LossyNetwork."""
        self._recorder.witness(way, client, datagram)
        self._way = way
        self._passed.set()

    async def wait_for(self, way: Way, datagrams: int) -> None:
        """Returns the moment so many datagrams more have come, the last of them not yet forwarded."""
        while datagrams:
            self._passed.clear()
            await self._passed.wait()
            datagrams -= self._way == way


@dataclass
class Arena:
    """What a test asks about."""

    stage: Stage
    network: LossyNetwork
    recorder: Recorder
    tap: Tap


@contextlib.asynccontextmanager
async def arena(
    folder: Path, plans: Sequence[BinPlan], weather: Weather, *, seed: int, speed: int
) -> AsyncIterator[Arena]:
    """Everything running; the devices reach the fleet only through the network."""
    coap_port = free_port(socket.SOCK_DGRAM)
    recorder = Recorder()
    tap = Tap(recorder)
    network = LossyNetwork((HOST, coap_port), weather, seed, tap.witness)
    try:
        stage = Stage(
            folder,
            plans,
            speed=speed,
            http_port=free_port(socket.SOCK_STREAM),
            coap_port=coap_port,
            device_port=await network.open(),
        )
        async with stage:
            yield Arena(stage, network, recorder, tap)
    finally:
        network.close()
