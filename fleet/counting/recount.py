# SPDX-License-Identifier: Apache-2.0
"""Counting bins again, chunk by chunk, while live counting goes on; what is in force now can be applied backwards.

A bin is counted from a checkpoint up to its newest count. Progress is kept after every chunk, so that it can be
interrupted at any instant and continued. Nothing of it is in force before the very end: then, in one short
transaction, the bin goes on with the new counter, the ledger gets one adjustment, and what else the bin is counted
from is put in place. The counts of the past are rewritten after that, by whoever comes first, this or the worker.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.orm import Session

from fleet.counting import checkpoints, store
from fleet.counting.checkpoints import CHECKPOINT_EVERY_MS, put, tally_at
from fleet.counting.memory import read_setup, setup_json
from fleet.counting.queries import bin_id
from fleet.counting.replay import Input, Setups, inputs_after, said_json, said_of, setups_of
from fleet.counting.service import LevelsOf, no_levels, with_packs
from fleet.counting.tables import (
    BinRow,
    CalibrationRow,
    CounterCheckpointRow,
    CounterSetupRow,
    CounterStateRow,
    CountRow,
    RecountedRow,
    RecountRow,
)
from fleet.counting.tally import Tally
from fleet.counting.turn import keep
from fleet.db import read, write
from fleet.stock.model import Cause
from fleet.stock.service import book_count_change, note_evidence

COUNTS_A_CHUNK = 5_000  # a fraction of a second: so much is lost when it is interrupted, so long Ctrl-C may take
COUNTING = "counting"
REWRITING = "rewriting"
DONE = "done"


class RecountError(ValueError):
    """This recount cannot be; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be counted again: these bins (none: all) since a moment; `is_apply`: by what is in force now."""

    bins: Sequence[str] = ()
    since_ms: int | None = None
    is_apply: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing was asked in particular."""
        return not self.bins and self.since_ms is None and not self.is_apply


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one bin is. `total` may grow while it goes on counting live."""

    bin_id: int
    bin: str
    phase: str
    total: int
    counted: int
    differing: int


def begin(engine: Engine, asked: Asked, now_ms: int, levels_of: LevelsOf = no_levels) -> list[Progress]:
    """Begins a recount, or goes on with the unfinished one when that is what is asked. Raises RecountError.

    Raises UnknownNameError for a bin that is not there.
    """
    with read(engine) as session:
        ids = [bin_id(session, name) for name in asked.bins]
        ids = ids or list(session.scalars(select(BinRow.id).order_by(BinRow.id)))
        unfinished = session.scalars(select(RecountRow)).all()
        is_asked = asked.is_open or _is_the_same(session, unfinished, asked, ids)
        is_ended = all(row.phase == DONE for row in unfinished)
        if unfinished and not is_asked and not is_ended:
            raise RecountError(
                "another recount is unfinished: go on with it by `kanbin recount` alone, or drop it by adding --anew"
            )
        if unfinished and is_asked and (asked.is_open or not is_ended):
            return progress(session)
        if asked.is_apply and asked.since_ms is None:
            raise RecountError("--since: is missing; give the moment since when what is in force now has been true")
        begun = [_begun(session, one, asked.since_ms, asked.is_apply, now_ms, levels_of) for one in ids]
        if unfinished and is_asked and _setups(unfinished) == _setups(begun):
            return progress(session)  # it has ended, and nobody was told
    drop(engine)
    with write(engine) as session:
        for row in begun:
            if row is not None and session.get(CounterCheckpointRow, row.base_id) is not None:
                session.add(row)
        session.flush()
        return progress(session)


def progress(session: Session) -> list[Progress]:
    """How far the recount is, bin by bin."""
    statement = select(RecountRow, BinRow.bin).join(BinRow, BinRow.id == RecountRow.bin_id).order_by(RecountRow.bin_id)
    return [
        Progress(row.bin_id, bin, row.phase, row.total, row.counted, row.differing)
        for row, bin in session.execute(statement)
    ]


def bins_recounted(session: Session) -> set[int]:
    """The bins whose readings a recount still needs."""
    return set(session.scalars(select(RecountRow.bin_id).where(RecountRow.phase != DONE)))


def drop(engine: Engine, touched_before_ms: int | None = None) -> int:
    """Forgets recounts that are not in force (untouched since a moment, if given), or done; how many bins'."""
    statement = select(RecountRow.bin_id).where(RecountRow.phase != REWRITING)
    if touched_before_ms is not None:
        statement = statement.where(RecountRow.touched_at_ms < touched_before_ms)
    with read(engine) as session:
        ids = list(session.scalars(statement))
    for one in ids:
        with write(engine) as session:
            row = session.get(RecountRow, one)
            if row is not None and row.phase != REWRITING:
                _drop_bin(session, one)
    return len(ids)


def recount_some(engine: Engine, bin_id: int, now_ms: int, levels_of: LevelsOf = no_levels) -> tuple[int, bool]:
    """Counts the next chunk of a bin again: how many counts, and whether there are more. At the newest it ends.

    Raises RecountError when another process is at the same bin.
    """
    with read(engine) as session:
        row = session.get_one(RecountRow, bin_id)
        inputs = inputs_after(session, bin_id, row.count_id, limit=COUNTS_A_CHUNK)
        applied = None if row.setup is None else read_setup(row.setup)
        before = tally_at(session.get_one(CounterCheckpointRow, row.base_id)).setup_given()
        setups = Setups(setups_of(session, bin_id), applied, row.since_ms, before)
        setups.applied_from_id = row.applied_from_id
    at_count_id, tally = row.count_id, tally_at(row)
    made = _Chunk(row.checkpoint_at_ms)
    made.count(tally, setups, inputs)
    with write(engine) as session:
        row = session.get_one(RecountRow, bin_id, with_for_update=True)
        if row.count_id != at_count_id or row.phase != COUNTING:
            raise RecountError("somebody else is counting the same bins again just now; let that end")
        if _has_begun_since(session, row):  # it holds another item by now, or is at another place
            is_apply, since_ms = row.setup is not None, row.since_ms
            _drop_bin(session, bin_id)
            begun = _begun(session, bin_id, since_ms, is_apply, now_ms, levels_of)
            if begun is not None:
                session.add(begun)
            return 0, begun is not None
        made.put_down(session, row)
        put(row, tally)
        row.applied_from_id, row.touched_at_ms = setups.applied_from_id, now_ms
        if checkpoints.newest_counts(session, [bin_id])[bin_id] <= row.count_id:
            row.phase = DONE if row.setup is None else REWRITING
            if row.setup is not None:
                _put_in_force(session, row, tally, setups, now_ms)
        return len(inputs), row.phase == COUNTING


class _Chunk:
    """What came of some inputs: counts that came out otherwise, and checkpoints that are due again."""

    def __init__(self, checkpoint_at_ms: int) -> None:
        self._checkpoint_at_ms = checkpoint_at_ms
        self._differing: list[dict[str, object]] = []
        self._checkpoints: list[tuple[int, int, Tally]] = []
        self._inputs: Sequence[Input] = ()

    def count(self, tally: Tally, setups: Setups, inputs: Sequence[Input]) -> None:
        """Feeds them to the tally."""
        self._inputs = inputs
        for each in inputs:
            told = setups.feed(tally, each).told
            if told is not None and said_of(told) != each.said:
                self._differing.append({"count_id": each.count_id, "said": said_json(told)})
            newest_at_ms = tally.memory.newest_at_ms
            if newest_at_ms is not None and newest_at_ms - self._checkpoint_at_ms >= CHECKPOINT_EVERY_MS:
                self._checkpoint_at_ms = newest_at_ms
                self._checkpoints.append((each.count_id, newest_at_ms, tally.copy()))

    def put_down(self, session: Session, row: RecountRow) -> None:
        """Writes them beside what is in force, with how far it has come."""
        row.counted += len(self._inputs)
        row.differing += len(self._differing)
        row.total = max(row.total, row.counted)
        if self._inputs:
            row.count_id = self._inputs[-1].count_id
        if row.setup is None:
            return
        if self._differing:
            session.execute(insert(RecountedRow), [each | {"bin_id": row.bin_id} for each in self._differing])
        for count_id, at_ms, tally in self._checkpoints:
            checkpoints.add(session, row.bin_id, count_id, at_ms, tally, staged=True)
        row.checkpoint_at_ms = self._checkpoint_at_ms


def _begun(
    session: Session, bin_id: int, since_ms: int | None, is_apply: bool, now_ms: int, levels_of: LevelsOf
) -> RecountRow | None:
    """The row of a recount that begins, None when the bin has not been counted yet, or not since it was moved."""
    base = _base(session, bin_id, since_ms)
    bins = store.bins_of(session, (), (bin_id,))
    if base is None or not bins or session.get(CounterStateRow, bin_id) is None:
        return None
    bin = with_packs(bins[0], levels_of(session, {bins[0].pair}).get(bins[0].pair))
    total = session.scalar(
        select(func.count()).select_from(CountRow).where(CountRow.bin_id == bin_id, CountRow.id > base.count_id)
    )
    return RecountRow(
        bin_id=bin_id,
        phase=COUNTING,
        since_ms=base.at_ms if since_ms is None else since_ms,
        setup=setup_json(bin.newest_setup) if is_apply else None,
        base_id=base.id,
        count_id=base.count_id,
        total=total or 0,
        counted=0,
        differing=0,
        touched_at_ms=now_ms,
        checkpoint_at_ms=base.at_ms,
        state=base.state,
        counter=base.counter,
        pieces=base.pieces,
    )


def _base(session: Session, bin_id: int, since_ms: int | None) -> CounterCheckpointRow | None:
    """Where to begin: the newest checkpoint before a moment, or the oldest kept; never before the bin's beginning."""
    of_bin = select(CounterCheckpointRow).where(CounterCheckpointRow.bin_id == bin_id, ~CounterCheckpointRow.staged)
    rows = session.scalars(of_bin.order_by(CounterCheckpointRow.count_id, CounterCheckpointRow.id)).all()
    begun = max((index for index, row in enumerate(rows) if row.begins), default=0)
    rows = rows[begun:]
    early = [row for row in rows if since_ms is not None and row.at_ms <= since_ms]
    return early[-1] if early else rows[0] if rows else None


def _is_the_same(session: Session, rows: Sequence[RecountRow], asked: Asked, ids: Sequence[int]) -> bool:
    counted = {one for one in ids if _base(session, one, None) is not None}
    is_since = asked.since_ms is None or all(row.since_ms == asked.since_ms for row in rows)
    is_apply = all((row.setup is not None) == asked.is_apply for row in rows)
    return is_since and is_apply and {row.bin_id for row in rows} == counted


def _setups(rows: Iterable[RecountRow | None]) -> dict[int, str | None]:
    """What is to be applied to each bin."""
    return {row.bin_id: row.setup for row in rows if row is not None}


def _has_begun_since(session: Session, row: RecountRow) -> bool:
    newest = select(func.max(CounterCheckpointRow.id)).where(
        CounterCheckpointRow.bin_id == row.bin_id, CounterCheckpointRow.begins
    )
    is_released = session.get(CounterStateRow, row.bin_id) is None
    return is_released or (session.scalar(newest) or 0) > row.base_id


def _put_in_force(session: Session, row: RecountRow, tally: Tally, setups: Setups, now_ms: int) -> None:
    """From here on the bin is counted as if what is applied had been true since the moment asked for."""
    bin, state = session.get_one(BinRow, row.bin_id), session.get_one(CounterStateRow, row.bin_id, with_for_update=True)
    pair = (bin.item_id, bin.stocking_location_id)
    booked = state.pieces
    tally.pieces = booked if tally.pieces is None else tally.pieces
    delta = (tally.pieces or 0) - (booked or 0)
    if delta:
        book_count_change(session, *pair, delta, now_ms, bin.id, f"{bin.bin}/recount", Cause.RESCALED)
    keep(state, tally)
    state.checkpoint_at_ms = row.checkpoint_at_ms
    note_evidence(session, *pair, in_doubt=True, order_due=False)  # until the bin is heard again
    base = session.get_one(CounterCheckpointRow, row.base_id)
    of_bin = CounterCheckpointRow.bin_id == row.bin_id
    session.execute(
        delete(CounterCheckpointRow).where(
            of_bin, CounterCheckpointRow.count_id > base.count_id, ~CounterCheckpointRow.staged
        )
    )
    session.execute(update(CounterCheckpointRow).where(of_bin, CounterCheckpointRow.staged).values(staged=False))
    version = _backdate_calibration(session, row)
    if row.applied_from_id is not None:
        of_bin = CounterSetupRow.bin_id == row.bin_id
        session.execute(delete(CounterSetupRow).where(of_bin, CounterSetupRow.from_reading_id >= row.applied_from_id))
        for reading_id, setup in setups.rows_applied():
            session.add(
                CounterSetupRow(
                    bin_id=row.bin_id,
                    from_reading_id=reading_id,
                    calibration_version=version,
                    setup=setup_json(setup),
                )
            )
    session.flush()


def _backdate_calibration(session: Session, row: RecountRow) -> int:
    """The newest calibration becomes another version of its own that was in force since the moment; which version."""
    newest = session.scalars(
        select(CalibrationRow).where(CalibrationRow.bin_id == row.bin_id).order_by(CalibrationRow.version.desc())
    ).first()
    assert newest is not None
    if newest.from_at_ms <= row.since_ms:
        return newest.version
    session.add(
        CalibrationRow(
            bin_id=row.bin_id,
            version=newest.version + 1,
            tare_raw=newest.tare_raw,
            counts_per_gram=newest.counts_per_gram,
            from_at_ms=row.since_ms,
        )
    )
    return newest.version + 1


def _drop_bin(session: Session, bin_id: int) -> None:
    session.execute(delete(RecountedRow).where(RecountedRow.bin_id == bin_id))
    session.execute(
        delete(CounterCheckpointRow).where(CounterCheckpointRow.bin_id == bin_id, CounterCheckpointRow.staged)
    )
    session.execute(delete(RecountRow).where(RecountRow.bin_id == bin_id))
