# SPDX-License-Identifier: Apache-2.0
"""Sampling plans over HTTP: one a device, with versions, checked before anything is kept."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from fleet.db import write
from fleet.devices.tables import DeviceRow
from tests.web.conftest import Fleet

PLAN = "/api/v1/devices/bin-01/plan"


@pytest.fixture
def asked(fleet: Fleet) -> Iterator[httpx.Client]:
    """Asks a fleet that may be changed."""
    with fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def test_a_device_without_a_plan_goes_by_its_own_settings(asked: httpx.Client) -> None:
    assert asked.get(PLAN).json() is None


def test_a_plan_is_what_was_put_and_for_the_rest_what_is_usual(asked: httpx.Client) -> None:
    said = asked.put(PLAN, json={"heartbeat_s": 60, "change_counts": [None, 900]})
    assert said.status_code == 200
    assert said.json() == asked.get(PLAN).json()
    assert said.json() == {
        "device": "bin-01",
        "version": 1,
        "set_at": "2026-11-23T08:15:30.000Z",
        "is_followed": False,
        "heartbeat_s": 60,
        "settle_s": 16,
        "sample_ms": 100,
        "sleep_s": None,
        "report_s": None,
        "change_counts": [None, 900],
    }


def test_the_same_plan_again_stays_the_version_it_is(asked: httpx.Client) -> None:
    versions = [asked.put(PLAN, json={"heartbeat_s": each}).json()["version"] for each in (60, 60, 90)]
    assert versions == [1, 1, 2]
    assert asked.get("/api/v1/devices", params={"device": "bin-01"}).json()["items"][0]["plan_wanted"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"heartbeat_s": 601}, "heartbeat_s"),
        ({"heartbeat_s": "60"}, "heartbeat_s"),
        ({"change_counts": [1] * 9}, "change_counts"),
        ({"change_counts": [0]}, "change_counts"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(asked: httpx.Client, body: dict[str, Any], field: str) -> None:
    refused = asked.put(PLAN, json=body)
    assert refused.status_code == 422
    assert field in refused.json()["errors"][0]["field"]
    assert asked.get(PLAN).json() is None


def test_a_device_that_follows_no_plan_is_given_none(fleet: Fleet, asked: httpx.Client) -> None:
    with write(fleet.engine) as session:
        session.query(DeviceRow).filter_by(device="bin-01").update({"plan_followed": None, "last_seen_at_ms": 1})
    refused = asked.put(PLAN, json={})
    assert refused.status_code == 409
    (error,) = refused.json()["errors"]
    assert error["field"] == "device"
    assert '"bin-01" was heard and has not said which sampling plan it follows' in error["reason"]
    assert asked.get(PLAN).json() is None


def test_a_device_that_is_not_there_is_named(asked: httpx.Client) -> None:
    refused = asked.put("/api/v1/devices/bin-99/plan", json={})
    assert refused.status_code == 404
    assert refused.json()["errors"][0]["field"] == "device"
