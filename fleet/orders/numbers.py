# SPDX-License-Identifier: Apache-2.0
"""Order numbers: counted in the database, and never lower than what has left the house, whatever was restored."""

import re
from pathlib import Path

from sqlalchemy import Engine

from fleet.db import write
from fleet.orders import store
from fleet.orders.files import replace_whole

MARK = ".highest-order-no"  # in the orders folder: it stays when order files are collected and the database is restored
_NUMBER = re.compile(r"RO-(\d{6,12})(\.json)?\s*", re.ASCII)


def spell(number: int) -> str:
    """The number as everybody sees it: RO-000001."""
    return f"RO-{number:06d}"


def continue_numbers(engine: Engine, folder: Path) -> int:
    """Goes on above the highest order that the database or the orders folder knows of; call it before the first order.

    A database restored from a backup has forgotten the orders made since; their files, and the mark that stays when
    files are collected, have not. A folder that cannot be read says nothing. Returns the highest number.
    """
    highest = max([_marked(folder), *(_number(path.name) for path in folder.glob("RO-*.json"))])
    with write(engine) as session:
        return store.raise_highest_number(session, highest)


def mark_number(folder: Path, number: int) -> None:
    """Notes in the folder that this number is used; call it before the order leaves. Raises OSError."""
    if number > _marked(folder):
        replace_whole(folder / MARK, f"{spell(number)}\n".encode())


def _marked(folder: Path) -> int:
    try:
        return _number((folder / MARK).read_text(encoding="ascii", errors="replace"))
    except OSError:
        return 0


def _number(name: str) -> int:
    """The number in a name, 0 when it is none of ours."""
    match = _NUMBER.fullmatch(name)
    return 0 if match is None else int(match[1])
