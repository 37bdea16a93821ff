# SPDX-License-Identifier: Apache-2.0
"""Which files of the firmware a device needs: found by following imports from those that start it."""

import ast
from collections.abc import Iterator
from pathlib import Path

FIRMWARE = Path(__file__).parents[2] / "firmware"  # of a checkout: an installed Kanbin has none
STARTERS = ("boot.py", "main.py")  # MicroPython runs these two from their sources alone
BOARDS = tuple(sorted(file.stem for file in (FIRMWARE / "boards").glob("esp32*.py")))
OTHERS_OF = {
    "weigh_bin": ("apps/rfid_reader_parts.py", "device/parse_reader.py"),
    "rfid_reader": ("apps/weigh_bin_parts.py", "apps/sleeping_bin.py"),
}


def program(app: str, board: str) -> list[Path]:
    """The sources of an app of OTHERS_OF on a board of BOARDS, late imports and the packages around them too, in order.

    Raises ValueError for another name, FileNotFoundError without a checkout.
    """
    for name, allowed, value in (("app", tuple(OTHERS_OF), app), ("board", BOARDS, board)):
        if value not in allowed:
            raise ValueError(f"--{name}: there is no {value!r}; choose one of {', '.join(allowed)}")
    left_out = {FIRMWARE / name for name in OTHERS_OF[app]}
    found: set[Path] = set()
    waiting = [FIRMWARE / root for root in (*STARTERS, f"boards/{board}.py")]  # the settings name the board
    while waiting:
        path = waiting.pop()
        if path in found or path in left_out:
            continue
        found.add(path)
        package = path.parent / "__init__.py"
        waiting += [package] if package.exists() else []
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
