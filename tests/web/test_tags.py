# SPDX-License-Identifier: Apache-2.0
"""Tags on the page and over HTTP: what readers see, what tags are stuck to, and what is refused."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from playwright.sync_api import Browser
from sqlalchemy import delete
from typer.testing import CliRunner

from fleet.cli import app
from fleet.db import write
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.stock.tables import ItemRow
from fleet.tags.tables import TagBindingRow
from tests.web import tag_story
from tests.web.conftest import DESKTOP, Fleet
from tests.web.story import NOW_MS
from tests.web.test_risk import words

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/tags.md").read_text()

BOUND = "/api/v1/tag-bindings"
HINGE = tag_story.HINGES[0].hex()
FREE = "30340789000c0e42dfdc1c35"
PACKAGE = {"epc": FREE, "kind": "package", "item": "hinge-35", "stocking_location": "line-1", "qty": 50}


@pytest.fixture
def tagged(fleet: Fleet) -> Fleet:
    with write(fleet.engine) as session:
        tag_story.tell(session)
    return fleet


@pytest.fixture
def asked(tagged: Fleet) -> Iterator[httpx.Client]:
    with tagged.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    (error,) = answer.json()["errors"]
    return answer.status_code, error["field"], error["reason"]


def test_the_page_shows_each_readers_tags_with_what_they_are_on_and_since_when(asked: httpx.Client) -> None:
    said = words(asked, "/tags")
    assert "Tags 6 tags before 2 readers." in said
    assert "reader-01 Antenna 0 stock of line-1, 1 the empties of line-1, 2 stock of store; heard 20 s ago" in said
    for row in (
        "Package of 50 Hinge, 35 mm cup GTIN 80614141123458 serial 6700 Antenna 0, stock of line-1 2 d ago 5 min ago",
        "Nothing is bound to it E28011700000020F1A2B3C4D Antenna 0, stock of line-1 31 min ago 31 min ago Not bound",
        "Bin bin-01 GIAI 0614141401 Antenna 0, stock of line-1 30 min ago 30 min ago Seen",
        "Box of 200 Hinge, 35 mm cup GRAI 0614141123452 serial 5678 Antenna 1, the empties of line-1 12 min ago",
        "serial 6702 Antenna 2, stock of store 3 min ago 3 min ago Wrong place",
    ):
        assert row in said
    assert "reader-02 Antenna 0 stock of store; heard 2 h ago No tag is before it." in said


def test_without_readers_the_page_says_how_to_get_some(empty_fleet: Fleet) -> None:
    with empty_fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        assert "No readers yet." in words(client, "/tags")


@pytest.mark.parametrize("width_px", [320, 390, 1280])
def test_the_page_fits_every_screen_and_keeps_itself_up_to_date(tagged: Fleet, browser: Browser, width_px: int) -> None:
    with tagged.served() as server:
        page = browser.new_page(viewport={**DESKTOP, "width": width_px})
        page.goto(f"{server.url}tags")
        page.locator("#connection[data-state=live]").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px
        page.locator("text=20 s ago").wait_for()
        tagged.clock.at_ms += 60_000
        page.locator("text=1 min ago").first.wait_for()
        page.close()


def test_present_tags_are_listed_with_what_their_epc_names(asked: httpx.Client) -> None:
    (tag,) = asked.get("/api/v1/tags", params={"epc": HINGE}).json()["items"]
    assert tag["named"] == {
        "scheme": "sgtin-96",
        "uri": "urn:epc:id:sgtin:0614141.812345.6700",
        "keys": {"gtin": "80614141123458", "serial": "6700"},
    }
    told = {name: tag[name] for name in ("device", "antenna", "role", "at_stocking_location", "kind", "item", "qty")}
    assert told == {
        "device": "reader-01",
        "antenna": 0,
        "role": "stock",
        "at_stocking_location": "line-1",
        "kind": "package",
        "item": "hinge-35",
        "qty": 50,
    }
    assert asked.get("/api/v1/tags", params={"device": "reader-02"}).json()["items"] == []


def test_events_are_told_as_the_reader_said_them(asked: httpx.Client) -> None:
    event, later = asked.get("/api/v1/tag-events", params={"epc": HINGE, "device": "reader-01"}).json()["items"]
    assert later["kind"] == "present"
    assert (event["kind"], event["antenna"], event["rssi_dbm"], event["epc"]) == ("entered", 0, -58, HINGE)


def bind(asked: httpx.Client, **changed: Any) -> httpx.Response:
    return asked.post(BOUND, json={name: value for name, value in (PACKAGE | changed).items() if value is not None})


def test_a_tag_is_bound_and_the_binding_taken_off_again(asked: httpx.Client) -> None:
    answer = bind(asked, in_stock=True)
    assert answer.status_code == 201
    assert (answer.json()["epc"], answer.json()["is_in_stock"]) == (FREE, True)
    assert [row["qty"] for row in asked.get(BOUND, params={"epc": FREE}).json()["items"]] == [50]
    assert asked.delete(f"{BOUND}/{FREE.upper()}").status_code == 204
    assert asked.get(BOUND, params={"epc": FREE}).json()["items"] == []
    status, field, reason = refusal(asked.delete(f"{BOUND}/{FREE}"))
    assert (status, field) == (404, "epc")
    assert re.match(f'no such epc "{FREE}"; there are: .*; /api/v1/tag-bindings lists all', reason)


def test_what_would_count_twice_is_refused_with_the_reason(asked: httpx.Client) -> None:
    status, field, reason = refusal(bind(asked, item="washer-m4"))
    assert (status, field) == (409, "item")
    assert reason.startswith('washer-m4 at line-1 is weighed in bin "bin-02" already, and stock told by scales and')
    status, field, reason = refusal(bind(asked, epc=HINGE))
    assert (status, field, reason) == (409, "epc", f"{HINGE} is bound already; take that binding off first")


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"epc": "3034x"}, 422, "epc"),
        ({"kind": "pallet"}, 422, "kind"),
        ({"qty": 0}, 422, "qty"),
        ({"qty": None}, 422, "qty"),
        ({"item": "nothing"}, 404, "item"),
        ({"stocking_location": "nowhere"}, 404, "stocking_location"),
        ({"kind": "bin"}, 422, "item"),
        ({"colour": "red"}, 422, "colour"),
    ],
)
def test_a_binding_that_is_wrong_is_refused_by_its_field(
    asked: httpx.Client, changed: dict[str, Any], status: int, field: str
) -> None:
    assert refusal(bind(asked, **changed))[:2] == (status, field)
    assert asked.get(BOUND, params={"epc": FREE}).json()["items"] == []


def test_what_the_document_tells_people_to_send_is_taken(asked: httpx.Client) -> None:
    body, path = re.findall(r"-d '(.+?)'\n    curl -X DELETE http://127\.0\.0\.1:8080(\S+)", DOCUMENT)[0]
    assert asked.post(BOUND, json=json.loads(body)).status_code == 201
    assert asked.delete(path).status_code == 204


def test_the_documents_seed_can_be_loaded(tagged: Fleet) -> None:
    readers, tags = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.S)
    with write(tagged.engine) as session:
        session.add(ItemRow(item="screw-m5", name="", apw_g=2, pack_size=100))
        session.execute(delete(TagBindingRow))
        session.flush()
        changes = load(session, parse_seed(yaml.safe_load(readers + tags), Path()), now_ms=NOW_MS)
    assert [change.outcome for change in changes] == ["unchanged", "unchanged", "created", "created", "created"]


def test_the_document_shows_what_the_command_says() -> None:
    command, answer = re.findall(r"^    kanbin (epc \w+)\n\n```\n(.*?)```", DOCUMENT, re.S | re.M)[0]
    assert CliRunner().invoke(app, command.split()).output == answer


def test_a_page_of_another_host_binds_nothing(asked: httpx.Client) -> None:
    answer = asked.post(BOUND, json=PACKAGE, headers={"Origin": "https://elsewhere.example"})
    assert refusal(answer)[:2] == (403, "Origin")
