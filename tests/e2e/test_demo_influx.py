# SPDX-License-Identifier: Apache-2.0
"""The demonstration fills a real InfluxDB, and every question of every Grafana board finds rows there."""

import time
from pathlib import Path

from fleet.series.schema import MEASUREMENTS
from tests.dashboards.run_queries import WITHOUT_BATTERIES, run_all
from tests.e2e.kanbin_demo import KanbinDemo
from tests.servers.influxd import Influxd

BOARDS = Path(__file__).parents[2] / "dashboards" / "grafana"
SPEED, SECONDS = 100, 55  # over an hour: site_hourly tells of hours that have ended


def test_every_board_has_rows_when_the_demonstration_has_filled_an_influxdb(tmp_path: Path) -> None:
    with Influxd(tmp_path / "influxd") as server:
        began_ms = time.time_ns() // 1_000_000
        arguments = ("--influx", server.url, "--bins", "2", "--speed", str(SPEED), "--until", f"{SECONDS} seconds")
        with KanbinDemo(tmp_path / "demo", *arguments) as demo:
            assert demo.end() == 0, "\n".join(demo.said)
        now_ms = newest_ms(server)
        assert now_ms - began_ms > 3_600_000
        assert run_all(server.url, BOARDS, "kanbin", now_ms, WITHOUT_BATTERIES) == []


def newest_ms(server: Influxd) -> int:
    """The moment of the newest point, after the demonstration's own clock."""
    newest_ns = 0
    for measurement in MEASUREMENTS.values():
        statement = f'SELECT * FROM "{measurement.name}" ORDER BY time DESC LIMIT 1'
        for series in server.query(f"kanbin_{measurement.shelf}", statement):
            rows = series["values"]
            assert isinstance(rows, list)
            newest_ns = max(newest_ns, rows[0][0])
    return newest_ns // 1_000_000 + 1


def test_an_address_where_no_influxdb_is_is_named_before_anything_starts(tmp_path: Path) -> None:
    with KanbinDemo(tmp_path / "demo", "--influx", "http://127.0.0.1:9") as demo:
        assert demo.end() == 2
    assert "--influx: no InfluxDB at http://127.0.0.1:9" in "\n".join(demo.said)
    assert not (tmp_path / "demo").exists()
