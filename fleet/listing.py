# SPDX-License-Identifier: Apache-2.0
"""How the rooms read lists: page by page in the order of the key, filtered by names that must exist."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

ROWS_MAX = 1000
KNOWN_MAX = 10

Reader = Callable[[], AbstractContextManager[Session]]
"""Opens a session on one snapshot, for reading only: `fleet.db.read` with its engine filled in."""


class UnknownNameError(LookupError):
    """A filter names what does not exist; says what there is (`known`, cut at 10) and what `lists` them all."""

    def __init__(self, field: str, name: str, known: Sequence[str], lists: str) -> None:
        shown = ", ".join(known[:KNOWN_MAX]) + (", ..." if len(known) > KNOWN_MAX else "")
        there_are = f"there are: {shown}" if known else "there are none yet"
        super().__init__(f'no such {field.replace("_", " ")} "{name}"; {there_are}; /api/v1/{lists} lists all')
        self.field = field


class Page(NamedTuple):
    """Rows in the order of their key. `next` is the key to go on after, null when nothing follows now."""

    rows: Sequence[Any]
    next: int | None


def read_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    key: InstrumentedAttribute[int],
    *,
    limit: int,
    after: int | None = None,
    newest: bool = False,
) -> Page:
    """At most `limit` rows of `statement` with key above `after`: the first ones, or the last ones when `newest`.

    The statement must select `key` under the name `id`. Rows come in ascending order either way.
    """
    if after is not None:
        statement = statement.where(key > after)
    if newest:
        rows = session.execute(statement.order_by(key.desc()).limit(limit)).all()
        return Page(rows[::-1], None)
    rows = session.execute(statement.order_by(key).limit(limit + 1)).all()
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


PairKey = tuple[int, int]
"""(item id, stocking location id): the order in which what belongs to such a pair is listed."""


class PairPage(NamedTuple):
    """Rows in the order of their pair. `next` is the pair to go on after, null when nothing follows now."""

    rows: Sequence[Any]
    next: PairKey | None


def read_pair_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    item_id: InstrumentedAttribute[int],
    location_id: InstrumentedAttribute[int],
    *,
    limit: int,
    after: PairKey | None,
) -> PairPage:
    """At most `limit` rows of `statement`, which selects both columns under these names, with pairs above `after`."""
    if after is not None:
        next_location = and_(item_id == after[0], location_id > after[1])
        statement = statement.where(or_(item_id > after[0], next_location))
    rows = session.execute(statement.order_by(item_id, location_id).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return PairPage(rows[:limit], (last.item_id, last.stocking_location_id) if last else None)


def find_id(session: Session, name_column: InstrumentedAttribute[str], name: str, lists: str) -> int:
    """The id of the row that has this name. Raises UnknownNameError; the field is called as the column is."""
    id_column: ColumnElement[int] = name_column.class_.id
    found = session.execute(select(id_column).where(name_column == name)).scalar_one_or_none()
    if found is None:
        known = session.execute(select(name_column).order_by(name_column).limit(KNOWN_MAX + 1)).scalars().all()
        raise UnknownNameError(name_column.key, name, known, lists)
    return found
