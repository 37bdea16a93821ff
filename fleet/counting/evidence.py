# SPDX-License-Identifier: Apache-2.0
"""What people say of bins beside their scales: put down once, however often it is said, and counted by the worker."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, delete, exists, select
from sqlalchemy.orm import Session

from fleet.counting.checkpoints import may_go
from fleet.counting.queries import bin_id
from fleet.counting.tables import CountRewrittenRow, CountRow, EvidenceRow
from fleet.counting.tally import REFILL, STOCKTAKE

__all__ = ["REFILL", "STOCKTAKE", "ChangedWordsError", "Evidence", "forget_old", "put_down"]


class ChangedWordsError(ValueError):
    """A key that was used already now says something else. The message says what it said and what to do."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One word of somebody: `quantity` is pieces of a stocktake, packs of a refill.

    `key` is the sender's own name for it, so that it may be sent again; None when it has none.
    """

    kind: str
    quantity: int
    said_by: str
    note: str = ""
    key: str | None = None


def put_down(session: Session, bin: str, said: Evidence, now_ms: int) -> tuple[EvidenceRow, bool]:
    """Puts down what was said of a bin now; its row, and whether it is new. Under one key a bin is told once.

    Raises UnknownNameError, and ChangedWordsError when the key was used for something else.
    """
    of_bin = bin_id(session, bin)
    if said.key is not None:
        known = session.scalars(
            select(EvidenceRow).where(EvidenceRow.bin_id == of_bin, EvidenceRow.said_key == said.key)
        ).one_or_none()
        if known is not None:
            if (known.kind, known.quantity, known.note) != (said.kind, said.quantity, said.note):
                raise ChangedWordsError(
                    f"was used for a {known.kind} of {known.quantity} already; give each word a key of its own, and "
                    "send one again only with the same content"
                )
            return known, False
    row = EvidenceRow(
        bin_id=of_bin,
        kind=said.kind,
        quantity=said.quantity,
        at_ms=now_ms,
        said_by=said.said_by,
        note=said.note,
        said_key=said.key,
        after_reading_id=None,
    )
    session.add(row)
    session.flush()
    return row, True


def forget_old(session: Session, before_ms: int, limit: int, last_count_id: int) -> int:
    """Deletes at most `limit` words said before a moment, with their counts and events; how many.

    Never one that was not counted, or that is needed to count again what came after that moment; nor one whose count is
    above `last_count_id`, or rewritten, and so still to be passed on.
    """
    count = select(CountRow.id).where(CountRow.evidence_id == EvidenceRow.id)
    is_rewritten = exists().where(CountRewrittenRow.count_id == CountRow.id)
    is_waited_for = count.where((CountRow.id > last_count_id) | is_rewritten.correlate(CountRow)).correlate(EvidenceRow)
    doomed = (
        select(EvidenceRow.id)
        .where(
            EvidenceRow.after_reading_id.is_not(None),
            EvidenceRow.at_ms < before_ms,
            may_go(EvidenceRow, before_ms),
            ~is_waited_for.exists(),
        )
        .order_by(EvidenceRow.id)
        .limit(limit)
    )
    statement = delete(EvidenceRow).where(EvidenceRow.id.in_(doomed)).execution_options(synchronize_session=False)
    return cast(CursorResult[Any], session.execute(statement)).rowcount
