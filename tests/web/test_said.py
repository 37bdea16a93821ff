# SPDX-License-Identifier: Apache-2.0
"""What people say over HTTP: taken once, checked, and from the fleet's own page alone."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from fleet.counting.tables import CountTaskRow, EvidenceRow
from fleet.db import read, write
from fleet.web.guard import BODY_BYTES_MAX
from tests.web.conftest import Fleet
from tests.web.story import HOUR_MS, NOW_MS

STOCKTAKE = "/api/v1/bins/bin-01/stocktake"
REFILL = "/api/v1/bins/bin-01/refill"


@pytest.fixture
def asked(fleet: Fleet) -> Iterator[httpx.Client]:
    """Asks a fleet that may be changed."""
    with fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def said(fleet: Fleet) -> list[tuple[str, int, str]]:
    with read(fleet.engine) as session:
        return [(row.kind, row.quantity, row.note) for row in session.scalars(select(EvidenceRow))]


def test_a_stocktake_and_a_refill_are_put_down(fleet: Fleet, asked: httpx.Client) -> None:
    answer = asked.post(STOCKTAKE, json={"count": 412, "note": "Monday round"})
    assert answer.status_code == 201
    assert answer.json() == {
        "id": 1,
        "bin": "bin-01",
        "kind": "stocktake",
        "quantity": 412,
        "at": "2026-11-23T08:15:30.000Z",
        "note": "Monday round",
    }
    assert asked.post(REFILL, json={"packs": 2}).status_code == 201
    assert said(fleet) == [("stocktake", 412, "Monday round"), ("refill", 2, "")]


def test_sent_again_under_the_same_key_it_is_taken_once(fleet: Fleet, asked: httpx.Client) -> None:
    key = {"Idempotency-Key": "round-1/bin-01"}
    first = asked.post(STOCKTAKE, json={"count": 412}, headers=key)
    again = asked.post(STOCKTAKE, json={"count": 412}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = asked.post(STOCKTAKE, json={"count": 413}, headers=key)
    assert other.status_code == 409
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert said(fleet) == [("stocktake", 412, "")]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (STOCKTAKE, {}, "count"),
        (STOCKTAKE, {"count": -1}, "count"),
        (STOCKTAKE, {"count": "many"}, "count"),
        (STOCKTAKE, {"count": "412"}, "count"),
        (STOCKTAKE, {"count": 412.5}, "count"),
        (STOCKTAKE, {"count": 10**10}, "count"),
        (STOCKTAKE, {"count": 1, "note": "x" * 501}, "note"),
        (STOCKTAKE, {"count": 1, "colour": "red"}, "colour"),
        (STOCKTAKE, [1], "body"),
        (REFILL, {"packs": 0}, "packs"),
        (REFILL, {"packs": 10_001}, "packs"),
    ],
)
def test_a_wrong_word_is_named_and_nothing_is_put_down(
    fleet: Fleet, asked: httpx.Client, path: str, body: Any, field: str
) -> None:
    answer = asked.post(path, json=body)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert said(fleet) == []


def test_a_bin_that_is_not_there_is_answered_with_those_that_are(asked: httpx.Client) -> None:
    answer = asked.post("/api/v1/bins/bin-99/stocktake", json={"count": 1})
    assert answer.status_code == 404
    assert 'no such bin "bin-99"; there are: bin-01' in answer.json()["errors"][0]["reason"]


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", "http://127.0.0.1.example:8080"])
def test_a_page_elsewhere_cannot_write_through_a_browser_here(fleet: Fleet, asked: httpx.Client, origin: str) -> None:
    """It may send simple requests without asking, so the answer to them must be no."""
    answer = asked.post(STOCKTAKE, content='{"count": 0}', headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["field"] == "Origin"
    assert said(fleet) == []


def test_the_fleets_own_page_can(asked: httpx.Client) -> None:
    own = {"Origin": str(asked.base_url).rstrip("/")}
    assert asked.post(STOCKTAKE, json={"count": 0}, headers=own).status_code == 201


def test_a_long_body_is_refused_before_it_is_read(fleet: Fleet, asked: httpx.Client) -> None:
    long = asked.post(STOCKTAKE, json={"count": 1, "note": "x" * BODY_BYTES_MAX})
    unmeasured = asked.post(STOCKTAKE, content=iter([b'{"count":', b" 1}"]))
    assert (long.status_code, unmeasured.status_code) == (413, 413)
    assert said(fleet) == []


def test_asking_for_what_only_takes_is_refused_with_what_it_takes(asked: httpx.Client) -> None:
    answer = asked.get(STOCKTAKE)
    assert answer.status_code == 405
    assert "POST is" in answer.json()["errors"][0]["reason"]


def test_bins_to_be_counted_by_hand_stand_on_the_page_with_their_reason(fleet: Fleet, asked: httpx.Client) -> None:
    assert "Count me" not in asked.get("/").text
    since = {"since_ms": NOW_MS - 3 * HOUR_MS, "raised_at_ms": NOW_MS - HOUR_MS}
    with write(fleet.engine) as session:
        session.add(CountTaskRow(bin_id=5, reason="absent", **since))
    page = " ".join(asked.get("/").text.split())
    assert "<strong>bin-05</strong> Corner bracket 60 mm, because it is off its scale, for" in page
    assert ">3 h</time>" in page
    (task,) = asked.get("/api/v1/tasks?open=true").json()["items"]
    assert (task["bin"], task["reason"], task["closed_at"]) == ("bin-05", "absent", None)
    assert len(asked.get("/api/v1/tasks?open=false").json()["items"]) == 2
