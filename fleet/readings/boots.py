# SPDX-License-Identifier: Apache-2.0
"""The clocks of a device's boots: what each message tells of them, and what they tell of its readings."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from fleet.readings.model import Message
from fleet.readings.tables import DeviceBootRow, ReadingRow
from fleet.readings.timing import BootClock

BOOTS_KEPT = 100
When = Callable[[int], int | None]
"""The time (UTC milliseconds) at an uptime of a boot, null where nobody knows."""


def hear(session: Session, device_id: int, message: Message, received_at_ms: int) -> When:
    """Notes what a device's message tells of its clocks; when the message's readings were taken.

    What is known of a boot we never spoke with are bounds; they are kept with the boot, and get closer as more of its
    readings come in.
    """
    epoch, boot_count, age_s, rows = message
    newest_s = max(row[2] for row in rows)
    row_id, known = _find(session, device_id, epoch, boot_count)
    clock = known
    if age_s is not None and age_s >= 0:
        clock = clock.reached(newest_s).heard(newest_s + age_s, received_at_ms)
    else:
        clock = clock.reached(newest_s)
        if not clock.anchors:
            present_s = 0 if age_s is None else -1 - age_s
            clock = clock.ended_by(received_at_ms - int(present_s * clock.shortest_ms))
            _earlier_ended(session, device_id, row_id, clock)
    times = clock.times()
    clock = clock.thinned()
    if not clock.anchors or replace(clock, uptime_s=known.uptime_s) != known:  # else the log knows its uptime
        _keep(session, row_id, clock)
    return _unknown if times is None else times


def _unknown(uptime_s: int) -> None:
    return None


def _find(session: Session, device_id: int, epoch: int, boot_count: int) -> tuple[int, BootClock]:
    """The boot of this name. A device sends its oldest readings first, so one not heard of comes after all others."""
    name = {"device": device_id, "its_epoch": epoch, "boot": boot_count}
    row = session.execute(_BY_NAME, name).one_or_none()
    if row is not None:
        return row.id, _clock(row)
    newest = session.execute(_NEWEST_FIRST, {"device": device_id, "below": 2**62}).first()
    clock = BootClock() if newest is None else _reached(session, newest).next()
    values = {"device_id": device_id, "epoch": epoch, "boot_count": boot_count} | _values(clock)
    row_id = session.execute(insert(_BOOTS).returning(_BOOTS.c.id), values).scalar_one()
    doomed = session.execute(_NEWEST_FIRST.offset(BOOTS_KEPT).limit(1), {"device": device_id, "below": 2**62}).first()
    if doomed is not None:
        session.execute(delete(_BOOTS).where(_BOOTS.c.device_id == device_id, _BOOTS.c.id <= doomed.id))
    return row_id, clock


def _reached(session: Session, row: Any) -> BootClock:
    """The clock of a boot, as far as the log of readings shows that it ran."""
    newest = session.execute(_NEWEST_READING, {"device": row.device_id, "its_epoch": row.epoch}).first()
    clock = _clock(row)
    return clock if newest is None or newest.boot_count != row.boot_count else clock.reached(newest.uptime_s)


def _earlier_ended(session: Session, device_id: int, row_id: int, clock: BootClock) -> None:
    """A boot began; the ones before it, as far as they are known by bounds alone, had ended by then."""
    for row in session.execute(_NEWEST_FIRST, {"device": device_id, "below": row_id}):
        began_before_ms = clock.began_before_ms()
        before = _clock(row)
        if before.anchors or began_before_ms is None:
            return
        clock = before.ended_by(began_before_ms)
        if clock == before:
            return
        _keep(session, row.id, clock)


def _clock(row: Any) -> BootClock:
    anchors = tuple((uptime_s, at_ms) for uptime_s, at_ms in json.loads(row.anchors))
    return BootClock(anchors, row.slow_ppb, row.off_ppm, row.uptime_s, row.began_after_ms, row.ended_before_ms)


def _values(clock: BootClock) -> dict[str, Any]:
    return {
        "anchors": json.dumps(clock.anchors, separators=(",", ":")),
        "slow_ppb": clock.slow_ppb,
        "off_ppm": clock.off_ppm,
        "uptime_s": clock.uptime_s,
        "began_after_ms": clock.began_after_ms,
        "ended_before_ms": clock.ended_before_ms,
    }


def _keep(session: Session, row_id: int, clock: BootClock) -> None:
    session.execute(_UPDATED, {"the_id": row_id} | _values(clock))


# Built once: they run with every message.
_BOOTS = cast(Table, DeviceBootRow.__table__)
_LOG = cast(Table, ReadingRow.__table__)
_BY_NAME = select(_BOOTS).where(
    _BOOTS.c.device_id == bindparam("device"),
    _BOOTS.c.epoch == bindparam("its_epoch"),
    _BOOTS.c.boot_count == bindparam("boot"),
)
_NEWEST_FIRST = (
    select(_BOOTS)
    .where(_BOOTS.c.device_id == bindparam("device"), _BOOTS.c.id < bindparam("below"))
    .order_by(_BOOTS.c.id.desc())
)
_NEWEST_READING = (
    select(_LOG.c.boot_count, _LOG.c.uptime_s)
    .where(_LOG.c.device_id == bindparam("device"), _LOG.c.epoch == bindparam("its_epoch"))
    .order_by(_LOG.c.sequence.desc())
    .limit(1)
)
_UPDATED = update(_BOOTS).where(_BOOTS.c.id == bindparam("the_id"))
