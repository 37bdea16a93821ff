# SPDX-License-Identifier: Apache-2.0
"""What one does with the log of readings: append a device's message, forget what is old and counted."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from fleet.readings import boots, store
from fleet.readings.gaps import READING_GAPS
from fleet.readings.model import Message, Reading, from_message, gaps_from_message

CONFLICTS_KEPT = 10_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a message's readings and gaps: new, there already, or contradicting what is there."""

    stored: int
    duplicates: int
    conflicts: int


def append(session: Session, device_id: int, message: Message, received_at_ms: int) -> Appended:
    """Appends a device's message (as wire.unpack_reading gives it) to the log; sending it again changes nothing.

    A reading whose name (device, epoch, sequence) the log holds with another content raises an alarm in the log
    lines and is kept aside, so that the device may forget it and a person can look. Gaps have a table of their own.
    """
    when = boots.hear(session, device_id, message, received_at_ms)
    told = READING_GAPS.append(session, device_id, gaps_from_message(message, when), received_at_ms)
    appended = append_readings(session, device_id, from_message(message, when), received_at_ms)
    return Appended(
        appended.stored + told.new, appended.duplicates + told.duplicates, appended.conflicts + told.conflicts
    )


def append_readings(session: Session, device_id: int, readings: Sequence[Reading], received_at_ms: int) -> Appended:
    """Appends a device's readings, all of one epoch, as `append` does."""
    new = store.insert_new(session, device_id, readings, received_at_ms) if readings else set()
    known = [reading for reading in readings if reading.sequence not in new]
    conflicts = _find_conflicts(session, device_id, known) if known else []
    if conflicts:
        store.keep_aside(session, device_id, conflicts, received_at_ms, CONFLICTS_KEPT)
        first = conflicts[0][1]
        _log.error(
            "alarm: device id %d sent %d readings that contradict the log, the first is epoch=%d sequence=%d; "
            "they are kept in reading_conflicts",
            device_id,
            len(conflicts),
            first.epoch,
            first.sequence,
        )
    return Appended(len(new), len(known) - len(conflicts), len(conflicts))


def forget_old(
    session: Session,
    before_ms: int,
    counted_up_to_id: int,
    limit: int = 10_000,
    may_go: ColumnElement[bool] | None = None,
) -> int:
    """Deletes readings received before `before_ms`, never one above `counted_up_to_id`; how many (call until 0).

    `may_go` is a condition on `ReadingRow` of those who still need some.
    """
    return forget(session, find_old(session, before_ms, counted_up_to_id, limit, may_go))


def find_old(
    session: Session, before_ms: int, counted_up_to_id: int, limit: int, may_go: ColumnElement[bool] | None = None
) -> list[int]:
    """The ids of those that `forget_old` deletes. Looking for them may take a while: do it in a session for reading."""
    return store.find_old(session, before_ms, counted_up_to_id, limit, may_go)


def forget(session: Session, ids: Sequence[int]) -> int:
    """Deletes these readings; how many."""
    return store.delete_readings(session, ids)


def _find_conflicts(session: Session, device_id: int, known: list[Reading]) -> list[tuple[int, Reading]]:
    logged = store.find_logged(session, device_id, known[0].epoch, {reading.sequence for reading in known})
    return [
        (logged[reading.sequence][0], reading)
        for reading in known
        if logged[reading.sequence][1].says() != reading.says()
    ]
