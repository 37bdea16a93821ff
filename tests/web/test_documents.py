# SPDX-License-Identifier: Apache-2.0
"""What docs/api.md and docs/planner.md say is what the fleet does."""

import json
import re
from pathlib import Path

import httpx
import pytest

from fleet.web.view import STATE_WORDS

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXCHANGES = re.findall(
    r"^    curl -s 'http://127\.0\.0\.1:8080(.+?)'\n\n```json\n(.*?)```", (DOCS / "api.md").read_text(), re.S | re.M
)


def test_every_command_of_the_document_is_tried() -> None:
    assert len(EXCHANGES) == (DOCS / "api.md").read_text().count("curl") > 0


@pytest.mark.parametrize(("path", "answer"), EXCHANGES, ids=[path for path, _ in EXCHANGES])
def test_a_command_is_answered_as_the_document_says(client: httpx.Client, path: str, answer: str) -> None:
    assert client.get(path).json() == json.loads(answer)


def test_the_document_names_every_list_and_every_filter(client: httpx.Client) -> None:
    document = (DOCS / "api.md").read_text()
    for path, operations in client.get("/api/v1/openapi.json").json()["paths"].items():
        assert f"`{path.removeprefix('/api/v1')}`" in document
        names = {parameter["name"] for parameter in operations["get"]["parameters"]}
        assert not [name for name in names if f"`{name}" not in document]


def test_the_planners_page_explains_every_word_a_bin_can_carry() -> None:
    table = (DOCS / "planner.md").read_text()
    words = {words.split()[0] if words.startswith("Scale") else words for words, _ in STATE_WORDS.values()}
    for word in words - {"No reading"} | {"No reading yet", "Silent", "Settling", "On order", "Low", "Empty", "OK"}:
        assert re.search(rf"^\|[^|]*\b{word}\b", table, re.M), word


def test_pictures_are_small_and_all_are_shown() -> None:
    shown = set(re.findall(r"\(pictures/(.+?)\)", (DOCS / "planner.md").read_text() + _readme()))
    for picture in (DOCS / "pictures").glob("*.png"):
        assert picture.stat().st_size < 150_000
    assert shown <= {picture.name for picture in (DOCS / "pictures").glob("*.png")}


def _readme() -> str:
    return (DOCS.parent / "README.md").read_text()
