# SPDX-License-Identifier: Apache-2.0
"""What the API says of the time series: whether they keep up, and what was refused."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine, select

from fleet.db import read, write
from fleet.series import api, outbox
from fleet.series.model import NS_IN_MS, Point
from fleet.series.packing import unpack
from fleet.series.schema import SERVICE
from fleet.series.tables import SeriesOutboxRow
from tests.fleet.plant import NOW_MS


def get(engine: Engine, path: str, is_down: Callable[[], bool] = lambda: False) -> Any:
    app = FastAPI()
    app.include_router(api.router(partial(read, engine), is_down))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fleet") as client:
            return await client.get(path)

    return asyncio.run(ask()).raise_for_status().json()


def put(engine: Engine, points: int, at_ms: int) -> None:
    made = [Point(SERVICE.name, ("fleet",), (at_ms + n) * NS_IN_MS, {"readings": 1.0}) for n in range(points)]
    with write(engine) as session:
        outbox.put(session, outbox.pack_up(session, made), at_ms)


def test_when_all_is_written_nothing_waits(plant: Engine) -> None:
    assert get(plant, "/series/state") == {
        "is_down": False,
        "points_waiting": 0,
        "waiting_since": None,
        "points_refused": 0,
    }


def test_what_waits_is_counted_with_the_moment_since_when(plant: Engine) -> None:
    put(plant, 3, NOW_MS)
    put(plant, 4, NOW_MS + 1000)  # beside the others, in their batch
    said = get(plant, "/series/state", lambda: True)
    assert (said["is_down"], said["points_waiting"]) == (True, 7)
    assert said["waiting_since"] == "2026-09-21T14:13:20.000Z"


def test_what_was_refused_is_listed_with_the_reason(plant: Engine) -> None:
    put(plant, 3, NOW_MS)
    with write(plant) as session:
        outbox.keep_aside(session, session.scalars(select(SeriesOutboxRow.id)).one(), "400: no", NOW_MS + 5)
    assert get(plant, "/series/state")["points_refused"] == 3
    assert get(plant, "/series/refused?newest=true") == {
        "items": [{"id": 1, "points": 3, "reason": "400: no", "refused_at": "2026-09-21T14:13:20.005Z"}],
        "next": None,
    }


def test_of_points_of_one_name_the_last_waits_alone(plant: Engine) -> None:
    """InfluxDB would keep the field that the last one has not."""
    first, last = {"readings": 1.0, "conflicts": 2.0}, {"readings": 3.0}
    for fields in (first, last):
        with write(plant) as session:
            same = [Point(SERVICE.name, ("fleet",), NOW_MS * NS_IN_MS, fields)]
            outbox.put(session, outbox.pack_up(session, same), NOW_MS)

    with read(plant) as session:
        batch = outbox.oldest(session)
        assert batch is not None
        assert [point.fields for point in unpack(batch.packed)] == [last]
        assert outbox.points_waiting(session) == 1
