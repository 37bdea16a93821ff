# SPDX-License-Identifier: Apache-2.0
"""Counting as a use case: new readings of the log become counts, and settled changes go to the ledger, once each."""

import json
import logging
from typing import Any

from sqlalchemy.orm import Session

from fleet.counting import store
from fleet.counting.counter import UNCERTAIN, Count, Reading
from fleet.counting.store import CountedBin
from fleet.counting.tables import BinRow, CounterStateRow
from fleet.counting.tally import Tally, is_in_doubt, read_memory
from fleet.readings.tables import ReadingRow
from fleet.stock.model import Cause
from fleet.stock.service import book_count_change, note_doubt
from fleet.stock.store import Pair

_log = logging.getLogger("kanbin.counting")


def count_new_readings(session: Session, now_ms: int, limit: int) -> tuple[set[Pair], int]:
    """Counts the next `limit` readings of the log and books what changed; all of it in the caller's transaction.

    The cursor moves in that transaction too, so a reading is counted exactly once whatever crashes. Returns the pairs
    (item_id, stocking_location_id) that were heard of, and how many readings were taken.
    """
    cursor = store.cursor(session)
    readings = store.readings_after(session, cursor.last_reading_id, limit)
    if not readings:
        return set(), 0
    bins = store.bins_of(session, {(reading.device_id, reading.channel) for reading in readings})
    rows = store.remembered(session, [bin.id for bin in bins.values()])
    tallies = {bin.id: _tally(rows.get(bin.id)) for bin in bins.values()}
    counts = []
    for reading in readings:
        bin = bins.get((reading.device_id, reading.channel))
        if bin is not None:
            counts.append(_count(session, bin, tallies[bin.id], reading))
    store.add_counts(session, counts)
    for bin_id, tally in tallies.items():
        _save(session, bin_id, rows.get(bin_id), tally)
    cursor.last_reading_id = readings[-1].id
    session.flush()
    pairs = {bin.pair for bin in bins.values()}
    for pair, texts in store.memories_by_pair(session, pairs).items():
        memories = [None if text is None else read_memory(text) for text in texts]
        note_doubt(session, *pair, is_in_doubt(memories, now_ms))
    return pairs, len(readings)


def release_bin(session: Session, bin_id: int, at_ms: int) -> None:
    """Takes a bin's pieces out of the ledger before it gets another item or place; it will be counted as a new one."""
    bin = session.get_one(BinRow, bin_id)
    state = session.get(CounterStateRow, bin_id)
    if state is None:
        return
    if state.pieces:
        book_count_change(
            session,
            bin.item_id,
            bin.stocking_location_id,
            -state.pieces,
            at_ms,
            bin_id,
            f"{bin.bin} moved",
            Cause.RESCALED,
        )
    session.delete(state)
    session.flush()


def _tally(row: CounterStateRow | None) -> Tally:
    return Tally(None, None) if row is None else Tally(read_memory(row.state), row.pieces)


def _count(session: Session, bin: CountedBin, tally: Tally, reading: ReadingRow) -> dict[str, Any]:
    """Counts one reading, books what it settled, and gives its row of counts."""
    at_ms = reading.received_at_ms if reading.taken_at_ms is None else reading.taken_at_ms
    said = Reading(
        epoch=reading.epoch,
        boot_count=reading.boot_count,
        uptime_s=reading.uptime_s,
        raw=reading.raw,
        spread=reading.spread,
        temp_cc=reading.temp_cc,
    )
    count, change = _evaluate(bin, tally, said, at_ms, reading.taken_at_ms)
    row = _row(bin, reading, at_ms, count)
    if change is not None:
        delta, cause = change
        if count.since_s is not None:
            at_ms -= (reading.uptime_s - count.since_s) * 1000  # more pieces are seen long before they are believed
        book_count_change(session, *bin.pair, delta, at_ms, bin.id, _name(bin, reading), cause)
    return row


def _evaluate(
    bin: CountedBin, tally: Tally, said: Reading, at_ms: int, taken_at_ms: int | None
) -> tuple[Count, tuple[int, Cause] | None]:
    """What the reading says of the bin and what to book. Nothing here asks the database.

    Whatever goes wrong is this bin's alone: its count is in doubt, and all other bins go on.
    """
    try:
        count = tally.count(said, bin.scale_at(at_ms), taken_at_ms)
        return count, tally.change(count)
    except Exception as error:
        if tally.begin_anew(f"{type(error).__name__}: {error}"):
            _log.exception("bin %s cannot be counted; it begins anew, all others go on", bin.bin)
        return Count(tally.pieces, None, None, UNCERTAIN, settled=False), None


def _name(bin: CountedBin, reading: ReadingRow) -> str:
    """The name of a reading for ever, as the ledger refers to it."""
    return f"{bin.bin}/{reading.epoch:08x}/{reading.sequence}"


def _row(bin: CountedBin, reading: ReadingRow, at_ms: int, count: Count) -> dict[str, Any]:
    return {
        "reading_id": reading.id,
        "bin_id": bin.id,
        "at_ms": at_ms,
        "pieces": count.pieces,
        "lower": count.lower,
        "upper": count.upper,
        "state": count.state,
        "settled": count.settled,
    }


def _save(session: Session, bin_id: int, row: CounterStateRow | None, tally: Tally) -> None:
    state = json.dumps(tally.memory(), separators=(",", ":"))
    if row is None:
        session.add(CounterStateRow(bin_id=bin_id, state=state, pieces=tally.pieces))
    else:
        row.state, row.pieces = state, tally.pieces
