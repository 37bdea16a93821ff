# SPDX-License-Identifier: Apache-2.0
"""The outbox on the very file system of the board: cut off at every step of writing, and full."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
WORKLOADS = ("full", "gaps", "thinned", "roomy", "together")
READINGS = 130  # of each workload, or rounds of some


def run(script: str, *arguments: str | int, firmware: Path = TOP / "firmware") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MICROPYTHON, "-X", "heapsize=8M", f"tests/littlefs/{script}", *map(str, arguments)],
        cwd=TOP,
        env={**os.environ, "MICROPYPATH": f"{TOP}:{firmware}:.frozen"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def figures(result: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Of the last line a script said."""
    assert result.returncode == 0, result.stdout + result.stderr
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", result.stdout)}


def test_what_was_promised_survives_a_power_cut_at_every_step_of_littlefs(capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda workload: figures(run("power_cut.py", workload, READINGS)), WORKLOADS)
        found = dict(zip(WORKLOADS, results, strict=True))

    with capsys.disabled():
        print(f"\npower cuts: {sum(each['cuts'] for each in found.values())}, by workload {found}")
    assert sum(each["cuts"] for each in found.values()) >= 10_000
    assert (found["roomy"]["thinned"], found["roomy"]["dropped"]) == (0, 0)
    assert found["thinned"]["thinned"] > 50
    assert min(found[workload]["dropped"] for workload in ("gaps", "full")) > 10


@pytest.mark.parametrize("workload", WORKLOADS)
def test_without_the_flush_that_test_fails(workload: str, tmp_path: Path) -> None:
    """And so does whoever takes it out: closing a file flushes it as well, but the one appended to stays open."""
    firmware = tmp_path / "firmware"
    shutil.copytree(TOP / "firmware", firmware, ignore=shutil.ignore_patterns("__pycache__"))
    driver = firmware / "drivers/flash.py"
    kept = [line for line in driver.read_text().splitlines(True) if "flush()" not in line]
    assert len(kept) == len(driver.read_text().splitlines()) - 1
    driver.write_text("".join(kept))

    result = run("power_cut.py", workload, 10, firmware=firmware)

    assert result.returncode == 1
    assert "AssertionError: lost" in result.stdout + result.stderr


def test_a_littlefs_without_room_refuses_no_reading_and_says_which_it_lost() -> None:
    assert figures(run("full.py"))["lost"] > 300


def test_a_block_that_cannot_be_read_loses_no_reading_but_those_in_it_wherever_the_power_is_cut() -> None:
    assert figures(run("unreadable.py"))["cuts"] > 400
