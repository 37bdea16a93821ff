# SPDX-License-Identifier: Apache-2.0
"""The report paths of a bin and of a reader run in small heaps; a board's words are half as wide as those here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from wire.paths import TAGS

from tests.board import compile_to
from tests.fakes.udp_fleet import UdpFleet

TOP = Path(__file__).parents[2]
FIRMWARE = TOP / "firmware"
REPORT_PATH = TOP / "tests/heap/report_path.py"
READER_PATH = TOP / "tests/heap/reader_path.py"
MICROPYTHON = Path(sys.executable).with_name("micropython")
FROM_MPY_K = 64  # an ESP32 starts with 64 and may grow to 160, of words half as wide
FROM_SOURCE_K = 69
RENEWING_K = {"from_mpy": 68, "from_source": 78}
READER_K = 120  # an ESP32 has 160, of half as wide a word
READINGS = 300
EVENTS = 200


@pytest.fixture
def fleet() -> Iterator[UdpFleet]:
    fleet = UdpFleet()
    yield fleet
    fleet.close()


@pytest.fixture(scope="module")
def from_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board's file system with the sources of the firmware on it."""
    board = tmp_path_factory.mktemp("board") / "source"
    shutil.copytree(FIRMWARE, board, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(REPORT_PATH, board)
    return board


@pytest.fixture(scope="module")
def from_mpy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board's file system with the firmware compiled."""
    board = tmp_path_factory.mktemp("board") / "mpy"
    compile_to(board, REPORT_PATH, READER_PATH)
    return board


def run(
    board: Path, heap_k: int, port: int, *more: str, path: str = "report_path", count: int = READINGS
) -> subprocess.CompletedProcess[str]:
    """In the board's own folder, as on a board: the path of every file takes memory, too."""
    for folder in ("state", "outbox"):
        shutil.rmtree(board / folder, ignore_errors=True)
    return subprocess.run(
        [MICROPYTHON, "-X", f"heapsize={heap_k}k", "-m", path, str(port), str(count), *more],
        cwd=board,
        env={**os.environ, "MICROPYPATH": ":.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def smallest_heap_k(board: Path, enough: int, port: int) -> int:
    too_small = 16
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        if run(board, middle, port).returncode == 0:
            enough = middle
        else:
            too_small = middle
    return enough


@pytest.mark.parametrize(("made_from", "heap_k"), [("from_mpy", FROM_MPY_K), ("from_source", FROM_SOURCE_K)])
def test_the_report_path_runs_in_a_small_heap(
    made_from: str, heap_k: int, fleet: UdpFleet, request: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> None:
    board = request.getfixturevalue(made_from)

    result = run(board, heap_k, fleet.port)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith(f"acked={READINGS} ")
    assert 500 < fleet.longest <= 800  # sixty readings in each message
    if pytestconfig.getoption("capture") == "no":
        smallest = smallest_heap_k(board, heap_k, fleet.port)
        print(f"\nsmallest heap of the report path, 64-bit, {made_from}: {smallest} KiB; {result.stdout.rstrip()}")


@pytest.mark.parametrize("made_from", RENEWING_K)
def test_a_device_without_oscore_state_gets_new_keys_in_hardly_more(
    made_from: str, fleet: UdpFleet, request: pytest.FixtureRequest
) -> None:
    result = run(request.getfixturevalue(made_from), RENEWING_K[made_from], fleet.port, "lost")

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith(f"acked={READINGS} ")


def test_a_reader_with_as_many_tags_as_have_a_place_runs_in_what_the_heap_may_grow_to(
    from_mpy: Path, fleet: UdpFleet
) -> None:
    result = run(from_mpy, READER_K, fleet.port, path="reader_path", count=EVENTS)

    assert result.returncode == 0, result.stdout + result.stderr
    assert {path for path, _ in fleet.posted} == {TAGS}
