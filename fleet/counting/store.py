# SPDX-License-Identifier: Apache-2.0
"""SQL of counting: the cursor in the log, the bins with their setups, what counters remember, and what they said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import and_, insert, or_, select, tuple_
from sqlalchemy.orm import Session

from fleet.counting.counter import BinSetup
from fleet.counting.silence import fresh_from_ms
from fleet.counting.tables import (
    BinRow,
    CalibrationRow,
    CounterSetupRow,
    CounterStateRow,
    CountEventRow,
    CountingCursorRow,
    CountRow,
    EvidenceRow,
)
from fleet.devices.tables import DeviceRow, SamplingPlanRow
from fleet.readings.tables import ReadingRow
from fleet.stock.store import Pair
from fleet.stock.tables import ItemRow


@dataclass(frozen=True, slots=True)
class CountedBin:
    """A bin as counting sees it: what it holds where, and its setups, each from a moment (ms) on, by version."""

    id: int
    bin: str
    device_id: int
    channel: int
    pair: Pair
    setups: Sequence[tuple[int, BinSetup]]

    def setup_at(self, at_ms: int) -> BinSetup:
        """The newest version in force at a moment; before all of them, the first."""
        for from_at_ms, setup in reversed(self.setups):
            if from_at_ms <= at_ms:
                return setup
        return self.setups[0][1]

    @property
    def newest_setup(self) -> BinSetup:
        """The newest version."""
        return self.setups[-1][1]

    def version_of(self, setup: BinSetup) -> int:
        """The version of the calibration that a setup came from: the first is 1."""
        return next(version for version, (_, known) in enumerate(self.setups, start=1) if known is setup)

    def of_packs(self, packs_per_refill: int) -> "CountedBin":
        """The same, refilled by so many packs."""
        if packs_per_refill == self.setups[0][1].packs_per_refill:
            return self
        setups = [(at_ms, replace(setup, packs_per_refill=packs_per_refill)) for at_ms, setup in self.setups]
        return replace(self, setups=setups)


def cursor(session: Session) -> CountingCursorRow:
    """The row that says how far counting has come, locked for this transaction."""
    row = session.get(CountingCursorRow, 1, with_for_update=True)
    if row is None:
        row = CountingCursorRow(id=1, last_reading_id=0)
        session.add(row)
    return row


def counted_up_to(session: Session) -> int:
    """Up to which reading of the log everything has been counted."""
    return session.scalar(select(CountingCursorRow.last_reading_id)) or 0


def readings_after(session: Session, reading_id: int, limit: int) -> Sequence[ReadingRow]:
    """The next readings of the log."""
    statement = select(ReadingRow).where(ReadingRow.id > reading_id).order_by(ReadingRow.id).limit(limit)
    return session.scalars(statement).all()


def evidence_not_taken(session: Session, limit: int) -> Sequence[EvidenceRow]:
    """What people said and counting has not heard yet, in the order in which they said it."""
    statement = select(EvidenceRow).where(EvidenceRow.after_reading_id.is_(None)).order_by(EvidenceRow.id).limit(limit)
    return session.scalars(statement).all()


def bins_of(session: Session, channels: Iterable[tuple[int, int]], bin_ids: Iterable[int] = ()) -> list[CountedBin]:
    """The calibrated bins on these (device_id, channel)s, and those with these ids; with the plans followed by now."""
    is_followed = and_(SamplingPlanRow.device_id == DeviceRow.id, SamplingPlanRow.version == DeviceRow.plan_followed)
    statement = (
        select(BinRow, ItemRow.apw_g, ItemRow.pack_size, CalibrationRow, SamplingPlanRow, DeviceRow.silence_s)
        .join(ItemRow, ItemRow.id == BinRow.item_id)
        .join(CalibrationRow, CalibrationRow.bin_id == BinRow.id)
        .join(DeviceRow, DeviceRow.id == BinRow.device_id)
        .outerjoin(SamplingPlanRow, is_followed)
        .where(
            or_(
                tuple_(BinRow.device_id, BinRow.channel).in_(sorted(channels)),
                BinRow.id.in_(sorted(bin_ids)),
            )
        )
        .order_by(BinRow.id, CalibrationRow.version)
    )
    bins = []
    for _, group in groupby(session.execute(statement), key=lambda row: row[0].id):
        rows = list(group)
        bin = rows[0][0]
        setups = []
        for _, apw_g, pack_size, calibration, plan, silence_s in rows:
            setup = BinSetup(
                tare_raw=calibration.tare_raw,
                counts_per_gram=float(calibration.counts_per_gram),
                cell_capacity_g=float(bin.cell_capacity_g),
                bin_weight_g=float(bin.bin_weight_g),
                apw_g=float(apw_g),
                pack_size=pack_size,
            )
            setups.append((calibration.from_at_ms, _sampled(setup, bin.channel, plan, silence_s or 0)))
        pair = (bin.item_id, bin.stocking_location_id)
        bins.append(CountedBin(bin.id, bin.bin, bin.device_id, bin.channel, pair, setups))
    return bins


def _sampled(setup: BinSetup, channel: int, plan: SamplingPlanRow | None, silence_s: int) -> BinSetup:
    """The setup with what the plan that the device follows tells a counter; as it is where it tells no threshold.

    A device that does not sleep tells changes at once, whatever its heartbeat. One that sleeps takes a reading at each
    look, and after a change more: a counter that knows of the looks alone would take it for one that does not. How
    often it looks by its own settings (`silence_s`, and a plan that leaves them) nobody knows here.
    """
    counts = plan.change_counts[channel] if plan is not None and channel < len(plan.change_counts) else None
    sleeps_by_itself = plan is not None and plan.sleep_s is None and silence_s > 0
    if plan is None or counts is None or sleeps_by_itself or setup.counts_per_gram <= 0:
        return setup
    heartbeat_s = float(plan.sleep_s) if plan.sleep_s else setup.heartbeat_s
    return replace(setup, heartbeat_s=heartbeat_s, send_delta_g=counts / setup.counts_per_gram)


def remembered(session: Session, bin_ids: Iterable[int]) -> dict[int, CounterStateRow]:
    """The rows of what is remembered of these bins, where there is one."""
    statement = select(CounterStateRow).where(CounterStateRow.bin_id.in_(sorted(bin_ids)))
    return {row.bin_id: row for row in session.scalars(statement)}


def states_by_pair(
    session: Session, pairs: Iterable[Pair], now_ms: int
) -> dict[Pair, list[tuple[int, str | None, int]]]:
    """For each pair, its bins by id with what is remembered of each (JSON), and before when a count is not fresh.

    What is remembered is None for a bin that was never heard of.
    """
    statement = (
        select(BinRow.item_id, BinRow.stocking_location_id, BinRow.id, CounterStateRow.state, fresh_from_ms(now_ms))
        .join(DeviceRow, DeviceRow.id == BinRow.device_id)
        .outerjoin(CounterStateRow, CounterStateRow.bin_id == BinRow.id)
        .where(tuple_(BinRow.item_id, BinRow.stocking_location_id).in_(sorted(pairs)))
        .order_by(BinRow.id)
    )
    states: dict[Pair, list[tuple[int, str | None, int]]] = {}
    for item_id, location_id, bin_id, state, from_ms in session.execute(statement):
        states.setdefault((item_id, location_id), []).append((bin_id, state, from_ms))
    return states


def add_counts(
    session: Session, counts: list[dict[str, Any]], events: list[dict[str, Any]], setups: list[dict[str, Any]]
) -> None:
    """Writes rows of counts, of their events, and of the setups that readings were the first to be counted by."""
    if setups:
        session.execute(insert(CounterSetupRow), setups)
    if counts:
        session.execute(insert(CountRow), counts)
    if events:
        session.execute(insert(CountEventRow), events)
