# SPDX-License-Identifier: Apache-2.0
"""Runs every portable test file again on MicroPython, each in an interpreter of its own, of 64 bits and of 32.

Portable is whatever lies in tests/wire, tests/device and tests/drivers. What needs CPython lies in tests/cpython. Of
floats both have doubles, where a board's are single: firmware has none.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup.web_assets import node_command

TOP = Path(__file__).parent.parent
MICROPYTHON = Path(sys.executable).with_name("micropython")
PORTABLE = sorted(
    str(path.relative_to(TOP)) for room in ("wire", "device", "drivers") for path in TOP.glob(f"tests/{room}/test_*.py")
)
ON_64_BITS = (MICROPYTHON, "-X", "heapsize=1M", TOP / "tests/run_micropython.py")
ON_32_BITS = (node_command(), TOP / "tests/run_wasm32.mjs", "tests/run_micropython.py")

FAILING = "def test_that_fails():\n    assert 1 == 2\n\n\ndef test_that_passes():\n    assert 1 == 1\n"


def run(*paths: str, on: tuple[str | Path, ...] = ON_64_BITS, folder: Path = TOP) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*on, *paths],
        cwd=folder,
        env={**os.environ, "MICROPYPATH": ".frozen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("on", [ON_64_BITS, ON_32_BITS], ids=["64-bit", "32-bit"])
@pytest.mark.parametrize("path", PORTABLE)
def test_a_portable_test_file_passes_on_micropython(path: str, on: tuple[str | Path, ...]) -> None:
    result = run(path, on=on)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.rstrip().endswith(" passed, 0 failed")


def test_a_failing_test_makes_the_run_fail(tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING)

    result = run("test_failing.py", folder=tmp_path)

    assert result.returncode == 1
    assert "FAILED" in result.stdout
    assert result.stdout.rstrip().endswith("1 passed, 1 failed")


def test_a_failing_test_makes_the_run_on_32_bits_fail(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/run_micropython.py").write_text((TOP / "tests/run_micropython.py").read_text())
    (tmp_path / "tests/test_failing.py").write_text(FAILING)

    result = run("tests/test_failing.py", on=ON_32_BITS, folder=tmp_path)

    assert result.returncode == 1
    assert result.stdout.rstrip().endswith("1 passed, 1 failed")


def test_a_run_without_tests_is_no_success(tmp_path: Path) -> None:
    assert run().returncode == 1
