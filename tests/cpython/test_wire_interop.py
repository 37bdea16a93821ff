# SPDX-License-Identifier: Apache-2.0
"""Our client on MicroPython against a plain aiocoap server with its own OSCORE, over real UDP."""

import asyncio
import gc
import json
import os
import socket
import sys
from pathlib import Path

import aiocoap
import pytest
from aiocoap import resource
from aiocoap.credentials import CredentialsMap
from aiocoap.oscore import FilesystemSecurityContext
from aiocoap.oscore_sitewrapper import OscoreSiteWrapper
from wire import unpack_reading

TOP = Path(__file__).parent.parent.parent
MICROPYTHON = Path(sys.executable).with_name("micropython")
HOST = "127.0.0.1"


class Readings(resource.Resource):
    """Takes what is posted, after as long as it is told to."""

    def __init__(self, delay_s: float = 0) -> None:
        super().__init__()
        self.taken: list[tuple[int, ...]] = []
        self.delay_s = delay_s

    async def render_post(self, request: aiocoap.Message) -> aiocoap.Message:
        await asyncio.sleep(self.delay_s)
        self.taken += unpack_reading.unpack(request.payload)[3]
        return aiocoap.Message(code=aiocoap.CHANGED)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def make_security_context(folder: Path) -> None:
    folder.mkdir()
    settings = {
        "sender-id_hex": "",
        "recipient-id_hex": "0001",
        "secret_hex": bytes(range(16)).hex(),
        "salt_hex": bytes(range(8)).hex(),
    }
    (folder / "settings.json").write_text(json.dumps(settings))


async def run_client(port: int, first_partial_iv: int, count: int) -> list[str]:
    script = [TOP / "tests/micropython/post_readings.py", HOST, str(port), str(first_partial_iv), str(count)]
    client = await asyncio.create_subprocess_exec(
        MICROPYTHON,
        "-X",
        "heapsize=64k",
        *script,
        env={**os.environ, "MICROPYPATH": f"{TOP}/firmware:.frozen"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(client.communicate(), 60)
    assert client.returncode == 0, output.decode()
    return output.decode().splitlines()


async def serve(folder: Path, readings: Readings, first_partial_iv: int, count: int, killed: bool = False) -> list[str]:
    """What the client printed while it talked to a server; a killed server leaves its state as it is on disk."""
    site = resource.Site()
    site.add_resource(["r"], readings)
    security_context = FilesystemSecurityContext(str(folder))
    credentials = CredentialsMap()
    credentials[":bin"] = security_context
    port = free_port()
    server = await aiocoap.Context.create_server_context(
        OscoreSiteWrapper(site, credentials), bind=(HOST, port), transports=["simplesocketserver"]
    )
    try:
        return await run_client(port, first_partial_iv, count)
    finally:
        await server.shutdown()
        if killed:
            security_context.lockfile.release()
            security_context.lockfile = None
        else:
            security_context._destroy()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_security_context(tmp_path / "oscore")
    return tmp_path / "oscore"


def test_a_posted_reading_arrives_and_its_protected_reply_is_durable(folder: Path) -> None:
    readings = Readings()

    output = asyncio.run(serve(folder, readings, first_partial_iv=0, count=3))

    assert output == ["0 durable", "1 durable", "2 durable"]
    assert readings.taken == [(n, 0, n, 1000 + n, 80, 2150) for n in range(3)]
    gc.collect()


def test_a_reply_that_comes_separately_is_durable_too(folder: Path) -> None:
    """aiocoap sends an empty acknowledgement first when an answer takes it longer than a tenth of a second."""
    readings = Readings(delay_s=0.3)

    output = asyncio.run(serve(folder, readings, first_partial_iv=0, count=1))

    assert output == ["0 durable"]
    assert len(readings.taken) == 1
    gc.collect()


def test_a_server_that_lost_its_replay_window_asks_for_echo_once_and_loses_nothing(folder: Path) -> None:
    readings = Readings()
    asyncio.run(serve(folder, readings, first_partial_iv=0, count=1, killed=True))
    assert json.loads((folder / "sequence.json").read_text())["received"] == "unknown"

    output = asyncio.run(serve(folder, readings, first_partial_iv=1, count=2))

    assert output == ["0 echo", "0 durable", "1 durable"]
    assert [each[0] for each in readings.taken] == [0, 0, 1]
    gc.collect()


def test_a_partial_iv_that_was_used_before_is_not_durable(folder: Path) -> None:
    readings = Readings()
    asyncio.run(serve(folder, readings, first_partial_iv=5, count=1))

    output = asyncio.run(serve(folder, readings, first_partial_iv=5, count=1))

    assert output == ["0 hint"]
    assert len(readings.taken) == 1
    gc.collect()
