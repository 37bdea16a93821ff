# SPDX-License-Identifier: Apache-2.0
"""What docs/api.md and docs/planner.md say is what the fleet does."""

import json
import re
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from fleet.counting.counter import ABSENT, OK, STALE
from fleet.counting.due import SURE_ENOUGH
from fleet.counting.patience import PATIENCE_MS
from fleet.counting.silence import STALE_AFTER_LEAST_MS
from fleet.orders.document import DocumentLine, order_document
from fleet.series.schema import STANDINGS
from fleet.web.view import EMPTY, FINE, LOW, NO_READING, ON_ORDER, SETTLING, SILENT, STATES

DOCS = Path(__file__).resolve().parents[2] / "docs"
COUNTING = (DOCS / "counting.md").read_text()
EXCHANGES = re.findall(
    r"^    curl -s (?:--json '(.+?)' )?'http://127\.0\.0\.1:8080(.+?)'\n\n```json\n(.*?)```",
    (DOCS / "api.md").read_text(),
    re.S | re.M,
)


def test_every_command_of_the_document_is_tried() -> None:
    assert len(EXCHANGES) == (DOCS / "api.md").read_text().count("curl") > 0


@pytest.mark.parametrize(("body", "path", "answer"), EXCHANGES, ids=[path for _, path, _ in EXCHANGES])
def test_a_command_is_answered_as_the_document_says(client: httpx.Client, body: str, path: str, answer: str) -> None:
    answered = client.post(path, json=json.loads(body)) if body else client.get(path)
    assert answered.json() == json.loads(answer)


def test_what_counting_md_tells_people_to_send_is_taken(client: httpx.Client) -> None:
    commands = re.findall(r"^    curl -s --json '(.+?)' http://127\.0\.0\.1:8080(.+)$", COUNTING, re.M)
    assert len(commands) == COUNTING.count("curl") > 0
    for body, path in commands:
        assert client.post(path, json=json.loads(body)).status_code == 201


def test_counting_md_knows_how_long_the_fleet_is_patient() -> None:
    told = [int(hours) * 60 for hours in re.findall(r"\| (\d) hours \|", COUNTING)]
    told += [int(minutes) for minutes in re.findall(r"\| (\d+) minutes \|", COUNTING)]
    assert sorted(told) == sorted([PATIENCE_MS[ABSENT] // 60_000, PATIENCE_MS[STALE] // 60_000, 30])
    assert {PATIENCE_MS[state] // 60_000 for state in PATIENCE_MS if state not in (ABSENT, STALE)} == {30}
    assert f"{SURE_ENOUGH:.0%}".replace("%", " %") in COUNTING


def test_the_document_names_every_list_and_every_filter(client: httpx.Client) -> None:
    document = (DOCS / "api.md").read_text()
    for path, operations in client.get("/api/v1/openapi.json").json()["paths"].items():
        if "get" not in operations:
            assert path.removeprefix("/api/v1/bins/{bin}").removeprefix("/api/v1") in document
        else:
            assert f"`{path.removeprefix('/api/v1')}`" in document
        for operation in operations.values():
            names = {parameter["name"] for parameter in operation.get("parameters", [])} - {"bin"}
            assert not [name for name in names if f"`{name}" not in document]


def test_the_planners_table_is_the_pages_own_in_its_order() -> None:
    rows = re.findall(r"^\| ([A-Z][^|]+?) \| [^|]*?(?:`(\w+)`|any)[^|]* \|", (DOCS / "planner.md").read_text(), re.M)
    said = [(NO_READING, "null"), (SILENT, ""), *((standing, code) for code, standing in STATES.items())]
    said += [(standing, OK) for standing in (SETTLING, ON_ORDER, LOW, EMPTY, FINE)]
    assert rows == [(standing.words, code) for standing, code in said]


def test_the_planner_is_told_how_an_item_may_stand() -> None:
    section = (DOCS / "planner.md").read_text().partition("## Stock and risk")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([a-z][^|]+?) \|", section, re.M)
    assert rows == ["state", *STANDINGS]


def test_the_planner_is_told_after_how_long_a_bin_is_silent() -> None:
    assert f"nothing heard for {STALE_AFTER_LEAST_MS // 60_000} minutes" in (DOCS / "planner.md").read_text()


def test_the_order_file_of_the_document_is_written_as_orders_are() -> None:
    ((name, text),) = re.findall(r"`(RO-\d+)\.json`.*?```json\n(.*?)```", (DOCS / "api.md").read_text(), re.S)
    told = json.loads(text)
    created_at_ms = round(datetime.fromisoformat(told.pop("created_at")).timestamp() * 1000)
    lines = [DocumentLine(**line) for line in told.pop("lines")]
    assert told["order_no"] == name
    assert order_document(**told, created_at_ms=created_at_ms, lines=lines) == text


def test_pictures_are_small_and_all_are_shown() -> None:
    shown = set(re.findall(r"\(pictures/(.+?)\)", (DOCS / "planner.md").read_text() + _readme()))
    for picture in (DOCS / "pictures").glob("*.png"):
        assert picture.stat().st_size < 150_000
    assert shown <= {picture.name for picture in (DOCS / "pictures").glob("*.png")}


def _readme() -> str:
    return (DOCS.parent / "README.md").read_text()
