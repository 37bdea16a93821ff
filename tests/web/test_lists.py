# SPDX-License-Identifier: Apache-2.0
"""What the API lists, page by page and filtered."""

import json
import re
from typing import Any

import httpx
import pytest

from fleet.counting import counter

LISTS = [
    *("items", "sites", "stocking-locations", "bins", "devices", "device-health", "readings", "reading-gaps"),
    *("counts", "stock", "orders", "levels", "events", "tasks"),
    *("tags", "tag-events", "tag-gaps", "tag-bindings"),
]


def listed(client: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.mark.parametrize("name", LISTS)
def test_pages_joined_by_their_cursor_are_the_whole_list(client: httpx.Client, name: str) -> None:
    whole = client.get(f"/api/v1/{name}", params={"limit": 1000}).json()
    pages, after = [], None
    while True:
        query = {"limit": 3 if len(whole["items"]) < 50 else 300} | ({"after": after} if after is not None else {})
        page = client.get(f"/api/v1/{name}", params=query).json()
        assert 0 < len(page["items"]) <= query["limit"]
        pages += page["items"]
        after = page["next"]
        if after is None:
            break
    assert pages == whole["items"]
    assert whole["next"] is None


def test_no_answer_holds_a_key_or_a_key_identifier(client: httpx.Client) -> None:
    secrets = [bytes([number]) * 16 for number in range(1, 8)]
    for name in LISTS:
        said = client.get(f"/api/v1/{name}", params={"limit": 1000}).text
        assert not re.search(r"secret|salt|\bkid\b", said)
        assert not [secret for secret in secrets if secret.hex() in said]


def test_a_device_tells_how_it_is(client: httpx.Client) -> None:
    (device,) = listed(client, "devices", device="bin-05")
    assert (device["rssi_dbm"], device["battery_mv"], device["reset_cause"]) == (-61, None, "power_on")
    assert device["cell_faults"] == [{"channel": 0, "fault": "ok"}]
    assert (device["plan_wanted"], device["plan_followed"]) == (None, 0)
    (said,) = listed(client, "device-health", device="bin-05")
    assert (said["uptime_s"], said["traceback"], said["cell_faults"]) == (3, None, device["cell_faults"])


def test_a_device_tells_what_it_lost(client: httpx.Client) -> None:
    gap = listed(client, "reading-gaps", device="bin-05", channel=0)[0]
    assert (gap["device"], gap["sequence"], gap["lost"], gap["taken_at"]) == ("bin-05", 4_000_000, 40, None)


def test_a_reader_tells_what_it_lost(client: httpx.Client) -> None:
    (gap,) = listed(client, "tag-gaps", device="reader-01")
    assert (gap["sequence"], gap["antenna"], gap["lost"], gap["taken_at"]) == (90, 1, 12, "2026-11-21T06:55:30.000Z")


def test_a_bin_tells_its_newest_count_with_bounds_and_state(client: httpx.Client) -> None:
    (bin,) = listed(client, "bins", bin="bin-05")
    assert bin["item"] == "bracket-60"
    assert bin["bin_weight_g"] == "182.5"
    assert bin["count_anyway_reason"] is None
    assert bin["count"]["state"] == "absent"
    assert bin["count"]["at"] == "2026-11-23T08:15:22.000Z"
    assert bin["count"]["lower"] <= bin["count"]["pieces"] <= bin["count"]["upper"]


def test_a_bin_that_is_counted_all_the_same_tells_why(client: httpx.Client) -> None:
    (bin,) = listed(client, "bins", bin="bin-06")
    assert bin["count_anyway_reason"] == "An alarm before it is empty is all that is wanted."


def test_counts_can_be_followed_from_the_last_one_seen(client: httpx.Client) -> None:
    newest = listed(client, "counts", bin="bin-02", newest=True, limit=5)
    assert [count["bin"] for count in newest] == ["bin-02"] * 5
    assert [count["id"] for count in newest] == sorted(count["id"] for count in newest)
    assert listed(client, "counts", bin="bin-02", after=newest[2]["id"]) == newest[3:]
    assert listed(client, "counts", bin="bin-02", after=newest[4]["id"]) == []


def test_counts_of_several_bins_come_in_one_answer(client: httpx.Client) -> None:
    counts = listed(client, "counts", bin=["bin-01", "bin-03"], limit=1000)
    assert {count["bin"] for count in counts} == {"bin-01", "bin-03"}


def test_counts_of_one_state_only(client: httpx.Client) -> None:
    assert [count["bin"] for count in listed(client, "counts", state="absent")] == ["bin-05"]


def test_a_reading_is_told_as_the_device_said_it(client: httpx.Client) -> None:
    reading = listed(client, "readings", device="bin-01", newest=True, limit=1)[0]
    assert reading["taken_at"] == "2026-11-23T08:15:22.000Z"
    told = {name: reading[name] for name in ("device", "epoch", "boot_count", "channel", "spread", "temp_cc")}
    assert told == {"device": "bin-01", "epoch": 1, "boot_count": 1, "channel": 0, "spread": 80, "temp_cc": 2150}


def test_readings_of_a_channel_nobody_uses_are_none(client: httpx.Client) -> None:
    assert listed(client, "readings", device="bin-01", channel=7) == []


def test_stock_is_the_position_of_an_item_at_a_place(client: httpx.Client) -> None:
    (stock,) = listed(client, "stock", item="washer-m4", stocking_location="line-1", site="plant-1")
    assert stock["qty_on_order"] == 800
    assert stock["inventory_position"] == stock["qty_on_hand"] + 800
    assert stock["in_doubt"] is False


def test_levels_say_when_and_how_much_is_ordered(client: httpx.Client) -> None:
    assert listed(client, "levels", item="screw-m4x12", stocking_location="line-1", site="plant-1") == [
        {
            "item": "screw-m4x12",
            "stocking_location": "line-1",
            "site": "plant-1",
            "reorder_point": 250,
            "order_up_to": 900,
            "order_multiple": 100,
            "min_order_qty": 100,
            "lead_time_s": 172800,
        }
    ]


def test_the_description_lists_every_state_that_a_count_can_have(client: httpx.Client) -> None:
    described = client.get("/api/v1/openapi.json").json()["components"]["schemas"]["CountState"]["enum"]
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    words = {value for name, value in vars(counter).items() if name.isupper() and isinstance(value, str)}
    kinds = {counter.PICK, counter.REFILL, counter.RETURN, counter.CORRECT}
    assert set(schemas["EventKind"]["enum"]) == kinds
    assert set(described) == words - kinds


def test_an_order_carries_its_lines(client: httpx.Client) -> None:
    (order,) = listed(client, "orders", state="sent")
    assert (order["order_no"], order["sent_at"]) == ("RO-000002", "2026-11-23T03:15:31.500Z")
    assert order["lines"] == [
        {
            "item": "washer-m4",
            "stocking_location": "line-1",
            "qty_ordered": 800,
            "qty_received": 0,
            "state": "sent",
        }
    ]


def test_orders_of_an_item(client: httpx.Client) -> None:
    assert [order["order_no"] for order in listed(client, "orders", item="hinge-26")] == ["RO-000003"]


def test_places_name_what_they_belong_to(client: httpx.Client) -> None:
    (place,) = listed(client, "stocking-locations", stocking_location="line-1", site="plant-1")
    assert (place["stocking_location"], place["site"], place["customer"]) == ("line-1", "plant-1", "nordwerk")
    (site,) = listed(client, "sites", customer="nordwerk")
    assert site["name"] == "Plant 1"


def test_weights_are_exact_strings_and_quantities_whole_numbers(client: httpx.Client) -> None:
    (item,) = listed(client, "items", item="screw-m4x12")
    assert json.dumps([item["apw_g"], item["pack_size"]]) == '["1.8", 100]'
