# SPDX-License-Identifier: Apache-2.0
"""A gate on a free port with one device, run on an event loop of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.gate import server
from fleet.migrations.schema import metadata
from fleet.readings.tables import ReadingRow
from tests.fleet.gate.peer import SALT, Keys, Peer

KID = b"\x00\x01"
SECRET = bytes(range(16))
NOW_MS = 1_800_000_000_000


class StillClock:
    """Time stands where the test puts it."""

    def __init__(self) -> None:
        self.at_ms = NOW_MS

    def now_ms(self) -> int:
        return self.at_ms


class House:
    """A database with one device in it, and gates and peers to open on it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = StillClock()
        self.commits = 0
        with db.write(engine) as session:
            session.add(DeviceRow(device="bin-01", kid=KID, master_secret=SECRET, master_salt=SALT))

    def _count_commit(self) -> None:
        self.commits += 1

    @asynccontextmanager
    async def gate(self, engine: Engine | None = None, **options: Any) -> AsyncIterator[server.Gate]:
        running = await server.start(engine or self.engine, self.clock, "127.0.0.1", 0, self._count_commit, **options)
        try:
            yield running
        finally:
            await running.stop()

    @asynccontextmanager
    async def peer(self, gate: server.Gate, keys: Keys | None = None) -> AsyncIterator[Peer]:
        peer = await Peer(gate.port, keys or Keys(KID, SECRET)).open()
        try:
            yield peer
        finally:
            peer.close()

    @asynccontextmanager
    async def pair(self, engine: Engine | None = None, **options: Any) -> AsyncIterator[tuple[server.Gate, Peer]]:
        async with AsyncExitStack() as stack:
            gate = await stack.enter_async_context(self.gate(engine, **options))
            yield gate, await stack.enter_async_context(self.peer(gate))

    async def until(self, happened: Callable[[], object]) -> None:
        """Lets the event loop turn until something the test cannot wait for has happened."""
        async with asyncio.timeout(10):
            while not happened():  # noqa: ASYNC110  (no event tells of the inside of aiocoap)
                await asyncio.sleep(0)

    def stored(self) -> list[ReadingRow]:
        with db.read(self.engine) as session:
            return list(session.scalars(select(ReadingRow).order_by(ReadingRow.id)))

    def sequences(self) -> list[int]:
        return [row.sequence for row in self.stored()]

    def device(self) -> DeviceRow:
        with db.read(self.engine) as session:
            return session.scalars(select(DeviceRow)).one()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = db.open_engine(f"sqlite:///{tmp_path}/kanbin.sqlite")
    metadata().create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine)


@pytest.fixture
def run() -> Callable[[Awaitable[Any]], Any]:
    """Runs a coroutine; an exception nobody waited for is an error."""

    def run_all(work: Awaitable[Any]) -> Any:
        stray: list[dict[str, Any]] = []

        async def main() -> Any:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: stray.append(context))
            return await work

        result = asyncio.run(main())
        assert stray == []
        return result

    return run_all
