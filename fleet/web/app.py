# SPDX-License-Identifier: Apache-2.0
"""The HTTP application: the API under /api/v1, the pages at /, /risk and /tags, and /healthz.

Handlers are plain functions, so that the framework runs them on threads: the event loop also answers the devices, and
a slow read must not hold up their acks.
"""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine, text

from fleet.clock import Clock
from fleet.counting import api as counting
from fleet.counting import evidence_api as evidence
from fleet.db import read, write
from fleet.devices import api as devices
from fleet.devices import plan_api as sampling
from fleet.listing import Reader
from fleet.orders import api as orders
from fleet.readings import api as readings
from fleet.series import api as time_series
from fleet.series.model import TimeSeriesStore
from fleet.stock import api as stock
from fleet.tags import api as tags
from fleet.web import page, risk, series_api
from fleet.web import tags as tags_page
from fleet.web.errors import add_error_answers
from fleet.web.guard import LOOPBACK_NAMES, Guard

API_PATH = "/api/v1"
STATIC = Path(__file__).parent / "static"


def create_app(
    engine: Engine,
    clock: Clock,
    host_names: Collection[str] = LOOPBACK_NAMES,
    is_counting: Callable[[], bool] = lambda: True,
    heard: Callable[[], None] = lambda: None,
    series: TimeSeriesStore | None = None,
    is_series_down: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """The application on this store. `host_names` are the names it may be called by, without port.

    `is_counting` says whether readings are being counted, for /healthz; `heard` is called when people said something.
    `series` is where stock over time is read; without it the pages say that none is kept. `is_series_down` says
    whether it did not take the last points.
    """
    reader: Reader = partial(read, engine)
    app = FastAPI(
        title="Kanbin",
        version="1",
        description="Bins, counts, stock, orders; and what people say of bins. Times are UTC, quantities are pieces.",
        openapi_url=f"{API_PATH}/openapi.json",
        docs_url=None,  # the framework's own pages fetch their scripts from another host
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    for room in (stock, counting, devices, readings, orders):
        app.include_router(room.router(reader), prefix=API_PATH)
    app.include_router(evidence.router(partial(write, engine), clock, heard), prefix=API_PATH)
    app.include_router(sampling.router(reader, partial(write, engine), clock), prefix=API_PATH)
    app.include_router(tags.router(reader, partial(write, engine), clock), prefix=API_PATH)
    app.include_router(series_api.router(series, clock), prefix=API_PATH)
    app.include_router(time_series.router(reader, is_series_down), prefix=API_PATH)
    app.include_router(_health(reader, is_counting))
    app.include_router(page.router(reader, clock))
    app.include_router(risk.router(series, clock))
    app.include_router(tags_page.router(reader, clock))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_error_answers(app)
    app.add_middleware(Guard, host_names=host_names)
    return app


def _health(reader: Reader, is_counting: Callable[[], bool]) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    def healthz(response: Response) -> dict[str, str]:
        """200 while the store can be read and readings are being counted, else 503."""
        with reader() as session:
            session.execute(text("SELECT 1 FROM devices LIMIT 1"))
        if is_counting():
            return {"status": "ok"}
        response.status_code = 503
        return {"status": "readings are stored but not counted; the log says why"}

    return routes
