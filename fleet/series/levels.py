# SPDX-License-Identifier: Apache-2.0
"""Points of bins: counts that say something new, and what happened at them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from fleet.counting.counter import OK
from fleet.counting.tables import CountEventRow, CountRewrittenRow, CountRow
from fleet.series import cursors
from fleet.series.flows import HOUR_MS
from fleet.series.model import Point, Value, moment_ns
from fleet.series.places import Tags, tags_of_bins
from fleet.series.schema import BIN_EVENT, BIN_LEVEL


@dataclass(frozen=True, slots=True)
class Levels:
    """Points of counts, how many were looked at, the last of them, and the notes of rewritten ones (ids)."""

    points: Sequence[Point]
    looked_at: int
    up_to: int
    rewritten: Sequence[int]


def collect_levels(session: Session, after_id: int, limit: int) -> Levels:
    """Points of the next counts, and of those that a recount has put in the place of others."""
    notes = session.execute(select(CountRewrittenRow.__table__).order_by(CountRewrittenRow.id).limit(limit)).all()
    kinds_before: dict[int, set[str]] = {}
    for note in notes:
        kinds_before.setdefault(note.count_id, set()).update(filter(None, note.kinds_before.split(",")))
    again = _counts(session, CountRow.id.in_(kinds_before), limit)
    new = _counts(session, CountRow.id > after_id, limit)
    up_to = new[-1].id if new else after_id
    known = tags_of_bins(session, {row.bin_id for row in (*new, *again)})
    events = _events(session, new)
    events_again = _events(session, again)
    points = [
        *(_level(row, known[row.bin_id]) for row in new if row.pieces is not None and is_telling(row)),
        *(_level(row, known[row.bin_id]) for row in again),
        *(point for row in new for point in _happened(row, known[row.bin_id], events.get(row.id, {}))),
        *(
            point  # what is no pick any more takes the place of the pick
            for row in again
            for point in _happened(
                row, known[row.bin_id], dict.fromkeys(kinds_before[row.id], 0) | events_again.get(row.id, {})
            )
        ),
    ]
    return Levels(points, len(new) + len(notes), up_to, [note.id for note in notes])


def first_not_collected(session: Session) -> int | None:
    """The first reading whose count is still to be told, or told again: neither it nor what follows may go."""
    new = (
        select(CountRow.reading_id)
        .where(CountRow.id > last_collected(session), CountRow.reading_id.is_not(None))
        .order_by(CountRow.id)
        .limit(1)
    )
    rewritten = select(func.min(CountRow.reading_id)).join(CountRewrittenRow, CountRewrittenRow.count_id == CountRow.id)
    waiting = [first for first in (session.scalar(new), session.scalar(rewritten)) if first is not None]
    return min(waiting, default=None)


def last_collected(session: Session) -> int:
    """Up to which count all are collected."""
    return cursors.at(session, cursors.COUNTS) or 0


def note_told(session: Session, rewritten: Iterable[int]) -> None:
    """What these notes say is told."""
    session.execute(delete(CountRewrittenRow).where(CountRewrittenRow.id.in_(list(rewritten))))


def is_telling(row: Any) -> bool:
    """Whether a count says anything else than the bin's one before, or is the first of its hour.

    Decided by the counts alone, so that whoever collects them again comes to the same points.
    """
    if row.before_at_ms is None or row.at_ms // HOUR_MS != row.before_at_ms // HOUR_MS:
        return True
    return (row.pieces, row.lower, row.upper, row.state, row.is_evidence) != (
        row.before_pieces,
        row.before_lower,
        row.before_upper,
        row.before_state,
        row.before_is_evidence,
    )


def _counts(session: Session, which: Any, limit: int) -> Sequence[Any]:
    before = aliased(CountRow)
    inner = aliased(CountRow)
    before_id = (
        select(func.max(inner.id)).where(inner.bin_id == CountRow.bin_id, inner.id < CountRow.id).scalar_subquery()
    )
    statement = (
        select(
            CountRow.id,
            CountRow.bin_id,
            CountRow.reading_id,
            CountRow.evidence_id,
            CountRow.at_ms,
            CountRow.pieces,
            CountRow.lower,
            CountRow.upper,
            CountRow.state,
            CountRow.is_evidence,
            before.at_ms.label("before_at_ms"),
            before.pieces.label("before_pieces"),
            before.lower.label("before_lower"),
            before.upper.label("before_upper"),
            before.state.label("before_state"),
            before.is_evidence.label("before_is_evidence"),
        )
        .outerjoin(before, before.id == before_id)
        .where(which)
        .order_by(CountRow.id)
        .limit(limit)
    )
    return session.execute(statement).all()


def _events(session: Session, counts: Sequence[Any]) -> dict[int, dict[str, int]]:
    """The pieces of each kind of event, by count."""
    readings = {row.reading_id: row.id for row in counts if row.reading_id is not None}
    words = {row.evidence_id: row.id for row in counts if row.evidence_id is not None}
    found: dict[int, dict[str, int]] = {}
    for column, ids in ((CountEventRow.reading_id, readings), (CountEventRow.evidence_id, words)):
        statement = select(column, CountEventRow.kind, CountEventRow.delta).where(column.in_(ids))
        for of, kind, delta in session.execute(statement):
            kinds = found.setdefault(ids[of], {})
            kinds[kind] = kinds.get(kind, 0) + delta
    return found


def _level(row: Any, tags: Tags) -> Point:
    fields: dict[str, Value] = {"is_ok": float(row.state == OK), "state": row.state}
    if row.pieces is not None:
        fields["pieces"] = float(row.pieces)
        fields["lower"] = float(row.pieces if row.lower is None else row.lower)
        fields["upper"] = float(row.pieces if row.upper is None else row.upper)
    return Point(BIN_LEVEL.name, tags, moment_ns(row.at_ms, row.id), fields)


def _happened(row: Any, tags: Tags, kinds: Mapping[str, int]) -> list[Point]:
    at_ns = moment_ns(row.at_ms, row.id)
    return [Point(BIN_EVENT.name, (*tags, kind), at_ns, {"delta": float(delta)}) for kind, delta in kinds.items()]
