# SPDX-License-Identifier: Apache-2.0
"""How small the firmware is in memory: its code once it runs, and heaps in which its parts run. Figures are printed.

It gets onto a board in two ways. As compiled files on a stock image, what a program imports lies in the heap. In an
image of our own it stays in flash, and only what changes takes heap: there the goals are held (24 KB for the code, 18
for the report path, 40 for the client with block-wise transfer); the limits of the files are what holds today.

How small the heaps may be is looked for with `-s` alone.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from wire import derive

from tests.board import compile_to
from tests.fakes.block_fleet import BlockFleet
from tests.fakes.fleet import KID, SALT, SECRET
from tests.fakes.udp_fleet import UdpFleet
from tests.image import build
from tools.setup.web_assets import node_command
from tools.technician.program import FIRMWARE

TOP = Path(__file__).parents[2]
HEAP = TOP / "tests" / "heap"
MICROPYTHON = Path(sys.executable).with_name("micropython")
STEPS = ["used.py", "--", "start_bin.py", "--", "used.py", "--", "start_bin.py", "drop", "--", "used.py"]


class Board(NamedTuple):
    """A board's file system, what runs on it, and what the program may take there."""

    files: Path
    micropython: Path
    run_on_32_bits: Callable[[], list[str | Path]]
    code_bytes_max: int
    report_path_k: int
    client_k: int

    def runs_in(self, heap_k: int, *command: str) -> bool:
        result = subprocess.run(
            [self.micropython, "-X", f"heapsize={heap_k}k", "-m", *command],
            cwd=self.files,
            env={**os.environ, "MICROPYPATH": ":.frozen"},
            capture_output=True,
            timeout=60,
            check=False,
        )
        return result.returncode == 0

    def smallest_heap_k(self, enough: int, *command: str) -> int:
        too_small = 4
        while enough - too_small > 1:
            middle = (too_small + enough) // 2
            too_small, enough = (too_small, middle) if self.runs_in(middle, *command) else (middle, enough)
        return enough

    def started_bin_takes(self) -> tuple[int, int]:
        """Bytes of the heap on 32 bits, once a weigh bin runs: its code, and all of it."""
        for name in ("start_bin.py", "used.py", "steps.py"):
            (self.files / name).write_text((HEAP / name).read_text())
        result = subprocess.run(
            [*self.run_on_32_bits(), *STEPS], cwd=self.files, capture_output=True, text=True, timeout=60, check=True
        )
        assert "started False" in result.stdout, result.stdout  # it has something to tell: that it started
        used = [int(line.split()[1]) for line in result.stdout.splitlines() if line.startswith("used")]
        before, running, dropped = used
        return dropped - before, running - before


@pytest.fixture(scope="module", params=["files", "image"])
def board(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Board:
    """All of the firmware compiled onto a stock image, or in an image but for what starts it; and what is run there."""
    files = tmp_path_factory.mktemp("board")
    scripts = (HEAP / "encode_reports.py", HEAP / "full_client.py")
    if request.param == "files":
        compile_to(files, *scripts)
        return Board(files, MICROPYTHON, lambda: [node_command(), TOP / "tests/run_wasm32.mjs"], 66 * 1024, 26, 70)
    compile_to(files, *scripts, sources=[FIRMWARE / "boot.py", FIRMWARE / "main.py"])
    return Board(files, build(bits=64), lambda: [build(bits=32), "steps.py"], 24 * 1024, 18, 40)


@pytest.fixture
def fleet() -> Iterator[UdpFleet]:
    fleet = UdpFleet(make=BlockFleet)
    yield fleet
    fleet.close()


def test_a_weigh_bin_that_runs_leaves_most_of_the_memory_free(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    if board.micropython != MICROPYTHON and platform.machine() != "x86_64":
        pytest.skip("this processor has no compiler for 32 bits")
    code, everything = board.started_bin_takes()

    with capsys.disabled():
        print(f"\nonce it runs, on 32 bits: {code} bytes of heap for its code, {everything} for all of it")
    assert code <= board.code_bytes_max  # an ESP32's heap begins with 64 KB, and grows to 160


def test_a_reading_is_packed_and_protected_in_a_very_small_heap(board: Board, pytestconfig: pytest.Config) -> None:
    assert board.runs_in(board.report_path_k, "encode_reports")
    if pytestconfig.getoption("capture") == "no":
        print(f"\n200 reports, 64-bit: {board.smallest_heap_k(board.report_path_k, 'encode_reports')} KiB")


def test_the_client_runs_in_a_small_heap(board: Board, fleet: UdpFleet, pytestconfig: pytest.Config) -> None:
    command = ("full_client", str(fleet.port), *(key.hex() for key in derive.keys(SECRET, SALT, KID, b"")))

    assert board.runs_in(board.client_k, *command)
    if pytestconfig.getoption("capture") == "no":
        print(f"\n200 messages and a large one, 64-bit: {board.smallest_heap_k(board.client_k, *command)} KiB")
