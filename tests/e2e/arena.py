# SPDX-License-Identifier: Apache-2.0
"""A stage behind a bad network, with a witness on the wire."""

import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.simulate.fleet_process import HOST, free_port
from tools.simulate.lossy_network import LossyNetwork, Weather
from tools.simulate.recorder import Recorder
from tools.simulate.scenario import BinPlan
from tools.simulate.stage import Stage


@dataclass
class Arena:
    """What a test asks about."""

    stage: Stage
    network: LossyNetwork
    recorder: Recorder


@contextlib.asynccontextmanager
async def arena(
    folder: Path, plans: Sequence[BinPlan], weather: Weather, *, seed: int, speed: int
) -> AsyncIterator[Arena]:
    """Everything running; the devices reach the fleet only through the network."""
    coap_port = free_port(socket.SOCK_DGRAM)
    recorder = Recorder()
    network = LossyNetwork((HOST, coap_port), weather, seed, recorder.witness)
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
            yield Arena(stage, network, recorder)
    finally:
        network.close()
