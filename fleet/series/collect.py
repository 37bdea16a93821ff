# SPDX-License-Identifier: Apache-2.0
"""Makes points of what is new in the relational store and puts them into the outbox, each once.

Reading takes longer than writing, and devices wait for who writes: so all is read in one snapshot first, and then put
down in one short transaction with the cursors. Nobody else moves these cursors.
"""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fleet.db import read, write
from fleet.series import cursors, flows, levels, outbox, overview, standings
from fleet.series.health import MINUTE_MS, MINUTES, bin_points, device_points, service_point
from fleet.series.model import Point
from fleet.series.overview import Seen, Told
from fleet.series.schema import FLEET_RISK, RISK, SITE_STATUS, Measurement
from fleet.stock.store import Pair

COUNTS_A_TURN = 2_000
MOVEMENTS_A_TURN = 500
PAIRS_A_TURN = 500
MINUTES_A_LOOK = 5  # so that after a start, or a long pause, all bins are not looked at in one go


def collect_news(engine: Engine, now_ms: int) -> int:
    """Points of new counts and new lines of the ledger; how many of those were looked at.

    0 when none are left, or so much waits that none shall be made just now.
    """
    with read(engine) as session:
        if outbox.batches_waiting(session) >= outbox.WAITING_MAX:
            return 0
        counted = levels.collect_levels(session, levels.last_collected(session), COUNTS_A_TURN)
        news = flows.read_news(session, cursors.at(session, cursors.MOVEMENTS) or 0, MOVEMENTS_A_TURN)
        if not counted.looked_at and not news.looked_at:
            return 0
        hour_ms = _hour_told(session, now_ms)
        weighed = standings.weigh_pairs(session, news.pairs, now_ms)
        points = [
            *counted.points,
            *standings.stock_points(weighed, now_ms),
            *flows.daily_points(session, news.days),
            *flows.hourly_points(session, {hour for hour in news.hours if hour < hour_ms}),  # that come late
        ]
        batches = outbox.pack_up(session, points)
    with write(engine) as session:
        outbox.put(session, batches, now_ms)
        levels.note_told(session, counted.rewritten)
        standings.note_told(session, weighed, now_ms)
        cursors.move(session, cursors.COUNTS, counted.up_to)
        cursors.move(session, cursors.MOVEMENTS, news.up_to)
        cursors.move(session, cursors.HOUR, hour_ms)
    return counted.looked_at + news.looked_at


def collect_state(engine: Engine, told: Told, now_ms: int) -> None:
    """Points of how things are now, once a minute: sites and risks, cells and devices in turn, the service."""
    with read(engine) as session:
        if outbox.batches_waiting(session) >= outbox.STATE_WAITING_MAX:
            return
        weighed = standings.weigh_pairs(session, _to_weigh(session, now_ms), now_ms)
        gone = standings.gone_pairs(session)
        news = {
            measurement: told.news(measurement.name, seen, now_ms)
            for measurement, seen in _overviews(session, told, now_ms).items()
        }
        minute, health = _health(session, now_ms)
        hour_ms = now_ms // flows.HOUR_MS * flows.HOUR_MS
        points = [
            *standings.stock_points(weighed, now_ms),
            *(
                point
                for measurement, seen in news.items()
                for point in overview.overview_points(measurement.name, seen, now_ms)
            ),
            *health,
            service_point(session, now_ms),
            *flows.points_of_hours(session, _hour_told(session, now_ms), hour_ms),
        ]
        batches = outbox.pack_up(session, points)
    with write(engine) as session:
        outbox.put(session, batches, now_ms)
        standings.note_told(session, weighed, now_ms)
        standings.forget(session, gone)
        cursors.move(session, cursors.HEALTH_MINUTE, minute)
        cursors.move(session, cursors.HOUR, hour_ms)
    for measurement, seen in news.items():
        told.note(measurement.name, seen, now_ms)


def _to_weigh(session: Session, now_ms: int) -> set[Pair]:
    return {
        *standings.changed_pairs(session, PAIRS_A_TURN),
        *standings.old_pairs(session, now_ms, PAIRS_A_TURN),
    }


def _overviews(session: Session, told: Told, now_ms: int) -> dict[Measurement, Seen]:
    risks = overview.risks(session)
    seen = {
        SITE_STATUS: overview.site_statuses(session, now_ms),
        RISK: risks,
        FLEET_RISK: overview.fleet_risks(risks),
    }
    for measurement in (RISK, FLEET_RISK):
        taken = told.tags_of(measurement.name)
        seen[measurement] |= overview.free_ranks(measurement, taken, seen[measurement])
    return seen


def _health(session: Session, now_ms: int) -> tuple[int, list[Point]]:
    """Of those whose minutes have come since the last time, a few minutes at once; the last of these minutes."""
    minute = now_ms // MINUTE_MS
    last = cursors.at(session, cursors.HEALTH_MINUTE)
    first = minute - MINUTES + 1
    if last is not None and last <= minute:
        first = max(first, last + 1)
    until = min(minute, first + MINUTES_A_LOOK - 1)
    points = [
        point
        for each in range(first, until + 1)
        for point in (*bin_points(session, each, now_ms), *device_points(session, each, now_ms))
    ]
    return until, points


def _hour_told(session: Session, now_ms: int) -> int:
    """The hour (its beginning) from which on hours are still to be told once they are over. Those before come late."""
    hour_ms = now_ms // flows.HOUR_MS * flows.HOUR_MS
    told_ms = cursors.at(session, cursors.HOUR)
    return hour_ms if told_ms is None else min(told_ms, hour_ms)
