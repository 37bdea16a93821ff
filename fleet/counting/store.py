# SPDX-License-Identifier: Apache-2.0
"""SQL of counting: the cursor in the log, the bins with their scales, and what counters remember."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from fleet.counting.counter import Scale
from fleet.counting.tables import BinRow, CalibrationRow, CounterStateRow, CountingCursorRow, CountRow
from fleet.readings.tables import ReadingRow
from fleet.stock.store import Pair
from fleet.stock.tables import ItemRow


@dataclass(frozen=True, slots=True)
class CountedBin:
    """A bin as counting sees it: what it holds where, and its scales, each from a moment (ms) on, oldest first."""

    id: int
    bin: str
    pair: Pair
    scales: Sequence[tuple[int, Scale]]

    def scale_at(self, at_ms: int) -> Scale:
        """The scale in force at a moment; before the first one, the first."""
        return self.scales[max(0, bisect_right(self.scales, at_ms, key=lambda scale: scale[0]) - 1)][1]


def cursor(session: Session) -> CountingCursorRow:
    """The row that says how far counting has come, locked for this transaction."""
    row = session.get(CountingCursorRow, 1, with_for_update=True)
    if row is None:
        row = CountingCursorRow(id=1, last_reading_id=0)
        session.add(row)
    return row


def readings_after(session: Session, reading_id: int, limit: int) -> Sequence[ReadingRow]:
    """The next readings of the log."""
    statement = select(ReadingRow).where(ReadingRow.id > reading_id).order_by(ReadingRow.id).limit(limit)
    return session.scalars(statement).all()


def bins_of(session: Session, channels: Iterable[tuple[int, int]]) -> dict[tuple[int, int], CountedBin]:
    """The calibrated bins on these (device_id, channel)s."""
    statement = (
        select(BinRow, ItemRow.apw_g, CalibrationRow)
        .join(ItemRow, ItemRow.id == BinRow.item_id)
        .join(CalibrationRow, CalibrationRow.bin_id == BinRow.id)
        .where(tuple_(BinRow.device_id, BinRow.channel).in_(sorted(channels)))
        .order_by(BinRow.id, CalibrationRow.version)
    )
    bins = {}
    for _, group in groupby(session.execute(statement), key=lambda row: row[0].id):
        rows = list(group)
        row = rows[0][0]
        scales = [
            (
                calibration.from_at_ms,
                Scale(
                    tare_raw=calibration.tare_raw,
                    counts_per_gram=float(calibration.counts_per_gram),
                    apw_g=float(apw_g),
                    bin_weight_g=float(row.bin_weight_g),
                    cell_capacity_g=float(row.cell_capacity_g),
                ),
            )
            for _, apw_g, calibration in rows
        ]
        pair = (row.item_id, row.stocking_location_id)
        bins[row.device_id, row.channel] = CountedBin(row.id, row.bin, pair, scales)
    return bins


def remembered(session: Session, bin_ids: Iterable[int]) -> dict[int, CounterStateRow]:
    """The rows of what these bins' counters remember, where there is one."""
    statement = select(CounterStateRow).where(CounterStateRow.bin_id.in_(sorted(bin_ids)))
    return {row.bin_id: row for row in session.scalars(statement)}


def memories_by_pair(session: Session, pairs: Iterable[Pair]) -> dict[Pair, list[str | None]]:
    """For each pair, what is remembered of each of its bins (JSON); None for one that was never heard of."""
    statement = (
        select(BinRow.item_id, BinRow.stocking_location_id, CounterStateRow.state)
        .outerjoin(CounterStateRow, CounterStateRow.bin_id == BinRow.id)
        .where(tuple_(BinRow.item_id, BinRow.stocking_location_id).in_(sorted(pairs)))
    )
    memories: dict[Pair, list[str | None]] = {}
    for item_id, location_id, state in session.execute(statement):
        memories.setdefault((item_id, location_id), []).append(state)
    return memories


def add_counts(session: Session, counts: list[dict[str, Any]]) -> None:
    """Writes rows of counts."""
    if counts:
        session.execute(insert(CountRow), counts)
