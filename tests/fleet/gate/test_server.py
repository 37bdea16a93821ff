# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping: ports, and what is in work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from wire import coap

from fleet import db
from fleet.gate import server
from tests.fleet.gate.conftest import House
from tests.fleet.gate.peer import message

Run = Callable[[Awaitable[Any]], Any]


def test_a_port_in_use_is_named_with_the_option_that_moves_it(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.gate() as gate:
            with pytest.raises(server.PortError, match=rf"UDP port {gate.port} .* in use .*--coap-port"):
                await server.start(house.engine, house.clock, "127.0.0.1", gate.port, lambda: None)

    run(scene())


def test_an_address_that_is_not_ours_is_named(house: House, run: Run) -> None:
    async def scene() -> None:
        with pytest.raises(server.PortError, match=r"192\.0\.2\.1 \(KANBIN_COAP_HOST\)"):
            await server.start(house.engine, house.clock, "192.0.2.1", 0, lambda: None)

    run(scene())


def test_the_default_address_hears_ipv4_and_ipv6(house: House, run: Run) -> None:
    async def scene() -> None:
        gate = await server.start(house.engine, house.clock, "::", 0, lambda: None)
        async with house.peer(gate) as peer:
            assert (await peer.post(message(0))).code == "2.04"
        await gate.stop()

    run(scene())


def test_stopping_commits_what_was_taken_in(house: House, run: Run, engine: Engine) -> None:
    async def scene() -> None:
        gate = await server.start(engine, house.clock, "127.0.0.1", 0, lambda: None)
        async with house.peer(gate) as peer:
            await peer.post(message(0))
            with db.write(engine):
                peer.send(peer.protect(message(1)))
                assert coap.decode(await peer.datagram()).code == coap.EMPTY
                stopping = asyncio.create_task(gate.stop())
            await stopping

    run(scene())
    assert house.sequences() == [0, 1]


def test_a_gate_can_start_again_on_its_port(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.gate() as gate:
            port = gate.port
        again = await server.start(house.engine, house.clock, "127.0.0.1", port, lambda: None)
        await again.stop()

    run(scene())
