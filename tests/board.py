# SPDX-License-Identifier: Apache-2.0
"""A board's file system with the firmware on it, compiled."""

from collections.abc import Iterable
from pathlib import Path

from tools.technician import compile
from tools.technician.program import FIRMWARE

MANIFEST = FIRMWARE / "manifest.py"  # runs where an image is made


def compile_to(board: Path, *scripts: Path, sources: Iterable[Path] = ()) -> int:
    """Compiles all of the firmware, or these of its files, and scripts beside it; returns how many bytes it came to."""
    firmware = list(sources) or sorted(set(FIRMWARE.rglob("*.py")) - {MANIFEST})
    return sum(file.stat().st_size for file in compile.compile_to(board, [*firmware, *scripts]))
