# SPDX-License-Identifier: Apache-2.0
"""Writes what waits in the outbox to the store of time series, batch by batch, each until the store has it."""

from collections.abc import Mapping

from sqlalchemy import Engine

from fleet.db import read, write
from fleet.series import outbox
from fleet.series.model import NS_IN_MS, PointsRefusedError, TimeSeriesStore
from fleet.series.packing import unpack
from fleet.series.schema import MEASUREMENTS, Shelf
from fleet.series.standing import DAY_MS


def relay_batch(engine: Engine, store: TimeSeriesStore, now_ms: int, keep_days: Mapping[Shelf, int]) -> int:
    """Writes the oldest batch; how many points it had, 0 when none waits. Raises StoreDownError: it waits on.

    A crash between the write and the note of it makes the next turn write the same points again, under the same tags
    and times, which changes nothing. Points older than is kept are left out: InfluxDB refuses them.
    """
    with read(engine) as session:
        batch = outbox.oldest(session)
    if batch is None:
        return 0
    kept_ns = {shelf: (now_ms - days * DAY_MS) * NS_IN_MS for shelf, days in keep_days.items()}
    try:
        points = unpack(batch.packed)
        store.write(
            [
                point
                for point in points
                if point.measurement not in MEASUREMENTS
                or point.time_ns > kept_ns[MEASUREMENTS[point.measurement].shelf]
            ]
        )
    except (PointsRefusedError, ValueError) as error:
        with write(engine) as session:
            outbox.keep_aside(session, batch.id, str(error), now_ms)
    else:
        with write(engine) as session:
            outbox.note_written(session, batch.id)
    return batch.points
