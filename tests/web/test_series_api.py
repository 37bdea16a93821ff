# SPDX-License-Identifier: Apache-2.0
"""GET /series/item, from either store of time series."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.influxd import Influxd
from tests.web.conftest import Fleet, influx_series, sqlite_series
from tests.web.small_plant import DAY_MS, MIDNIGHT_MS, ODD_ITEM, SCREW, daily, stock
from tests.web.story import NOW_MS

NAMES = ("customer", "site", "stocking_location", "item")
POINTS_MAX = 2000


def item_series(client: httpx.Client, item: tuple[str, ...], **query: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/series/item", params=dict(zip(NAMES, item, strict=True)) | query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_stock_and_use_of_an_item_over_ninety_days(asked: httpx.Client) -> None:
    told = item_series(asked, SCREW)
    assert (told["begin"], told["end"]) == ("2026-08-26T00:00:00.000Z", "2026-11-23T08:15:30.000Z")
    assert told["stock"] == [
        {"at": "2026-11-03T00:00:00.000Z", "qty_on_hand": 40, "qty_on_order": 0, "safety_stock": 13,
         "reorder_point": 20, "order_up_to": 60},
        {"at": "2026-11-23T07:30:00.000Z", "qty_on_hand": 0, "qty_on_order": 100, "safety_stock": 13,
         "reorder_point": 20, "order_up_to": 60},
    ]  # fmt: skip
    assert told["daily"] == [
        {"at": "2026-11-03T00:00:00.000Z", "used": 12, "received": 50, "adjusted": -2},
        {"at": "2026-11-23T00:00:00.000Z", "used": 3, "received": 0, "adjusted": 0},
    ]


def test_fewer_days_are_told_more_finely(asked: httpx.Client) -> None:
    told = item_series(asked, SCREW, days=1)
    assert told["begin"] == "2026-11-23T00:00:00.000Z"
    assert [point["at"] for point in told["stock"]] == ["2026-11-23T08:10:00.000Z"]


def test_an_item_is_told_whatever_it_is_called(asked: httpx.Client) -> None:
    told = item_series(asked, ODD_ITEM)
    assert [(point["qty_on_hand"], point["reorder_point"]) for point in told["stock"]] == [(7, None)]
    assert [flow["used"] for flow in told["daily"]] == [1]


@pytest.mark.parametrize("place", range(4))
def test_an_item_of_another_place_has_no_points(asked: httpx.Client, place: int) -> None:
    other = (*SCREW[:place], "elsewhere", *SCREW[place + 1 :])
    told = item_series(asked, other)
    assert (told["stock"], told["daily"]) == ([], [])


@pytest.mark.parametrize("days", [1, 7, 90, 366])
def test_however_much_is_known_an_answer_is_short(empty_fleet: Fleet, tmp_path: Path, days: int) -> None:
    with sqlite_series(tmp_path) as store:
        first_ms = MIDNIGHT_MS - (days - 1) * DAY_MS
        every_ms = max(30_000, (NOW_MS - first_ms) // 5000)
        store.write([stock(SCREW, at_ms, qty_on_hand=1) for at_ms in range(first_ms, NOW_MS, every_ms)])
        store.write([daily(SCREW, days_ago, used=1) for days_ago in range(days)])
        empty_fleet.series = store
        with empty_fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
            told = item_series(client, SCREW, days=days)
    assert len(told["daily"]) == days
    assert 400 < len(told["stock"]) + len(told["daily"]) < POINTS_MAX


@pytest.mark.parametrize(
    ("query", "field"),
    [({"days": 0}, "days"), ({"days": 367}, "days"), ({"item": ""}, "item"), ({"every": 1}, "every")],
)
def test_a_wrong_parameter_is_named(asked: httpx.Client, query: dict[str, Any], field: str) -> None:
    answer = asked.get("/api/v1/series/item", params=dict(zip(NAMES, SCREW, strict=True)) | query)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


def test_while_the_store_is_down_the_answer_is_503_and_says_what_does_not_depend_on_it(
    empty_fleet: Fleet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with influx_series(Influxd(tmp_path / "never-started")) as empty_fleet.series, empty_fleet.served() as server:
        answer = httpx.get(
            f"{server.url}api/v1/series/item", params=dict(zip(NAMES, SCREW, strict=True)), trust_env=False
        )
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    reason = "the time series cannot be read just now; stock and orders do not depend on them; try again"
    assert answer.json() == {"errors": [{"field": "series", "reason": reason}]}
    assert [record.getMessage() for record in caplog.records if "/series/item: the time series" in record.getMessage()]


def test_without_a_store_the_answer_says_that_none_is_kept(empty_fleet: Fleet) -> None:
    with empty_fleet.served() as server:
        answer = httpx.get(
            f"{server.url}api/v1/series/item", params=dict(zip(NAMES, SCREW, strict=True)), trust_env=False
        )
    assert answer.status_code == 404
    assert "keeps no time series" in answer.json()["errors"][0]["reason"]
