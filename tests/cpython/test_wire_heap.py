# SPDX-License-Identifier: Apache-2.0
"""What the wire takes of a device's memory: the report path runs in a small heap and says how small it may be."""

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent.parent
MICROPYTHON = Path(sys.executable).with_name("micropython")
HEAP_KB_MAX = 68


def runs_in(heap_kb: int) -> bool:
    result = subprocess.run(
        [MICROPYTHON, "-X", f"heapsize={heap_kb}k", TOP / "tests/micropython/report_path.py"],
        env={**os.environ, "MICROPYPATH": f"{TOP}/firmware:.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode == 0 and result.stdout.startswith("reports 20 ")


def test_the_report_path_runs_in_a_small_heap() -> None:
    assert runs_in(HEAP_KB_MAX)
    too_small, enough = 4, HEAP_KB_MAX
    assert not runs_in(too_small), "the test would not notice a heap that is too small"
    while enough - too_small > 1:
        middle = (enough + too_small) // 2
        if runs_in(middle):
            enough = middle
        else:
            too_small = middle
    print(f"the report path of the wire runs in a heap of {enough} KB, of {HEAP_KB_MAX} KB allowed")
