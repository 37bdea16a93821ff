# SPDX-License-Identifier: Apache-2.0
"""Runs every portable test file again on MicroPython, each in an interpreter of its own with a small heap.

Portable is whatever lies in tests/wire, tests/device and tests/drivers. What needs CPython lies in tests/cpython.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
MICROPYTHON = Path(sys.executable).with_name("micropython")
PORTABLE = sorted(
    str(path.relative_to(TOP)) for room in ("wire", "device", "drivers") for path in TOP.glob(f"tests/{room}/test_*.py")
)


def run(*paths: str, folder: Path = TOP) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MICROPYTHON, "-X", "heapsize=512k", TOP / "tests/run_micropython.py", *paths],
        cwd=folder,
        env={**os.environ, "MICROPYPATH": ".frozen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("path", PORTABLE)
def test_a_portable_test_file_passes_on_micropython(path: str) -> None:
    result = run(path)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.rstrip().endswith(" passed, 0 failed")


def test_a_failing_test_makes_the_run_fail(tmp_path: Path) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text("def test_that_fails():\n    assert 1 == 2\n\n\ndef test_that_passes():\n    assert 1 == 1\n")

    result = run(failing.name, folder=tmp_path)

    assert result.returncode == 1
    assert "FAILED" in result.stdout
    assert result.stdout.rstrip().endswith("1 passed, 1 failed")


def test_a_run_without_tests_is_no_success(tmp_path: Path) -> None:
    assert run().returncode == 1
