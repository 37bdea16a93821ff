# SPDX-License-Identifier: Apache-2.0
"""Both stores of time series, each real: an SQLite file, and an InfluxDB that runs for all tests of this folder."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from fleet.series.influx import InfluxSeries
from fleet.series.model import TimeSeriesStore
from fleet.series.schema import Shelf
from fleet.series.sqlite import SqliteSeries
from tests.servers.influxd import Influxd

KEEP_DAYS = {Shelf.RAW: 36_500, Shelf.ROLLUP: 36_500}
_numbers = count()


@pytest.fixture(scope="session")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with Influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


def influx_store(url: str, prefix: str | None = None) -> InfluxSeries:
    """A store in databases of its own."""
    return InfluxSeries(url, prefix or f"test{next(_numbers)}", "", "", KEEP_DAYS)


@pytest.fixture(params=["sqlite", "influx"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TimeSeriesStore]:
    """Each of the two in turn, empty."""
    made: TimeSeriesStore
    if request.param == "sqlite":
        made = SqliteSeries(tmp_path / "series.sqlite")
    else:
        made = influx_store(request.getfixturevalue("influxd").url)
    made.prepare()
    yield made
    made.close()


@pytest.fixture
def series(tmp_path: Path) -> Iterator[SqliteSeries]:
    """An SQLite one, empty."""
    made = SqliteSeries(tmp_path / "series.sqlite")
    made.prepare()
    yield made
    made.close()
