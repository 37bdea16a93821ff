# SPDX-License-Identifier: Apache-2.0
"""Puts what a recount found in the place of the counts of the past, some at a time, once the recount is in force."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from fleet.counting.tables import CountEventRow, CountRewrittenRow, CountRow, RecountedRow, RecountRow


def rewrite_some(session: Session, limit: int) -> int:
    """Rewrites the newest counts first, since people look at those; how many. A bin without any left is done."""
    statement = (
        select(RecountedRow, CountRow.reading_id, CountRow.evidence_id)
        .join(CountRow, CountRow.id == RecountedRow.count_id)
        .join(RecountRow, RecountRow.bin_id == RecountedRow.bin_id)
        .where(RecountRow.phase == "rewriting")
        .order_by(RecountedRow.count_id.desc())
        .limit(limit)
    )
    rows = session.execute(statement).all()
    kinds = _kinds_of_events(session, rows)
    told = []
    for recounted, reading_id, evidence_id in rows:
        said = json.loads(recounted.said)
        events = said.pop("events")
        session.execute(update(CountRow).where(CountRow.id == recounted.count_id).values(said))
        of = {"reading_id": reading_id, "evidence_id": evidence_id, "bin_id": recounted.bin_id, "at_ms": said["at_ms"]}
        old = (
            CountEventRow.reading_id == reading_id if evidence_id is None else CountEventRow.evidence_id == evidence_id
        )
        kinds_before = ",".join(sorted(kinds[reading_id, evidence_id]))
        told.append({"count_id": recounted.count_id, "kinds_before": kinds_before})
        session.execute(delete(CountEventRow).where(old))
        if events:
            session.execute(insert(CountEventRow), [of | {"kind": kind, "delta": delta} for kind, delta in events])
    done = [recounted.count_id for recounted, _, _ in rows]
    if told:  # for those who have passed the old ones on
        session.execute(insert(CountRewrittenRow), told)
    session.execute(delete(RecountedRow).where(RecountedRow.count_id.in_(done)))
    has_more = select(RecountedRow.count_id).where(RecountedRow.bin_id == RecountRow.bin_id).exists()
    session.execute(
        update(RecountRow)
        .where(RecountRow.phase == "rewriting", ~has_more)
        .values(phase="done")
        .execution_options(synchronize_session=False)
    )
    return len(rows)


def _kinds_of_events(session: Session, rows: Sequence[Any]) -> dict[tuple[int | None, int | None], set[str]]:
    """The kinds of events at these counts, by reading and evidence."""
    columns = (CountEventRow.reading_id, CountEventRow.evidence_id, CountEventRow.kind)
    readings, words = ({row[place] for row in rows} - {None} for place in (1, 2))
    statement = select(*columns).where(
        or_(CountEventRow.reading_id.in_(readings), CountEventRow.evidence_id.in_(words))
    )
    found = defaultdict[tuple[int | None, int | None], set[str]](set)
    for reading_id, evidence_id, kind in session.execute(statement):
        found[reading_id, evidence_id].add(kind)
    return found
