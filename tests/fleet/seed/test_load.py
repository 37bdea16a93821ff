# SPDX-License-Identifier: Apache-2.0
"""Loading master data: all of it or nothing, and twice is once."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, func, select

from fleet.counting.service import count_new_readings
from fleet.counting.tables import BinRow, CalibrationRow
from fleet.db import Base, read, write
from fleet.devices.tables import DeviceRow
from fleet.orders.tables import ReplenishmentPolicyRow
from fleet.seed.load import SeedError, load
from fleet.seed.read import parse_seed
from fleet.stock.tables import ItemRow, MovementRow, StockRow
from tests.fleet.plant import NOW_MS, SimulatedBin, assert_books_agree, seed_data, store_readings


def load_data(plant: Engine, folder: Path, data: dict[str, Any], *, dry_run: bool = False) -> list[str]:
    """What loading says, entries that stay as they are left out."""
    with write(plant) as session:
        changes = load(session, parse_seed(data, folder), now_ms=NOW_MS + 1, dry_run=dry_run)
    return [str(change) for change in changes if change.outcome != "unchanged"]


def everything(plant: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with read(plant) as session:
        return {
            name: [tuple(row) for row in session.execute(select(table))] for name, table in Base.metadata.tables.items()
        }


def test_loading_the_same_again_changes_nothing(plant: Engine, tmp_path: Path) -> None:
    before = everything(plant)
    assert load_data(plant, tmp_path, seed_data()) == []
    assert everything(plant) == before


def test_a_change_is_told_by_its_fields(plant: Engine, tmp_path: Path) -> None:
    data: Any = seed_data(reorder_point=60)
    data["items"][0]["apw_g"] = "5.1"
    assert load_data(plant, tmp_path, data) == [
        "changed   item M4x12 (apw_g)",
        "changed   policy M4x12 at line-1 (reorder_point)",
    ]
    with read(plant) as session:
        assert session.scalars(select(ReplenishmentPolicyRow.reorder_point)).one() == 60
        assert str(session.scalars(select(ItemRow.apw_g)).one()) == "5.1"


def test_a_dry_run_tells_the_same_and_changes_nothing(plant: Engine, tmp_path: Path) -> None:
    before = everything(plant)
    data: Any = seed_data(reorder_point=60)
    data["items"].append({"item": "M5", "apw_g": "9", "pack_size": 100})
    told = load_data(plant, tmp_path, data, dry_run=True)
    assert told == ["created   item M5", "changed   policy M4x12 at line-1 (reorder_point)"]
    assert everything(plant) == before
    assert load_data(plant, tmp_path, data) == told


def test_a_dry_run_works_in_a_session_for_reading_too(plant: Engine, tmp_path: Path) -> None:
    with read(plant) as session:
        changes = load(session, parse_seed(seed_data(reorder_point=60), tmp_path), now_ms=NOW_MS, dry_run=True)
    assert [change.outcome for change in changes].count("changed") == 1


def test_what_the_seed_does_not_name_stays(plant: Engine, tmp_path: Path) -> None:
    data = {"items": [{"item": "M5", "apw_g": "9", "pack_size": 100}]}
    assert load_data(plant, tmp_path, data) == ["created   item M5"]
    with read(plant) as session:
        assert session.scalar(select(func.count(ItemRow.id))) == 2


def test_another_calibration_is_a_new_version_from_now_on(plant: Engine, tmp_path: Path) -> None:
    data: Any = seed_data()
    data["bins"][0]["counts_per_gram"] = "430.5"
    assert load_data(plant, tmp_path, data) == ["created   calibration 2 of bin-1"]
    with read(plant) as session:
        rows = session.scalars(select(CalibrationRow).order_by(CalibrationRow.version)).all()
        assert [(row.version, str(row.counts_per_gram), row.from_at_ms) for row in rows] == [
            (1, "429.0", 0),
            (2, "430.5", NOW_MS + 1),
        ]


def test_another_key_replaces_the_devices_key(plant: Engine, tmp_path: Path) -> None:
    data: Any = seed_data()
    data["devices"][0]["master_secret"] = "ff" * 16
    assert load_data(plant, tmp_path, data) == ["changed   device dev-1 (master_secret)"]
    with read(plant) as session:
        assert session.scalars(select(DeviceRow.master_secret)).one() == b"\xff" * 16


def test_another_sampling_is_a_new_version_of_the_devices_plan(plant: Engine, tmp_path: Path) -> None:
    data: Any = seed_data()
    data["devices"][0]["sampling"] = {"heartbeat_s": 60}
    assert load_data(plant, tmp_path, data) == ["created   sampling plan 1 of dev-1"]
    assert load_data(plant, tmp_path, data) == []
    data["devices"][0]["sampling"] = {"heartbeat_s": 60, "change_counts": [900]}
    assert load_data(plant, tmp_path, data) == ["created   sampling plan 2 of dev-1"]
    del data["devices"][0]["sampling"]
    assert load_data(plant, tmp_path, data) == []


def test_a_device_that_follows_no_plan_is_given_none(plant: Engine, tmp_path: Path) -> None:
    with write(plant) as session:
        session.query(DeviceRow).update({"last_seen_at_ms": NOW_MS})
    data: Any = seed_data()
    data["devices"][0]["sampling"] = {"heartbeat_s": 60}
    with pytest.raises(SeedError, match=r'devices\[0\]\.sampling: "dev-1" was heard and .* and take this out here'):
        load_data(plant, tmp_path, data)


def test_a_bin_that_gets_another_item_takes_its_pieces_out_of_the_ledger(plant: Engine, tmp_path: Path) -> None:
    with write(plant) as session:
        store_readings(session, list(SimulatedBin(pieces=100).burst()))
        count_new_readings(session, NOW_MS + 17_000, 100)
    data: Any = seed_data()
    data["items"].append({"item": "M5", "apw_g": "2.5", "pack_size": 100})
    data["bins"][0]["item"] = "M5"
    assert load_data(plant, tmp_path, data) == ["created   item M5", "changed   bin bin-1 (item)"]
    with write(plant) as session:
        bin = SimulatedBin(pieces=100, uptime_s=100)
        store_readings(session, list(bin.burst()))
        count_new_readings(session, NOW_MS + 117_000, 100)
        assert_books_agree(session)
        on_hand = dict(session.execute(select(StockRow.item_id, StockRow.qty_on_hand)).all())  # type: ignore[arg-type]
        kinds = list(session.scalars(select(MovementRow.kind).order_by(MovementRow.id)))
    assert on_hand == {1: 0, 2: 200}
    assert kinds == ["count", "adjustment", "count"]


def _at(*path: Any) -> Callable[[dict[str, Any], Any], None]:
    def put(data: Any, value: Any) -> None:
        for part in path[:-1]:
            data = data[part]
        if value is None:
            del data[path[-1]]
        else:
            data[path[-1]] = value

    return put


@pytest.mark.parametrize(
    ("put", "value", "problem"),
    [
        (_at("bins", 0, "item"), "M4x21", 'bins[0].item: no such item "M4x21"; known: M4x12'),
        (_at("sites", 0, "customer"), "acne", 'sites[0].customer: no such customer "acne"; known: acme'),
        (_at("bins", 0, "channel"), 8, "bins[0].channel: Input should be less than or equal to 7"),
        (_at("bins", 0, "channel"), None, "bins[0].channel: is missing; add it"),
        (_at("bins", 0, "colour"), "red", "bins[0].colour: no such field; take it out"),
        (
            _at("racks"),
            [],
            "racks: no such field; sections are: customers, sites, stocking_locations, items, devices, bins, policies, "
            "readers, tags",
        ),
        (
            _at("devices", 0, "kid"),
            1,
            "devices[0].kid: must be hexadecimal digits in quotes (YAML reads them as a number otherwise)",
        ),
        (_at("devices", 0, "master_secret"), "xyz", "must be hexadecimal digits, two for each byte"),
        (_at("devices", 0, "master_secret"), "0011", "devices[0].master_secret: has 2 bytes; give 16, two"),
        (_at("devices", 0, "master_secret"), None, "give either master_secret or master_secret_file"),
        (_at("devices", 0, "master_secret_file"), "k", "give either master_secret or master_secret_file"),
        (
            _at("devices", 0, "sampling"),
            {"heartbeat_s": 9},
            "devices[0].sampling.heartbeat_s: must be a whole number, 10 to 600",
        ),
        (_at("items", 0, "item"), 4711, "items[0].item: must be text; put it in quotes"),
        (_at("items", 0, "apw_g"), "0", "items[0].apw_g: Input should be greater than 0"),
        (
            _at("policies", 0, "order_multiple"),
            161,
            "policies[0].order_multiple: 161 does not fit between reorder_point 41 and order_up_to 200; "
            "give at most 159, or raise order_up_to to 202",
        ),
        (_at("bins", 0, "bin_weight_g"), "5000", "bins[0].bin_weight_g: 5000 leaves nothing of cell_capacity_g 5000"),
    ],
)
def test_a_wrong_entry_is_named_with_its_remedy_and_nothing_is_loaded(
    plant: Engine, tmp_path: Path, put: Callable[[dict[str, Any], Any], None], value: Any, problem: str
) -> None:
    before = everything(plant)
    data: Any = seed_data(reorder_point=41)
    put(data, value)
    with pytest.raises(SeedError, match=re.escape(problem)):
        load_data(plant, tmp_path, data)
    assert everything(plant) == before


def test_a_caller_that_goes_on_after_an_error_has_loaded_nothing(plant: Engine, tmp_path: Path) -> None:
    before = everything(plant)
    data: Any = seed_data(reorder_point=60)
    data["policies"].append({**data["policies"][0], "stocking_location": "line-9"})
    with write(plant) as session, pytest.raises(SeedError):
        load(session, parse_seed(data, tmp_path), now_ms=NOW_MS)
    assert everything(plant) == before


def test_every_problem_is_told_at_once(plant: Engine, tmp_path: Path) -> None:
    data: Any = seed_data()
    data["bins"][0]["item"] = "M5"
    data["policies"][0]["stocking_location"] = "line-9"
    with pytest.raises(SeedError) as refused:
        load_data(plant, tmp_path, data)
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("section", "change", "problem"),
    [
        ("items", {}, "items[1].item: the same as in items[0]; give another or take one out"),
        ("devices", {"device": "dev-2"}, "devices[1].kid: the same as in devices[0]"),
        ("bins", {"bin": "bin-2"}, "bins[1].device + channel: the same as in bins[0]"),
        ("policies", {}, "policies[1].item + stocking_location: the same as in policies[0]"),
    ],
)
def test_what_may_be_said_once_is_not_said_twice(
    tmp_path: Path, section: str, change: dict[str, str], problem: str
) -> None:
    data: Any = seed_data()
    data[section].append({**copy.deepcopy(data[section][0]), **change})
    with pytest.raises(SeedError, match=re.escape(problem)):
        parse_seed(data, tmp_path)


def test_a_channel_or_key_identifier_taken_by_another_row_is_named(plant: Engine, tmp_path: Path) -> None:
    data: Any = seed_data()
    data["devices"][0]["device"] = "dev-2"
    data["bins"][0]["bin"] = "bin-2"
    data["bins"][0]["device"] = "dev-1"
    with pytest.raises(SeedError) as refused:
        load_data(plant, tmp_path, data)
    assert refused.value.problems == [
        'devices[0].kid: 0001 is that of device "dev-1" already; give another',
        'bins[0].channel: 0 of device "dev-1" weighs bin "bin-1" already; give another',
    ]
    with read(plant) as session:
        assert list(session.scalars(select(BinRow.bin))) == ["bin-1"]


def test_two_devices_may_not_share_a_key(plant: Engine, tmp_path: Path) -> None:
    """The fleet would encrypt for both with the same key and the same nonces."""
    data = seed_data()
    twin = {**data["devices"][0], "device": "dev-2", "kid": "0002"}  # type: ignore[index]
    data["devices"].append(twin)  # type: ignore[attr-defined]
    before = everything(plant)
    with pytest.raises(SeedError, match=r"devices\[1\]\.master_secret: the same as in devices\[0\]"):
        load_data(plant, tmp_path, data)
    data["devices"] = [twin]
    with pytest.raises(SeedError, match=r'devices\[0\]\.master_secret: is that of device "dev-1" already') as refused:
        load_data(plant, tmp_path, data)
    assert twin["master_secret"] not in str(refused.value)
    assert everything(plant) == before


def test_two_devices_may_not_share_a_key_file_either(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("00112233445566778899aabbccddeeff")
    (tmp_path / "other").write_text("ffeeddccbbaa99887766554433221100")
    first = {"device": "dev-1", "kid": "0001", "master_secret_file": "key"}
    second = {"device": "dev-2", "kid": "0002", "master_secret_file": "other"}
    assert len(parse_seed({"devices": [first, second]}, tmp_path).devices) == 2
    with pytest.raises(SeedError, match=r"devices\[1\]\.master_secret: the same as in devices\[0\]"):
        parse_seed({"devices": [first, {**second, "master_secret_file": "key"}]}, tmp_path)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("items: [{item: a, apw_g: 1,8, pack_size: 5}]", "write decimals with a point"),
        ("items: [{item: a, apw_g: 1 gram, pack_size: 5}]", "without a unit"),
        ("policies: [{lead_time_s: 2 days}]", "must be a whole number, without a unit"),
        ("- items", "sections: customers"),
        ("items: {item: a}", "must be a list"),
    ],
)
def test_what_people_write_by_mistake_is_answered_in_their_words(said: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(SeedError) as refused:
        parse_seed(yaml.safe_load(said), tmp_path)
    assert problem in str(refused.value)
