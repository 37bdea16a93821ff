# SPDX-License-Identifier: Apache-2.0
"""Starts and stops the gate."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from functools import partial

from aiocoap.protocol import Context
from sqlalchemy import Engine
from wire import paths

from fleet.clock import Clock
from fleet.devices import service as devices
from fleet.gate.contexts import Contexts
from fleet.gate.endpoint import Messages, bind_udp, open_endpoint
from fleet.gate.guard import Limits
from fleet.gate.logline import limited
from fleet.gate.resource import PATIENCE_S, Health, Intake, Readings, Resource, Tags
from fleet.gate.site import Site
from fleet.gate.writer import Writer
from fleet.readings import service as readings
from fleet.tags import log as tags


class PortError(Exception):
    """The UDP port cannot be had; the message says why and by what option to move it."""


class Gate:
    """A running gate; `stop` it on the loop it was started on."""

    def __init__(self, context: Context, messages: Messages, contexts: Contexts, writer: Writer, port: int) -> None:
        self._context = context
        self._writer = writer
        self.messages = messages
        self.contexts = contexts
        self.port = port
        """The UDP port it listens on."""

    async def stop(self) -> None:
        """Closes the port, commits what was taken in, ends the writer. Requests in work get no reply any more."""
        await self._context.shutdown()
        await asyncio.to_thread(self._writer.stop)


async def start(
    engine: Engine,
    clock: Clock,
    host: str,
    port: int,
    on_committed: Callable[[], None],
    limits: Limits | None = None,
    patience_s: float = PATIENCE_S,
) -> Gate:
    """Listens for devices on UDP `host`:`port` (0: any free port). Raises PortError.

    `on_committed` is called after something was stored, on the writer's thread: it must return at once. A device
    whose message is not stored within `patience_s` is told to wait and keep them.
    """
    logging.getLogger("aiocoap").setLevel(logging.WARNING)  # at DEBUG it writes down what was encrypted
    for log in (readings, tags):
        limited(log.__name__)  # a device gone mad can cause its alarm with every message
    sock = _bind(host, port)
    writer = Writer(engine, on_committed)
    contexts = Contexts(partial(devices.find, engine))
    intake = Intake(writer, clock, patience_s)
    resources: dict[str, Resource] = {
        paths.READINGS: Readings(intake),
        paths.HEALTH: Health(intake),
        paths.TAGS: Tags(intake),
    }
    site = Site(contexts, intake, resources)
    context, messages = await open_endpoint(site, sock, limits or Limits())
    writer.start()
    return Gate(context, messages, contexts, writer, sock.getsockname()[1])


def _bind(host: str, port: int) -> socket.socket:
    try:
        return bind_udp(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = "is in use by another program"
        elif error.errno == errno.EACCES:
            why = "needs rights this program does not have"
        else:
            why = f"cannot be had on {host} (KANBIN_COAP_HOST): {error.strerror}"
        raise PortError(f"UDP port {port} {why}; choose another with --coap-port or KANBIN_COAP_PORT") from None
