# SPDX-License-Identifier: Apache-2.0
"""The composition root: chooses the fleet's real parts and runs them together in one process."""

import asyncio
import signal
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from fleet.clock import SystemClock
from fleet.db import open_engine, upgrade
from fleet.gate import server as gate
from fleet.series.dialect import Dialect
from fleet.series.model import TimeSeriesStore
from fleet.series.schema import Shelf
from fleet.series.sqlite import SqliteSeries
from fleet.series.worker import SeriesWorker
from fleet.settings import Settings
from fleet.tags.model import Patience
from fleet.web.app import create_app
from fleet.web.server import HttpServer, HttpServerError
from fleet.worker import Worker


class StartError(Exception):
    """The fleet cannot start; the message says what is in the way and what to do."""


class Fleet:
    """Gate, worker and page on one store, in one event loop."""

    def __init__(self, settings: Settings) -> None:
        """Makes what is missing (folders, schema). Raises StartError."""
        self._settings = settings
        try:
            for folder in (settings.data_dir, settings.orders_folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            upgrade(settings.url)
            self._engine = open_engine(settings.url)
        except OSError as error:
            what = f"{error.filename}: {error.strerror}"
            raise StartError(f"{what}; choose a folder that can be written: --data-dir or KANBIN_DATA_DIR") from None
        except SQLAlchemyError as error:
            raise StartError(unusable(settings.database_file, error)) from None
        self._clock = SystemClock(settings.clock_speed)
        patience = tag_patience(settings)
        self._worker = Worker(self._engine, self._clock, settings.orders_folder, settings.readings_keep_days, patience)
        self._series = series_store(settings)
        self._series_worker = SeriesWorker(self._engine, self._series, self._clock, days_kept(settings))
        app = create_app(
            self._engine,
            self._clock,
            is_counting=lambda: self._worker.is_well,
            heard=lambda: self._worker.wake(),
            series=self._series,
            is_series_down=lambda: self._series_worker.is_down,
        )
        self._http = HttpServer(app, settings.http_host, settings.http_port)
        self._gate: gate.Gate | None = None

    @property
    def page_url(self) -> str:
        """Where a browser finds the page."""
        return self._http.url

    async def start(self) -> None:
        """Takes both ports, then counts what is left over from a former run. Raises StartError; nothing stays open."""
        settings = self._settings
        try:
            await self._http.start()
            self._gate = await gate.start(
                self._engine, self._clock, settings.coap_host, settings.coap_port, self._worker.wake
            )
        except (HttpServerError, gate.PortError) as error:
            await self._http.stop()
            self._close()
            raise StartError(str(error)) from None
        self._worker.start()
        self._series_worker.start()

    async def stop(self) -> None:
        """Hears no more devices, finishes what is in hand, closes the store."""
        if self._gate is not None:
            await self._gate.stop()
        await asyncio.to_thread(self._worker.stop)
        await asyncio.to_thread(self._series_worker.stop)
        await self._http.stop()
        self._close()

    def _close(self) -> None:
        self._series.close()
        self._engine.dispose()


def days_kept(settings: Settings) -> dict[Shelf, int]:
    """For how many days time series are kept."""
    return {Shelf.RAW: settings.series_raw_days, Shelf.ROLLUP: settings.series_rollup_days}


def tag_patience(settings: Settings) -> Patience:
    """How long a tag may be away."""
    return Patience(1000 * settings.tag_gone_s, 1000 * settings.tag_silent_s, 1000 * settings.tag_refill_s)


def series_store(settings: Settings) -> TimeSeriesStore:
    """The store of time series that the settings choose. Raises StartError."""
    file = settings.series_file
    if file is not None:
        if file.absolute() == settings.database_file.absolute():
            raise StartError(f"{file}: is the database already; choose another file: KANBIN_SERIES_URL")
        try:
            return SqliteSeries(file)
        except OSError as error:
            raise StartError(f"{file}: {error.strerror}; choose another: KANBIN_SERIES_URL") from None
    try:
        from fleet.series.influx import InfluxSeries  # only who has an InfluxDB needs its client
    except ImportError:
        raise StartError(
            "KANBIN_SERIES_URL is an InfluxDB, whose client is missing: pip install kanbin[influx]"
        ) from None
    dialect = Dialect(settings.series_dialect) if settings.series_dialect else None
    token, name = settings.series_token.get_secret_value(), settings.series_database
    return InfluxSeries(settings.series_url, name, token, settings.series_org, days_kept(settings), dialect)


def unusable(file: Path, error: SQLAlchemyError) -> str:
    """Why a database cannot be used, and what to do."""
    why = error.orig if isinstance(error, DBAPIError) else error
    return f"{file}: cannot be used: {why}; put a backup back, or choose another: --data-dir or KANBIN_DATABASE_URL"


async def until_told_to_stop() -> None:
    """Waits for Ctrl-C or a polite kill."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
