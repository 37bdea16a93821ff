# SPDX-License-Identifier: Apache-2.0
"""`make bench`: figures of the way in, as ratios measured in one run. Never a pass or a fail.

The load runs in this process, each server in its own; a server's cost is its CPU time (all threads), which other
programs on the machine disturb less than the wall clock does.
"""

import asyncio
import json
import os
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import yaml

from tests.bench.load import LoadDevice
from tools.simulate.fleet_process import FleetProcess

DEVICES = 40
MESSAGES = 25  # a device, a round
ROUNDS = 3


def cpu_s(pid: int) -> float:
    """User and system time of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port(kind: socket.SocketKind) -> int:
    """A port that is free just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def kanbin(folder: Path, keys: dict[int, bytes], port: int) -> AsyncIterator[int]:
    """The real fleet with these devices; yields its process id."""
    folder.mkdir()
    seed = folder / "seed.yaml"
    devices = [
        {"device": f"d{number}", "kid": f"{number:04x}", "master_secret": key.hex()} for number, key in keys.items()
    ]
    seed.write_text(yaml.safe_dump({"devices": devices}))
    fleet = FleetProcess(folder, http_port=free_port(socket.SOCK_STREAM), coap_port=port, speed=1)
    await fleet.load(seed)
    await fleet.start()
    try:
        yield fleet.child.pid
    finally:
        await fleet.stop()


@asynccontextmanager
async def plain(folder: Path, keys: dict[int, bytes], port: int) -> AsyncIterator[int]:
    """aiocoap's own server with these devices; yields its process id."""
    folder.mkdir()
    command = (sys.executable, "-m", "tests.bench.plain_server", str(folder), str(port))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps({str(number): key.hex() for number, key in keys.items()}).encode() + b"\n")
    await process.stdout.readline()
    try:
        yield process.pid
    finally:
        process.kill()
        await process.wait()


async def cost_us(pid: int, devices: list[LoadDevice], readings_each: int) -> tuple[float, float]:
    """(CPU, wall) microseconds a message, everybody sending at once."""
    cpu_before, wall_before = cpu_s(pid), time.perf_counter()
    sent = sum(await asyncio.gather(*(device.send_all(MESSAGES, readings_each) for device in devices)))
    return (cpu_s(pid) - cpu_before) / sent * 1e6, (time.perf_counter() - wall_before) / sent * 1e6


async def main() -> None:
    """Both servers side by side, in turns."""
    keys = {number: secrets.token_bytes(16) for number in range(1, DEVICES + 1)}
    ports = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory() as top:
        ours, theirs = kanbin(Path(top, "fleet"), keys, ports[0]), plain(Path(top, "plain"), keys, ports[1])
        async with ours as our_pid, theirs as their_pid:
            loads = [[LoadDevice(number, key, port) for number, key in keys.items()] for port in ports]
            for devices in loads:  # the first request of each device pays for the Echo round trip
                await asyncio.gather(*(device.send_all(1, 1) for device in devices))
            rows: dict[str, list[float]] = {"one": [], "sixty": [], "alone": [], "plain": []}
            for _ in range(ROUNDS):
                rows["one"].append((await cost_us(our_pid, loads[0], 1))[0])
                rows["sixty"].append((await cost_us(our_pid, loads[0], 60))[0])
                rows["alone"].append((await cost_us(our_pid, loads[0][:1], 1))[1])
                rows["plain"].append((await cost_us(their_pid, loads[1], 1))[0])
            crowd_us = (await cost_us(our_pid, loads[0], 1))[1]
            for device in loads[0] + loads[1]:
                device.close()
    one, sixty, alone, plain_us = (median(rows[name]) for name in ("one", "sixty", "alone", "plain"))
    rows_said = (
        ("CPU a durable message of 1 reading", one, one / plain_us, "x aiocoap's OSCORE that stores nothing"),
        ("CPU a durable reading, 60 in a message", sixty / 60, one * 60 / sixty, "times less than one by one"),
        ("wall a durable message in a crowd", crowd_us, alone / crowd_us, "times less than alone (group commit)"),
    )
    print(f"{DEVICES} devices, {MESSAGES} messages each, median of {ROUNDS} rounds in turns")
    for what, cost, ratio, than in rows_said:
        print(f"{what:40} {cost:8.0f} us  {ratio:6.2f} {than}")


if __name__ == "__main__":
    asyncio.run(main())
