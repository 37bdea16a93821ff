# SPDX-License-Identifier: Apache-2.0
"""A bin is heard and counted, what is new is told to a store of time series, and what that holds is read."""

from typing import Any

from sqlalchemy import Engine

from fleet.counting.service import count_new_readings
from fleet.db import write
from fleet.orders.store import policies
from fleet.series.collect import collect_news
from fleet.series.model import Question, TimeSeriesStore
from fleet.series.relay import relay_batch
from fleet.series.schema import Measurement
from tests.fleet.plant import NOW_MS, SimulatedBin, store_readings
from tests.fleet.series.conftest import KEEP_DAYS

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def hear(engine: Engine, bin_: SimulatedBin, *, heartbeats: int = 0) -> int:
    """Readings around a movement, then heartbeats, all counted; the moment then."""
    now_ms = NOW_MS + bin_.uptime_s * 1000
    with write(engine) as session:
        store_readings(session, [*bin_.burst(), *bin_.heartbeats(heartbeats)])
    now_ms = NOW_MS + bin_.uptime_s * 1000
    with write(engine) as session:
        count_new_readings(session, now_ms, 10_000, policies)
    return now_ms


def tell(engine: Engine, series: TimeSeriesStore, now_ms: int) -> None:
    """All that is new goes to the store."""
    while collect_news(engine, now_ms):
        pass
    while relay_batch(engine, series, now_ms, KEEP_DAYS):
        pass


def told(series: TimeSeriesStore, measurement: Measurement, *fields: str, by: tuple[str, ...] = ()) -> list[Any]:
    question = Question(measurement, fields, NOW_MS - 40 * DAY_MS, NOW_MS + 1000 * DAY_MS, by=by)
    return [(*answer.by, *answer.values) for answer in series.series(question)]
