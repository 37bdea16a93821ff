# SPDX-License-Identifier: Apache-2.0
"""The boards, a file each: every file here has a function `board`, and by that alone is one of them."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from dashboards.board import Board


def all_boards() -> Iterator[Board]:
    """Every board, by the names of their files."""
    for name in sorted(module.name for module in iter_modules(__path__)):
        board: Board = import_module(f"{__name__}.{name}").board()
        yield board
