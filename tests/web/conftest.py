# SPDX-License-Identifier: Apache-2.0
"""A fleet on a real SQLite file, served by the real HTTP server on a free port; a browser; stores of time series."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright
from sqlalchemy import Engine

from fleet.db import open_engine, write
from fleet.series.influx import InfluxSeries
from fleet.series.model import TimeSeriesStore
from fleet.series.schema import Shelf
from fleet.series.sqlite import SqliteSeries
from fleet.web.app import create_app
from fleet.web.server import HttpServer
from tests.fleet.migrated import migrated
from tests.servers.influxd import Influxd
from tests.web import small_plant, tag_story
from tests.web.chromium import FLAGS, executable
from tests.web.story import NOW_MS, tell

DESKTOP = {"width": 1280, "height": 900}
KEEP_DAYS = 400


@dataclass
class SettableClock:
    """Tells the moment it was set to."""

    at_ms: int = NOW_MS

    def now_ms(self) -> int:
        return self.at_ms


@dataclass
class Fleet:
    """A store, a clock, and the means to serve them."""

    engine: Engine
    clock: SettableClock = field(default_factory=SettableClock)
    series: TimeSeriesStore | None = None

    @contextmanager
    def served(self, port: int = 0) -> Iterator[HttpServer]:
        """The fleet's HTTP server, in a loop on a thread of its own."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="served")
        thread.start()
        server = HttpServer(create_app(self.engine, self.clock, series=self.series), port=port)
        try:
            asyncio.run_coroutine_threadsafe(server.start(), loop).result()
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def new_fleet(folder: Path) -> Iterator[Fleet]:
    engine = open_engine(migrated(folder / "kanbin.sqlite"))
    yield Fleet(engine)
    engine.dispose()


@pytest.fixture
def empty_fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Nothing loaded yet."""
    yield from new_fleet(tmp_path)


@pytest.fixture
def fleet(empty_fleet: Fleet) -> Fleet:
    """The fleet of the story, free to be changed."""
    with write(empty_fleet.engine) as session:
        tell(session)
    return empty_fleet


@pytest.fixture(scope="module")
def told_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """The fleet of the story, for those that only read it."""
    for fleet in new_fleet(tmp_path_factory.mktemp("told")):
        with write(fleet.engine) as session:
            tell(session)
            tag_story.tell(session)
        yield fleet


@pytest.fixture(scope="module")
def client(told_fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Asks the served story, with some time series."""
    with sqlite_series(tmp_path_factory.mktemp("washers")) as store:
        store.write(small_plant.washers())
        fleet = replace(told_fleet, series=store)
        with fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
            yield client


@contextmanager
def influx_series(server: Influxd) -> Iterator[InfluxSeries]:
    """Time series on that server."""
    store = InfluxSeries(server.url, "kanbin", "", "", dict.fromkeys(Shelf, KEEP_DAYS))
    yield store
    store.close()


@contextmanager
def sqlite_series(folder: Path) -> Iterator[SqliteSeries]:
    """Time series in a file of that folder."""
    store = SqliteSeries(folder / "series.sqlite")
    store.prepare()
    yield store
    store.close()


@pytest.fixture(scope="module", params=["sqlite", "influx"])
def series(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeSeriesStore]:
    """Either store, with the small plant in it."""
    folder = tmp_path_factory.mktemp("series")
    if request.param == "sqlite":
        with sqlite_series(folder) as store:
            small_plant.tell(store)
            yield store
    else:
        with Influxd(folder / "influx") as server, influx_series(server) as store:
            store.prepare()
            small_plant.tell(store)
            yield store


@pytest.fixture(scope="module")
def asked(series: TimeSeriesStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Asks a fleet whose time series are those of the small plant."""
    for fleet in new_fleet(tmp_path_factory.mktemp("fleet")):
        fleet.series = series
        with fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
            yield client


@dataclass
class Seen:
    """A page, what it asked for and what it complained of."""

    page: Page
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield browser
        browser.close()


Look = Callable[..., AbstractContextManager[Seen]]


@pytest.fixture
def look(browser: Browser) -> Look:
    """Opens a page; when it is closed it must have had no complaint and asked no other host."""

    @contextmanager
    def open_page(
        url: str, viewport: dict[str, int] = DESKTOP, scheme: str = "light", **options: object
    ) -> Iterator[Seen]:
        page = browser.new_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce", **options)
        seen = Seen(page)
        page.on("request", lambda request: seen.requests.append(request))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("console", lambda said: seen.complaints.extend([said.text] * (said.type in ("error", "warning"))))
        page.goto(url)
        try:
            yield seen
        finally:
            page.close()
        assert seen.complaints == []
        assert {urlsplit(request.url).netloc for request in seen.requests} == {urlsplit(url).netloc}

    return open_page
