# SPDX-License-Identifier: Apache-2.0
"""The outbox on the very file system of the board, its power cut in the middle of every programming and erasing."""

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")


def test_what_is_kept_survives_a_power_cut_at_every_step_of_littlefs() -> None:
    result = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=2M", "tests/littlefs/power_cut.py"],
        cwd=TOP,
        env={**os.environ, "MICROPYPATH": ".:firmware:.frozen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert int(result.stdout.removeprefix("cuts=")) > 100
