# SPDX-License-Identifier: Apache-2.0
"""One transaction's worth of counting: inputs go to the bins' tallies, what changed to the ledger, the rest to rows."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from fleet.counting import store
from fleet.counting.evidence import STOCKTAKE
from fleet.counting.memory import read_memory
from fleet.counting.store import CountedBin
from fleet.counting.tables import CounterStateRow, EvidenceRow
from fleet.counting.tally import Change, Tally, Told
from fleet.counting.tasks import close_task
from fleet.readings.tables import ReadingRow
from fleet.stock.model import Cause
from fleet.stock.service import book_count_change

_log = logging.getLogger("kanbin.counting")


class Turn:
    """Counts readings and evidence of some bins; `save` writes down what it made, in the caller's transaction."""

    def __init__(self, session: Session, bins: Sequence[CountedBin]) -> None:
        self._session = session
        self.bins = {bin.id: bin for bin in bins}
        self.by_channel = {(bin.device_id, bin.channel): bin for bin in bins}
        self._rows = store.remembered(session, self.bins)
        self.tallies = {bin_id: restored(self._rows.get(bin_id)) for bin_id in self.bins}
        self._counts: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []

    def read(self, bin: CountedBin, reading: ReadingRow) -> None:
        """Counts one reading and books what it changed."""
        tally = self.tallies[bin.id]
        told, changes = self._safely(
            bin,
            reading.received_at_ms if reading.taken_at_ms is None else reading.taken_at_ms,
            lambda: _with_changes(tally, tally.read(reading, bin.setup_at)),
        )
        name = f"{bin.bin}/{reading.epoch:08x}/{reading.sequence}"  # a reading's name for ever
        self._keep(bin, told, changes, name, reading_id=reading.id)

    def hear(self, bin: CountedBin, said: EvidenceRow) -> None:
        """Takes what somebody said of the bin, and books what that changed."""
        tally = self.tallies[bin.id]
        is_stocktake = said.kind == STOCKTAKE

        def take() -> tuple[Told | None, list[Change]]:
            if is_stocktake:
                return _with_changes(tally, tally.stocktake(said.at_ms, said.quantity), is_stocktake=True)
            told = tally.refill(said.at_ms, said.quantity)
            return (None, []) if told is None else _with_changes(tally, told)

        told, changes = self._safely(bin, said.at_ms, take)
        if is_stocktake:
            close_task(self._session, bin.id, said.at_ms)
        if told is not None:
            self._keep(bin, told, changes, f"{bin.bin}/{said.kind}/{said.id}", evidence_id=said.id)

    def save(self) -> None:
        """Writes counts, events and what the tallies remember."""
        store.add_counts(self._session, self._counts, self._events)
        for bin_id, tally in self.tallies.items():
            row = self._rows.get(bin_id)
            if row is None:
                row = CounterStateRow(bin_id=bin_id)
                self._session.add(row)
            keep(row, tally)

    def _safely(
        self, bin: CountedBin, at_ms: int, step: Callable[[], tuple[Told | None, list[Change]]]
    ) -> tuple[Told | None, list[Change]]:
        """What the step gives. Nothing in it asks the database.

        Whatever goes wrong is this bin's alone: its count is in doubt, and all other bins go on.
        """
        try:
            return step()
        except Exception as error:
            told, is_new = self.tallies[bin.id].begin_anew(f"{type(error).__name__}: {error}", at_ms)
            if is_new:
                _log.exception("bin %s cannot be counted; it begins anew, all others go on", bin.bin)
            return told, []

    def _keep(self, bin: CountedBin, told: Told | None, changes: list[Change], name: str, **of: int) -> None:
        assert told is not None
        self._counts.append(count_row(bin.id, told, **of))
        self._events += event_rows(bin.id, told, **of)
        raised_at_ms = self.tallies[bin.id].raised_at_ms
        for delta, cause in changes:
            at_ms = told.at_ms
            if delta > 0 and cause is Cause.HANDLED and raised_at_ms is not None:
                at_ms = raised_at_ms  # more pieces are seen long before they are believed
            book_count_change(self._session, *bin.pair, delta, at_ms, bin.id, name, cause)


def restored(row: CounterStateRow | None) -> Tally:
    """The tally that `keep` was of; a new one where there is none."""
    return Tally() if row is None else Tally(read_memory(row.state), row.counter, row.pieces)


def keep(row: CounterStateRow, tally: Tally) -> None:
    """Puts down all that a tally remembers."""
    memory = tally.memory
    row.state, row.counter, row.pieces = memory.to_json(), tally.dump(), tally.pieces
    row.newest_state, row.newest_at_ms = memory.newest_state, memory.newest_at_ms
    row.doubt_since_ms, row.well_since_ms = memory.doubt_since_ms, memory.well_since_ms


def count_row(bin_id: int, told: Told, reading_id: int | None = None, evidence_id: int | None = None) -> dict[str, Any]:
    """The row of counts for what was told."""
    count = told.count
    return {
        "reading_id": reading_id,
        "evidence_id": evidence_id,
        "bin_id": bin_id,
        "at_ms": told.at_ms,
        "pieces": count.pieces,
        "mean": count.mean,
        "sd": count.sd,
        "lower": count.lower,
        "upper": count.upper,
        "state": count.state,
        "is_settled": count.is_settled,
        "is_evidence": count.is_evidence,
    }


def event_rows(
    bin_id: int, told: Told, reading_id: int | None = None, evidence_id: int | None = None
) -> list[dict[str, Any]]:
    """The rows of events for what was told."""
    of = {"reading_id": reading_id, "evidence_id": evidence_id, "bin_id": bin_id, "at_ms": told.at_ms}
    return [of | {"kind": event.kind, "delta": event.delta} for event in told.count.events]


def _with_changes(tally: Tally, told: Told, is_stocktake: bool = False) -> tuple[Told | None, list[Change]]:
    return told, tally.changes(told.count, is_stocktake)
