# SPDX-License-Identifier: Apache-2.0
"""The outbox on the very file system of the board: cut off in the middle of every step of writing, and full."""

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")


def run(script: str) -> str:
    result = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=2M", f"tests/littlefs/{script}"],
        cwd=TOP,
        env={**os.environ, "MICROPYPATH": f"{TOP}:{TOP}/firmware:.frozen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_what_is_kept_survives_a_power_cut_at_every_step_of_littlefs() -> None:
    assert int(run("power_cut.py").removeprefix("cuts=")) > 100


def test_a_littlefs_without_room_keeps_the_newest_readings_and_refuses_none() -> None:
    assert int(run("full.py").removeprefix("dropped=")) > 1000
