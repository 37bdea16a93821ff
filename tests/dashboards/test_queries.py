# SPDX-License-Identifier: Apache-2.0
"""Every question of the boards and alerts, put to a real InfluxDB; and what Grafana makes of a question before."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.output import write
from fleet.series.influx import InfluxSeries
from fleet.series.schema import SITE_STATUS, Shelf
from tests.dashboards.interpolate import Raw, Span, interpolate
from tests.dashboards.plant_points import SITES, plant_points
from tests.dashboards.run_queries import Server, connected, run_all
from tests.servers.influxd import Influxd

PREFIX, EMPTY = "kanbin", "empty"
NOW_MS = time.time_ns() // 1_000_000
SPAN = Span(1000, 2000, 60)


@pytest.fixture(scope="module")
def influx_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An InfluxDB with the small plant in it."""
    with Influxd(tmp_path_factory.mktemp("influx")) as influxd:
        for prefix, points in ((PREFIX, plant_points(NOW_MS)), (EMPTY, [])):
            series = InfluxSeries(influxd.url, prefix, "", "", dict.fromkeys(Shelf, 90))
            series.prepare()
            series.write(points)
            series.close()
        yield influxd.url


@pytest.fixture
def boards(tmp_path: Path) -> Path:
    """The boards as they are built now."""
    write(tmp_path)
    return tmp_path


def test_each_question_brings_rows_whatever_is_chosen(influx_url: str, boards: Path) -> None:
    assert run_all(influx_url, boards, PREFIX, NOW_MS, is_full=True) == []


def test_figures_of_now_add_up_over_all_sites(influx_url: str, boards: Path) -> None:
    board = json.loads((boards / "boards" / "kanbin-stock.json").read_text())
    text = next(panel for panel in board["panels"] if panel["title"] == "Items now")["targets"][0]["query"]
    everywhere = interpolate(text, {"customer": Raw(".*"), "site": Raw(".*")}, Span(NOW_MS - 7_200_000, NOW_MS))
    at_one = interpolate(text, {"customer": [SITES[0][0]], "site": [SITES[0][1]]}, Span(NOW_MS - 7_200_000, NOW_MS))
    newest = [1.0 + number for number, field in enumerate(SITE_STATUS.fields) if field.name.startswith("items_")]
    with connected(influx_url) as client:
        ask = Server(client, PREFIX).ask
        assert ask("kanbin-rollup", at_one)[0]["values"][0][1:] == newest
        assert ask("kanbin-rollup", everywhere)[0]["values"][0][1:] == [len(SITES) * value for value in newest]


def panel_of(boards: Path, query: str) -> None:
    """Puts another question into the first panel of a board."""
    path = boards / "boards" / "kanbin-stock.json"
    board = json.loads(path.read_text())
    board["panels"][0]["targets"][0]["query"] = query
    path.write_text(json.dumps(board))


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ('SELECT last("bins") FROM "site_statux" WHERE $timeFilter', "no rows"),
        ('SELECT last("bins") FROM "site_status" WHERE $timeFilter AND', "error parsing query"),
        ('SELECT last("bins") FROM "site_status" WHERE $timeFilter AND "site" =~ /^$sit$/', "$sit has no value"),
        ('SHOW MEASUREMENTS; SHOW DATABASES; SELECT "$timeFilter"', "error parsing query"),
    ],
)
def test_a_question_that_goes_wrong_is_named(influx_url: str, boards: Path, query: str, fault: str) -> None:
    panel_of(boards, query)
    found = run_all(influx_url, boards, PREFIX, NOW_MS)
    assert found
    assert all(line.startswith("kanbin-stock/Items now: ") and fault in line for line in found)


def test_a_panel_may_be_empty_where_it_is_named_but_never_wrong(influx_url: str, boards: Path) -> None:
    named = ["kanbin-stock/Items now"]
    panel_of(boards, 'SELECT last("bins") FROM "site_statux" WHERE $timeFilter')
    assert run_all(influx_url, boards, PREFIX, NOW_MS, named) == []
    panel_of(boards, "SELECT nonsense")
    assert run_all(influx_url, boards, PREFIX, NOW_MS, named)


def test_an_alert_without_rows_is_named(influx_url: str, boards: Path) -> None:
    path = boards / "provisioning" / "alerting" / "kanbin.yaml"
    path.write_text(path.read_text().replace('"bins_silent"', '"bins_silenx"'))
    assert run_all(influx_url, boards, PREFIX, NOW_MS) == ["kanbin-device-silent: no rows"]


def test_nothing_has_rows_on_an_empty_server(influx_url: str, boards: Path) -> None:
    assert len(run_all(influx_url, boards, EMPTY, NOW_MS)) > 50


@pytest.mark.parametrize(
    ("value", "regex"),
    [
        ("Werk 1/2", r"/^Werk 1\/2$/"),
        (["a.b", "c|d"], r"/^(a\.b|c\|d)$/"),
        ([r"$x\y"], r"/^(\$x\\y)$/"),
        (Raw(".*"), "/^.*$/"),
    ],
)
def test_a_variable_becomes_a_regex_of_its_values(value: str | list[str] | Raw, regex: str) -> None:
    assert interpolate("/^$site$/", {"site": value}, SPAN) == regex
    assert interpolate("/^${site:regex}$/", {"site": value}, SPAN) == regex


def test_time_goes_in_as_milliseconds() -> None:
    said = interpolate("WHERE $timeFilter GROUP BY time($__interval)", {}, SPAN)
    assert said == "WHERE time >= 1000ms and time <= 2000ms GROUP BY time(60s)"


@pytest.mark.parametrize("text", ["/^$site$/", "${nothing}", "a $ alone"])
def test_no_dollar_is_left_over(text: str) -> None:
    with pytest.raises(ValueError, match=r"no value|left over"):
        interpolate(text, {}, SPAN)
