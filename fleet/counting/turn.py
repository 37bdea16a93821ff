# SPDX-License-Identifier: Apache-2.0
"""One transaction's worth of counting: inputs go to the bins' tallies, what changed to the ledger, the rest to rows."""

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from fleet.counting import checkpoints, store
from fleet.counting.memory import read_memory, setup_json
from fleet.counting.store import CountedBin
from fleet.counting.tables import CounterStateRow, EvidenceRow
from fleet.counting.tally import STOCKTAKE, Fed, Tally, Told, feed_reading, feed_word
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
        self._setups: list[dict[str, Any]] = []
        self._noted = {bin_id: tally.setup_given() for bin_id, tally in self.tallies.items()}
        self._newest = checkpoints.newest_counts(session, [id for id in self.bins if id not in self._rows])
        self._began: dict[int, int] = {}

    def read(self, bin: CountedBin, reading: ReadingRow) -> None:
        """Counts one reading and books what it changed."""
        tally = self.tallies[bin.id]
        fed = feed_reading(tally, reading, bin.setup_at)
        self._note_setup(bin, tally, reading.id)
        self._keep(bin, fed, f"{bin.bin}/{reading.epoch:08x}/{reading.sequence}", reading_id=reading.id)

    def hear(self, bin: CountedBin, said: EvidenceRow) -> None:
        """Takes what somebody said of the bin, and books what that changed."""
        fed = feed_word(self.tallies[bin.id], said)
        if said.kind == STOCKTAKE:
            close_task(self._session, bin.id, said.at_ms)
        self._keep(bin, fed, f"{bin.bin}/{said.kind}/{said.id}", evidence_id=said.id)

    def is_order_due(self, bin_id: int, point: int) -> bool:
        """Whether a saved bin's counter decides that no more than so many pieces are left; not if it stumbles."""
        tally = self.tallies[bin_id]
        try:
            return tally.is_order_due(point)
        except Exception as error:
            tally.begin_anew(f"{type(error).__name__}: {error}", tally.memory.newest_at_ms or 0)
            self._complain(self.bins[bin_id], error)
            keep(self._rows[bin_id], tally)
            return False

    def save(self) -> None:
        """Writes counts, events and what the tallies remember, with a checkpoint where one is due."""
        session = self._session
        for bin_id, at_ms in self._began.items():
            checkpoints.add_beginning(session, bin_id, self._newest[bin_id], at_ms)
        store.add_counts(session, self._counts, self._events, self._setups)
        for bin_id, tally in self.tallies.items():
            row = self._rows.get(bin_id)
            if row is None and bin_id not in self._began:
                continue  # nothing is known of it still
            if row is None:
                row = CounterStateRow(bin_id=bin_id, checkpoint_at_ms=self._began.get(bin_id))
                session.add(row)
                self._rows[bin_id] = row
            keep(row, tally)
            newest_at_ms = tally.memory.newest_at_ms
            if newest_at_ms is not None and checkpoints.is_due(row.checkpoint_at_ms, newest_at_ms):
                newest = checkpoints.newest_counts(session, [bin_id])[bin_id]
                checkpoints.add(session, bin_id, newest, newest_at_ms, tally)
                row.checkpoint_at_ms = newest_at_ms

    def _complain(self, bin: CountedBin, trouble: Exception) -> None:
        _log.error("bin %s cannot be counted; it begins anew, all others go on", bin.bin, exc_info=trouble)

    def _note_setup(self, bin: CountedBin, tally: Tally, reading_id: int) -> None:
        """Puts down by what a reading was the first to be counted, so that it can be counted so again."""
        given, noted = tally.given, self._noted.get(bin.id)
        if given is None or given is noted or given == noted:
            return
        self._noted[bin.id] = given
        self._setups.append(
            {
                "bin_id": bin.id,
                "from_reading_id": reading_id,
                "calibration_version": bin.version_of(given),
                "setup": setup_json(given),
            }
        )

    def _keep(self, bin: CountedBin, fed: Fed, name: str, **of: int) -> None:
        """Notes the count for `save`, and books the changes under the name of what showed them."""
        if fed.trouble is not None:
            self._complain(bin, fed.trouble)
        told = fed.told
        if told is None:
            return
        if bin.id not in self._rows:
            self._began.setdefault(bin.id, told.at_ms)
        self._counts.append(count_row(bin.id, told, **of))
        self._events += event_rows(bin.id, told, **of)
        raised_at_ms = self.tallies[bin.id].raised_at_ms
        for delta, cause in fed.changes:
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
