# SPDX-License-Identifier: Apache-2.0
"""How a count came about: where its counting began, what went in since, what is believed and what else it might be."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.counting.counter import BinSetup, Event
from fleet.counting.queries import bin_id
from fleet.counting.replay import Replayed, replay_at
from fleet.counting.tables import BinRow, CounterSetupRow, EvidenceRow
from fleet.counting.tally import Told
from fleet.stock.tables import ItemRow, StockingLocationRow

LOOKED_AT = 400  # numbers of pieces, at most, that are asked for their probability
WORTH_SAYING = 0.005


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that changed the count: an event, or what somebody said (`said` tells what, with its note)."""

    at_ms: int
    event: Event | None
    said: EvidenceRow | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The count of a bin at a moment, made again. `others` are (pieces, probability) beside it, the likeliest first."""

    bin: str
    item: str
    stocking_location: str
    told: Told
    base_at_ms: int
    begins: bool
    pieces_at_base: int | None
    readings: int
    at_rest: int
    happened: Sequence[Happened]
    setup: BinSetup | None
    calibration_version: int | None
    p: float
    others: Sequence[tuple[int, float]]
    is_as_stored: bool


def explain(session: Session, bin: str, at_ms: int) -> Explanation:
    """Explains what a bin held at a moment. Raises UnknownNameError and NotKeptError."""
    of_bin = bin_id(session, bin)
    replayed = replay_at(session, of_bin, at_ms)
    item, place = session.execute(
        select(ItemRow.item, StockingLocationRow.stocking_location)
        .select_from(BinRow)
        .join(ItemRow, ItemRow.id == BinRow.item_id)
        .join(StockingLocationRow, StockingLocationRow.id == BinRow.stocking_location_id)
        .where(BinRow.id == of_bin)
    ).one()
    readings = [told for told, each in zip(replayed.told, replayed.inputs, strict=True) if each.reading is not None]
    believed = _believed(replayed)
    pieces = replayed.told[-1].count.pieces
    return Explanation(
        bin=bin,
        item=item,
        stocking_location=place,
        told=replayed.told[-1],
        base_at_ms=replayed.base.at_ms,
        begins=replayed.base.begins,
        pieces_at_base=replayed.base.pieces,
        readings=len(readings),
        at_rest=sum(told.count.is_settled for told in readings),
        happened=_happened(session, replayed),
        setup=replayed.tally.setup_given(),
        calibration_version=_calibration_version(session, of_bin, replayed),
        p=believed.get(pieces, 0.0) if pieces is not None else 0.0,
        others=sorted(
            ((n, p) for n, p in believed.items() if n != pieces and p >= WORTH_SAYING), key=lambda one: -one[1]
        )[:4],
        is_as_stored=replayed.is_as_stored,
    )


def _believed(replayed: Replayed) -> dict[int, float]:
    """How probable each number of pieces near the count is."""
    count = replayed.told[-1].count
    if count.lower is None or count.upper is None:
        return {}
    reach = max(3, count.upper - count.lower)
    first, last = max(0, count.lower - reach), min(count.upper + reach, count.lower - reach + LOOKED_AT)
    below = replayed.tally.p_at_or_below(first - 1) if first else 0.0
    believed = {}
    for pieces in range(first, last + 1):
        up_to = replayed.tally.p_at_or_below(pieces)
        believed[pieces], below = max(0.0, up_to - below), up_to
    return believed


def _happened(session: Session, replayed: Replayed) -> list[Happened]:
    word_ids = [each.word_id for each in replayed.inputs if each.word_id is not None]
    words = {row.id: row for row in session.scalars(select(EvidenceRow).where(EvidenceRow.id.in_(word_ids)))}
    happened = []
    for told, each in zip(replayed.told, replayed.inputs, strict=True):
        if each.word_id is not None:
            happened.append(Happened(told.at_ms, None, words[each.word_id]))
        happened += [Happened(told.at_ms, event, None) for event in told.count.events]
    return happened


def _calibration_version(session: Session, bin_id: int, replayed: Replayed) -> int | None:
    """The calibration behind the newest setup up to the last reading."""
    newest = max((each.reading_id for each in replayed.inputs if each.reading_id is not None), default=None)
    statement = select(CounterSetupRow.calibration_version).where(CounterSetupRow.bin_id == bin_id)
    if newest is not None:
        statement = statement.where(CounterSetupRow.from_reading_id <= newest)
    return session.scalar(statement.order_by(CounterSetupRow.from_reading_id.desc()).limit(1))
