# SPDX-License-Identifier: Apache-2.0
"""Serves the application over HTTP from within a running event loop, beside whatever else that loop runs."""

import asyncio
import contextlib
import errno
import ipaddress
import socket

import uvicorn
from fastapi import FastAPI

_STOP_WAIT_S = 5


class HttpServerError(Exception):
    """The server cannot start; the message says what is in the way and which option moves it."""


class HttpServer:
    """uvicorn on one socket. `port` 0 takes a free one; `port` tells which after `start`."""

    def __init__(self, app: FastAPI, host: str = "127.0.0.1", port: int = 8080) -> None:
        self._host = host
        self.port = port
        config = uvicorn.Config(
            app,
            log_config=None,  # the caller's logging stands
            access_log=False,
            server_header=False,
            date_header=True,
            lifespan="off",
            timeout_graceful_shutdown=_STOP_WAIT_S,
            limit_concurrency=200,
            h11_max_incomplete_event_size=16 * 1024,
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where a browser finds the page."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}/"

    async def start(self) -> None:
        """Takes the port and serves. Raises HttpServerError."""
        listener = _listen(self._host, self.port)
        self.port = listener.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]), name="http")
        while not self._server.started:
            if self._serving.done():
                listener.close()
                await self._serving
                raise HttpServerError("the HTTP server ended while it started; the log says why")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Ends what is being answered (at most 5 s) and gives the port back. Does nothing when not started."""
        if self._serving is None:
            return
        self._server.should_exit = True
        await self._serving
        self._serving = None


class _Server(uvicorn.Server):
    """uvicorn without its hold on signals: those belong to whoever runs the loop."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()


def _listen(host: str, port: int) -> socket.socket:
    _refuse_other_than_loopback(host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise HttpServerError(
                f"TCP port {port} on {host} is in use; take another one by --http-port (or KANBIN_HTTP_PORT)"
            ) from None
        raise HttpServerError(f"cannot listen on {host} port {port}: {error.strerror}; choose by --http-port") from None
    listener.listen(128)
    listener.setblocking(False)
    return listener


def _refuse_other_than_loopback(host: str) -> None:
    if host == "localhost":
        return
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise HttpServerError(
            f"KANBIN_HTTP_HOST: {host!r} is not a loopback address; without accounts the page is served on "
            "127.0.0.1, ::1 or localhost only"
        )
