# SPDX-License-Identifier: Apache-2.0
"""A real fleet service as a child process, and its HTTP API as anybody sees it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from tools.simulate.process import Child, ChildCrashedError, beside_python, clean_environment

HOST = "127.0.0.1"
READY_WITHIN_S = 30.0
LOOK_EVERY_S = 0.05
PAGE = 1000


class FleetProcess:
    """`kanbin serve` on a data folder. Start, kill and start again as you like; the folder keeps everything."""

    def __init__(
        self,
        data_dir: Path,
        *,
        http_port: int,
        coap_port: int,
        speed: float,
        on_line: Callable[[str], None] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`settings` are more of the fleet's own, by their names: `{"series_url": ...}`."""
        self.page = f"http://{HOST}:{http_port}/"
        self.orders_folder = data_dir / "orders"
        self._env = clean_environment(
            KANBIN_DATA_DIR=str(data_dir),
            KANBIN_HTTP_HOST=HOST,
            KANBIN_HTTP_PORT=str(http_port),
            KANBIN_COAP_HOST=HOST,
            KANBIN_COAP_PORT=str(coap_port),
            KANBIN_CLOCK_SPEED=str(speed),
            KANBIN_LOG_LEVEL="info",
            **{f"KANBIN_{name.upper()}": value for name, value in (settings or {}).items()},
        )
        self._cwd = data_dir
        self._client = httpx.AsyncClient(base_url=self.page + "api/v1", timeout=10, trust_env=False)
        serve: list[str | Path] = [beside_python("kanbin"), "serve"]
        self.child = Child("the fleet", serve, cwd=data_dir, env=self._env, on_line=on_line)

    async def load(self, seed: Path) -> None:
        """Master data from a seed file. Raises ChildCrashedError when the fleet refuses it."""
        load = Child("kanbin load", [beside_python("kanbin"), "load", seed], cwd=self._cwd, env=self._env)
        await load.start()
        code = await load.wait()
        if code:
            raise ChildCrashedError(load.name, code, list(load.tail))

    async def start(self) -> None:
        """Start it and wait until its API answers. Raises ChildCrashedError or TimeoutError."""
        await self.child.start()
        async with asyncio.timeout(READY_WITHIN_S):
            while not await self._answers():
                if self.child.crash:
                    raise self.child.crash
                await asyncio.sleep(LOOK_EVERY_S)

    async def kill(self) -> None:
        """SIGKILL."""
        await self.child.kill()

    async def stop(self) -> None:
        """SIGTERM, and close our end of its API."""
        await self.child.stop()
        await self._client.aclose()

    async def get(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        """One page of a list of the API, say `get("/readings", newest=1)`."""
        answer = await self._client.get(path, params=query)
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def get_all(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Everything in a list of the API."""
        after: int | None = 0
        while after is not None:
            answer = await self._client.get(path, params={"limit": PAGE, "after": after})
            answer.raise_for_status()
            for item in answer.json()["items"]:
                yield item
            after = answer.json()["next"]

    async def post(self, path: str, body: dict[str, Any]) -> None:
        """Tells the API something, say `post("/bins/bin-01/stocktake", {"count": 305})`."""
        answer = await self._client.post(path, json=body)
        answer.raise_for_status()

    async def _answers(self) -> bool:
        try:
            return (await self._client.get("/devices")).status_code == 200
        except httpx.TransportError:
            return False


def port_is_free(port: int, kind: socket.SocketKind) -> bool:
    """Whether a server could listen there now: SOCK_STREAM for HTTP, SOCK_DGRAM for CoAP."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(kind: socket.SocketKind) -> int:
    """A port on which nobody listens at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
