# SPDX-License-Identifier: Apache-2.0
"""The API keeps the promises of its own OpenAPI description, tried with generated requests good and bad."""

from collections.abc import Iterator

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy, data, one_of
from schemathesis import Case, GenerationMode

LISTS = [
    *("items", "sites", "stocking-locations", "bins", "devices", "device-health", "readings", "reading-gaps"),
    *("counts", "stock", "orders", "levels", "events", "tasks"),
    *("tags", "tag-events", "tag-gaps", "tag-bindings"),
]
ANSWERS = [*LISTS, "series/item", "series/state", "series/refused"]


@pytest.fixture(scope="module")
def description(client: httpx.Client) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{client.base_url}api/v1/openapi.json")


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def requests_for(description: schemathesis.BaseSchema, name: str) -> SearchStrategy[Case]:
    operation = description[f"/api/v1/{name}"]["GET"]
    return one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_as_described(
    description: schemathesis.BaseSchema, session: requests.Session, name: str
) -> None:
    """Status, content type and body match the description; wrong parameters are refused, right ones are not."""

    @given(drawn=data())
    @settings(
        max_examples=30,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    def answers(drawn):  # type: ignore[no-untyped-def]
        drawn.draw(requests_for(description, name)).call_and_validate(session=session)

    answers()


def test_every_answer_is_described(client: httpx.Client) -> None:
    described = client.get("/api/v1/openapi.json").json()["paths"]
    said = {"/api/v1/bins/{bin}/stocktake", "/api/v1/bins/{bin}/refill", "/api/v1/devices/{device}/plan"}
    said.add("/api/v1/tag-bindings/{epc}")
    assert set(described) == {f"/api/v1/{name}" for name in ANSWERS} | said
