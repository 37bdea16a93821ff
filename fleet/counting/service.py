# SPDX-License-Identifier: Apache-2.0
"""Counting as a use case: what bins and people say becomes counts, and changes go to the ledger, once each."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from fleet.counting import store
from fleet.counting.due import SURE_ENOUGH, is_in_doubt, p_together_at_or_below
from fleet.counting.memory import read_memory
from fleet.counting.store import CountedBin
from fleet.counting.tables import BinRow, CounterStateRow, EvidenceRow
from fleet.counting.turn import Turn
from fleet.readings.tables import ReadingRow
from fleet.stock.model import Cause
from fleet.stock.service import book_count_change, note_evidence
from fleet.stock.store import Pair, stock_of


class Levels(Protocol):
    """What counting must know of how a pair is ordered, in pieces."""

    @property
    def reorder_point(self) -> int:
        """At or below it an order is due."""
        ...

    @property
    def order_up_to(self) -> int:
        """No order goes above it."""
        ...

    @property
    def order_multiple(self) -> int:
        """Orders are whole multiples of it."""
        ...


LevelsOf = Callable[[Session, Iterable[Pair]], Mapping[Pair, Levels]]
"""The levels of some pairs, where they have any."""


def no_levels(_session: Session, _pairs: Iterable[Pair]) -> Mapping[Pair, Levels]:
    """For counting without orders: none is ever due."""
    return {}


def count_new_readings(
    session: Session, now_ms: int, limit: int, levels_of: LevelsOf = no_levels
) -> tuple[set[Pair], int]:
    """Counts the next `limit` readings of the log, with what people said meanwhile, and books what changed.

    All of it is in the caller's transaction, the cursor's move too, so that a reading or a stocktake is counted exactly
    once whatever crashes. Returns the pairs (item_id, stocking_location_id) that were heard of, and how many readings
    and words of people were taken.
    """
    cursor = store.cursor(session)
    readings = store.readings_after(session, cursor.last_reading_id, limit)
    waiting = store.evidence_not_taken(session, limit)
    if not readings and not waiting:
        return set(), 0
    bins = store.bins_of(
        session,
        {(reading.device_id, reading.channel) for reading in readings},
        {evidence.bin_id for evidence in waiting},
    )
    levels = levels_of(session, {bin.pair for bin in bins})
    turn = Turn(session, [with_packs(bin, levels.get(bin.pair)) for bin in bins])
    if readings:
        cursor.last_reading_id = readings[-1].id
    taken = len(readings)
    for said, after_reading_id in _in_order(readings, waiting, turn, cursor.last_reading_id, len(readings) < limit):
        if isinstance(said, ReadingRow):
            turn.read(turn.by_channel[said.device_id, said.channel], said)
            continue
        taken += 1
        said.after_reading_id = after_reading_id
        if said.bin_id in turn.bins:
            turn.hear(turn.bins[said.bin_id], said)
    turn.save()
    session.flush()
    pairs = {bin.pair for bin in bins}
    _weigh(session, pairs, turn, levels, now_ms)
    return pairs, taken


def with_packs(bin: CountedBin, levels: Levels | None) -> CountedBin:
    """The bin with the packs of a delivery, as far as its levels tell them: what its counter is given.

    That is what is ordered when the reorder point has just been reached: most orders are it, or a little more.
    """
    if levels is None:
        return bin
    usual = (levels.order_up_to - levels.reorder_point) // levels.order_multiple * levels.order_multiple
    return bin.of_packs(max(1, usual // bin.setups[0][1].pack_size))


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


def _in_order(
    readings: Sequence[ReadingRow], waiting: Sequence[EvidenceRow], turn: Turn, last_reading_id: int, is_all: bool
) -> Iterator[tuple[ReadingRow | EvidenceRow, int]]:
    """Readings of known bins in the order of the log, and among them what people said, each at its time.

    Beside each the reading after which it comes. What was said of a bin is never told before what was said of it
    earlier. While there may be more readings (not `is_all`), what was said after all of these waits.
    """
    queues: dict[int, deque[EvidenceRow]] = {}
    for evidence in waiting:
        queues.setdefault(evidence.bin_id, deque()).append(evidence)
    for reading in readings:
        bin = turn.by_channel.get((reading.device_id, reading.channel))
        if bin is None:
            continue
        at_ms = reading.received_at_ms if reading.taken_at_ms is None else reading.taken_at_ms
        queue = queues.get(bin.id)
        while queue and queue[0].at_ms <= at_ms:
            yield queue.popleft(), reading.id - 1
        yield reading, reading.id - 1
    if is_all:
        for queue in queues.values():
            yield from ((evidence, last_reading_id) for evidence in queue)


def _weigh(session: Session, pairs: Iterable[Pair], turn: Turn, levels: Mapping[Pair, Levels], now_ms: int) -> None:
    """Says of each pair whether its bins' newest counts are evidence, and evidence that an order is due."""
    for pair, states in store.states_by_pair(session, pairs, now_ms).items():
        bins = [(None if state is None else read_memory(state), fresh_from_ms) for _, state, fresh_from_ms in states]
        in_doubt = is_in_doubt(bins)
        order_due = False
        if pair in levels and not in_doubt:
            point = levels[pair].reorder_point - stock_of(session, pair).qty_on_order
            if len(states) == 1:
                order_due = turn.is_order_due(states[0][0], point)
            else:
                together = [memory for memory, _ in bins if memory is not None]
                order_due = p_together_at_or_below(together, point) >= SURE_ENOUGH
        note_evidence(session, *pair, in_doubt=in_doubt, order_due=order_due)
