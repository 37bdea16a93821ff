# SPDX-License-Identifier: Apache-2.0
"""Counting again what was counted: the same inputs in the same order from a checkpoint on, which give the same counts.

The order in which inputs were counted is the order of their counts. What each reading was counted by is put down too.
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet.api import iso
from fleet.counting.checkpoints import base_of, tally_at
from fleet.counting.counter import BinSetup
from fleet.counting.memory import read_setup
from fleet.counting.tables import CounterCheckpointRow, CounterSetupRow, CountEventRow, CountRow, EvidenceRow
from fleet.counting.tally import Fed, Reading, Tally, Told, Word, feed_reading, feed_word
from fleet.readings.tables import ReadingRow

SAID = ("at_ms", "pieces", "mean", "sd", "lower", "upper", "state", "is_settled", "is_evidence")
"""The columns of a count that say something."""

Said = tuple[tuple[Any, ...], tuple[tuple[str, int], ...]]
"""What a count says: the columns of `SAID`, and the events as (kind, delta)."""


IDS_AT_ONCE = 500

_SAID_COLUMNS = [getattr(CountRow, name) for name in SAID]


class NotKeptError(LookupError):
    """A moment of which too little is kept to count it again. The message says from when on there is enough."""


@dataclass(slots=True)
class Logged:
    """A reading as the log has it."""

    epoch: int
    boot_count: int
    uptime_s: int
    raw: int
    temp_cc: int | None
    received_at_ms: int
    taken_at_ms: int | None


_LOGGED_COLUMNS = [getattr(ReadingRow, name) for name in Logged.__slots__]


@dataclass(slots=True)
class Input:
    """A reading or what somebody said, with the count that was made of it then."""

    count_id: int
    reading: Reading | None
    reading_id: int | None
    word: Word | None
    word_id: int | None
    said: Said


class Setups:
    """What a bin's readings were counted by: from `applied_from_ms` on by `applied`, where given; else as they were.

    What is applied tells nothing of how the device looked and told then: that stays as it was. `before` is by what
    readings before all `rows` were counted, None where nobody knows any more.
    """

    def __init__(
        self,
        rows: Sequence[tuple[int, BinSetup]],
        applied: BinSetup | None = None,
        applied_from_ms: int = 0,
        before: BinSetup | None = None,
    ) -> None:
        self._ids = [reading_id for reading_id, _ in rows]
        self._setups = [setup for _, setup in rows]
        self._applied: list[BinSetup] = []  # in the place of `before`, and of each of the rows
        if applied is not None:
            self._applied = [applied if was is None else applied.sampled_as(was) for was in (before, *self._setups)]
        self._applied_from_ms = applied_from_ms
        self.applied_from_id: int | None = None
        """The first reading counted by `applied`, None: none yet."""

    def feed(self, tally: Tally, each: Input) -> Fed:
        """Gives an input to a tally."""
        if each.word is not None:
            return feed_word(tally, each.word)
        assert each.reading is not None
        assert each.reading_id is not None
        reading_id, at = each.reading_id, bisect_right(self._ids, each.reading_id)
        logged = self._setups[at - 1] if at else tally.setup_given()

        def setup_at(at_ms: int) -> BinSetup:
            if self._applied and (self.applied_from_id is not None or at_ms >= self._applied_from_ms):
                if self.applied_from_id is None:
                    self.applied_from_id = reading_id
                return self._applied[at]
            assert logged is not None, "a reading was counted by something"
            return logged

        return feed_reading(tally, each.reading, setup_at)

    def rows_applied(self) -> list[tuple[int, BinSetup]]:
        """What the readings since `applied_from_id` are counted by, each from a reading on."""
        if self.applied_from_id is None:
            return []
        at = bisect_right(self._ids, self.applied_from_id)
        rows = zip((self.applied_from_id, *self._ids[at:]), self._applied[at:], strict=True)
        return [next(same) for _, same in groupby(rows, key=lambda row: row[1])]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The count of a moment, made again: where it began, what went in, what came out."""

    base: CounterCheckpointRow
    tally: Tally
    inputs: Sequence[Input]
    told: Sequence[Told]

    @property
    def is_as_stored(self) -> bool:
        """Whether every count came out as it was stored, bit for bit."""
        return all(said_of(told) == each.said for told, each in zip(self.told, self.inputs, strict=True))


def replay_at(session: Session, bin_id: int, at_ms: int) -> Replayed:
    """Counts again what a bin held at a moment. Raises NotKeptError."""
    counts = select(CountRow.id).where(CountRow.bin_id == bin_id)
    target = session.scalar(counts.where(CountRow.at_ms <= at_ms).order_by(CountRow.id.desc()).limit(1))
    base = None if target is None else base_of(session, bin_id, target)
    if target is None or base is None:
        raise NotKeptError(_kept_from(session, bin_id))
    inputs = inputs_after(session, bin_id, base.count_id, target)
    setups, tally = Setups(setups_of(session, bin_id)), tally_at(base)
    told = [setups.feed(tally, each).told for each in inputs]
    return Replayed(base, tally, inputs, [each for each in told if each is not None])


def inputs_after(
    session: Session, bin_id: int, count_id: int, up_to: int | None = None, limit: int | None = None
) -> list[Input]:
    """What was counted of a bin after a count, in that order."""
    statement = (
        select(CountRow.id, CountRow.reading_id, CountRow.evidence_id, *_SAID_COLUMNS, *_LOGGED_COLUMNS)
        .outerjoin(ReadingRow, ReadingRow.id == CountRow.reading_id)
        .where(CountRow.bin_id == bin_id, CountRow.id > count_id)
        .order_by(CountRow.id)
    )
    if up_to is not None:
        statement = statement.where(CountRow.id <= up_to)
    if limit is not None:
        statement = statement.limit(limit)
    rows = session.execute(statement).all()
    words = _words(session, [row[2] for row in rows if row[2] is not None])
    events = _events(session, bin_id, [row[1] for row in rows], [row[2] for row in rows])
    split = 3 + len(SAID)
    return [
        Input(
            row[0],
            None if row[1] is None else Logged(*row[split:]),
            row[1],
            words.get(row[2]),
            row[2],
            (tuple(row[3:split]), tuple(events.get((row[1], row[2]), ()))),
        )
        for row in rows
    ]


def setups_of(session: Session, bin_id: int) -> list[tuple[int, BinSetup]]:
    """By what a bin's readings were counted, each from a reading on."""
    statement = (
        select(CounterSetupRow.from_reading_id, CounterSetupRow.setup)
        .where(CounterSetupRow.bin_id == bin_id)
        .order_by(CounterSetupRow.from_reading_id)
    )
    return [(reading_id, read_setup(setup)) for reading_id, setup in session.execute(statement)]


def said_of(told: Told) -> Said:
    """What was told, as `Input.said` has it."""
    count = told.count
    columns = (
        told.at_ms,
        count.pieces,
        count.mean,
        count.sd,
        count.lower,
        count.upper,
        count.state,
        count.is_settled,
        count.is_evidence,
    )
    return columns, tuple((event.kind, event.delta) for event in count.events)


def said_json(told: Told) -> str:
    """The same as text, by name; floats survive it bit for bit."""
    columns, events = said_of(told)
    return json.dumps(dict(zip(SAID, columns, strict=True)) | {"events": events}, separators=(",", ":"))


def _words(session: Session, ids: Sequence[int]) -> dict[int | None, EvidenceRow]:
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(select(EvidenceRow).where(EvidenceRow.id.in_(ids)))}


def _events(
    session: Session, bin_id: int, reading_ids: Sequence[int | None], evidence_ids: Sequence[int | None]
) -> dict[tuple[int | None, int | None], list[tuple[str, int]]]:
    """The events that these showed, by (reading id, evidence id)."""
    events: dict[tuple[int | None, int | None], list[tuple[str, int]]] = {}
    for column, shown_by in ((CountEventRow.reading_id, reading_ids), (CountEventRow.evidence_id, evidence_ids)):
        ids = [one for one in shown_by if one is not None]
        for start in range(0, len(ids), IDS_AT_ONCE):
            statement = (
                select(CountEventRow.reading_id, CountEventRow.evidence_id, CountEventRow.kind, CountEventRow.delta)
                .where(CountEventRow.bin_id == bin_id, column.in_(ids[start : start + IDS_AT_ONCE]))
                .order_by(CountEventRow.id)
            )
            for reading_id, evidence_id, kind, delta in session.execute(statement):
                events.setdefault((reading_id, evidence_id), []).append((kind, delta))
    return events


def _kept_from(session: Session, bin_id: int) -> str:
    oldest = session.scalar(
        select(func.min(CounterCheckpointRow.at_ms)).where(
            CounterCheckpointRow.bin_id == bin_id, ~CounterCheckpointRow.staged
        )
    )
    if oldest is None:
        return "nothing of this bin has been counted that could be counted again; wait for its next reading"
    return f"at: nothing is kept that old; give a moment after {iso(oldest)}"
