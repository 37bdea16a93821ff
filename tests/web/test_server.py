# SPDX-License-Identifier: Apache-2.0
"""The HTTP server in a loop it does not own."""

import asyncio
import signal

import httpx
import pytest

from fleet.web.app import create_app
from fleet.web.server import HttpServer, HttpServerError
from tests.web.conftest import Fleet


def test_a_port_in_use_is_named_with_the_option_that_moves_it(empty_fleet: Fleet) -> None:
    with empty_fleet.served() as server:
        second = HttpServer(create_app(empty_fleet.engine, empty_fleet.clock), port=server.port)
        with pytest.raises(HttpServerError, match=rf"TCP port {server.port} on 127\.0\.0\.1 is in use.*--http-port"):
            asyncio.run(second.start())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "kanbin.example"])
def test_only_loopback_is_served_while_there_are_no_accounts(empty_fleet: Fleet, host: str) -> None:
    server = HttpServer(create_app(empty_fleet.engine, empty_fleet.clock), host=host, port=0)
    with pytest.raises(HttpServerError, match=r"KANBIN_HTTP_HOST.*loopback"):
        asyncio.run(server.start())


def test_the_port_is_free_again_after_a_stop(empty_fleet: Fleet) -> None:
    with empty_fleet.served() as server:
        port = server.port
    with empty_fleet.served(port) as server:
        assert httpx.get(f"{server.url}healthz", trust_env=False).status_code == 200


def test_the_server_leaves_signals_to_whoever_runs_the_loop(empty_fleet: Fleet) -> None:
    async def run() -> None:
        before = signal.getsignal(signal.SIGINT)
        server = HttpServer(create_app(empty_fleet.engine, empty_fleet.clock), port=0)
        await server.start()
        assert signal.getsignal(signal.SIGINT) is before
        await server.stop()
        await server.stop()

    asyncio.run(run())


def test_a_browser_that_keeps_its_connection_open_does_not_hold_up_the_stop(empty_fleet: Fleet) -> None:
    with httpx.Client(trust_env=False) as client:
        with empty_fleet.served() as server:
            client.get(server.url)
        with pytest.raises(httpx.ConnectError):
            client.get(server.url)


def test_health_is_bad_when_readings_are_stored_but_not_counted(empty_fleet: Fleet) -> None:
    async def health() -> int:
        app = create_app(empty_fleet.engine, empty_fleet.clock, is_counting=lambda: False)
        server = HttpServer(app, port=0)
        await server.start()
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"{server.url}healthz")).status_code
        finally:
            await server.stop()

    assert asyncio.run(health()) == 503
