# SPDX-License-Identifier: Apache-2.0
"""How small the firmware is: its files, its code in memory, and the heaps in which its parts run. Figures are printed.

How small the heaps may be is looked for with `-s` alone.

Limits are what holds today. The goals are 48 KB of files, 18 KB for the report path, 40 KB for the client with
block-wise transfer, and 24 KB for the code in memory.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from wire import derive

from tests.board import FIRMWARE, OTHER_APPS, WEIGH_BIN, bundle, compile_to
from tests.fakes.block_fleet import BlockFleet
from tests.fakes.fleet import KID, SALT, SECRET
from tests.fakes.udp_fleet import UdpFleet
from tools.setup.web_assets import node_command

TOP = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
BUNDLE_BYTES_MAX = 63 * 1024
CODE_BYTES_MAX = 62 * 1024  # an ESP32's heap begins with 64, and grows to 160
REPORT_PATH_K, CLIENT_K = 26, 70


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board's file system with all of the firmware compiled, and what is run in small heaps."""
    board = tmp_path_factory.mktemp("board")
    compile_to(board, TOP / "tests/heap/encode_reports.py", TOP / "tests/heap/full_client.py")
    return board


def runs_in(heap_k: int, board: Path, *command: str) -> bool:
    result = subprocess.run(
        [MICROPYTHON, "-X", f"heapsize={heap_k}k", "-m", *command],
        cwd=board,
        env={**os.environ, "MICROPYPATH": ":.frozen"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return result.returncode == 0


def smallest_heap_k(enough: int, board: Path, *command: str) -> int:
    too_small = 4
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        too_small, enough = (too_small, middle) if runs_in(middle, board, *command) else (middle, enough)
    return enough


def started_bin_takes(board: Path) -> tuple[int, int]:
    """Bytes of the heap on 32 bits, once a weigh bin runs: its code, and all of it."""
    for name in ("start_bin.py", "used.py"):
        (board / name).write_text((TOP / "tests/heap" / name).read_text())
    steps = ["used.py", "--", "start_bin.py", "--", "used.py", "--", "start_bin.py", "drop", "--", "used.py"]
    result = subprocess.run(
        [node_command(), TOP / "tests/run_wasm32.mjs", *steps],
        cwd=board,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "started False" in result.stdout, result.stdout  # it has something to tell: that it started
    before, running, dropped = [int(line.split()[1]) for line in result.stdout.splitlines() if line.startswith("used")]
    return dropped - before, running - before


def test_the_files_of_a_weigh_bin_and_what_of_them_stays_in_memory_are_small(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundle(*WEIGH_BIN, without=OTHER_APPS)
    total = compile_to(tmp_path, sources=files)
    names = {path.relative_to(FIRMWARE).as_posix().removesuffix(".py") for path in files}

    code, everything = started_bin_takes(tmp_path)

    with capsys.disabled():
        print(f"\nweigh bin: {len(files)} files, {total} bytes compiled, of {BUNDLE_BYTES_MAX} allowed")
        print(f"once it runs, on 32 bits: {code} bytes of heap for its code, {everything} for all of it")
    assert {"main", "device/link", "wire/ccm", "device/parse_settings"} <= names
    assert not names & {"wire/oscore_server", "wire/unpack_reading", "device/parse_reader"}
    assert total <= BUNDLE_BYTES_MAX
    assert code <= CODE_BYTES_MAX


def test_a_reading_is_packed_and_protected_in_a_very_small_heap(board: Path, pytestconfig: pytest.Config) -> None:
    assert runs_in(REPORT_PATH_K, board, "encode_reports")
    if pytestconfig.getoption("capture") == "no":
        print(f"\n200 reports encoded, 64-bit: {smallest_heap_k(REPORT_PATH_K, board, 'encode_reports')} KiB")


def test_the_client_runs_in_a_small_heap(board: Path, pytestconfig: pytest.Config) -> None:
    fleet = UdpFleet(make=BlockFleet)
    keys = [key.hex() for key in derive.keys(SECRET, SALT, KID, b"")]
    command = ("full_client", str(fleet.port), *keys)

    try:
        assert runs_in(CLIENT_K, board, *command)
        if pytestconfig.getoption("capture") == "no":
            print(f"\n200 messages and a large one, 64-bit: {smallest_heap_k(CLIENT_K, board, *command)} KiB")
    finally:
        fleet.close()
