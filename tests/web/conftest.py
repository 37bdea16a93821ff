# SPDX-License-Identifier: Apache-2.0
"""A fleet on a real SQLite file, served by the real HTTP server on a free port."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from fleet.db import open_engine, upgrade, write
from fleet.web.app import create_app
from fleet.web.server import HttpServer
from tests.web.story import NOW_MS, tell


@dataclass
class SettableClock:
    """Tells the moment it was set to."""

    at_ms: int = NOW_MS

    def now_ms(self) -> int:
        return self.at_ms


@dataclass
class Fleet:
    """A store, a clock, and the means to serve them."""

    engine: Engine
    clock: SettableClock = field(default_factory=SettableClock)

    @contextmanager
    def served(self, port: int = 0) -> Iterator[HttpServer]:
        """The fleet's HTTP server, in a loop on a thread of its own."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="served")
        thread.start()
        server = HttpServer(create_app(self.engine, self.clock), port=port)
        try:
            asyncio.run_coroutine_threadsafe(server.start(), loop).result()
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def new_fleet(folder: Path) -> Iterator[Fleet]:
    url = f"sqlite:///{folder}/kanbin.sqlite"
    upgrade(url)
    engine = open_engine(url)
    yield Fleet(engine)
    engine.dispose()


@pytest.fixture
def empty_fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Nothing loaded yet."""
    yield from new_fleet(tmp_path)


@pytest.fixture
def fleet(empty_fleet: Fleet) -> Fleet:
    """The fleet of the story, free to be changed."""
    with write(empty_fleet.engine) as session:
        tell(session)
    return empty_fleet


@pytest.fixture(scope="module")
def told_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """The fleet of the story, for those that only read it."""
    for fleet in new_fleet(tmp_path_factory.mktemp("told")):
        with write(fleet.engine) as session:
            tell(session)
        yield fleet


@pytest.fixture(scope="module")
def client(told_fleet: Fleet) -> Iterator[httpx.Client]:
    """Asks the served story."""
    with told_fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client
