# SPDX-License-Identifier: Apache-2.0
"""Readers and tags in a seed file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fleet.db import open_engine, read, write
from fleet.migrations.schema import metadata
from fleet.seed.load import SeedError, load
from fleet.seed.read import parse_seed
from fleet.stock.tables import MovementRow
from fleet.tags.tables import AntennaRow, TagBindingRow
from tests.fleet.plant import NOW_MS, assert_books_agree, seed_data

EPC = "30340789000c0e42dfdc1c35"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine("sqlite:///:memory:")
    metadata().create_all(engine)
    yield engine
    engine.dispose()


def seed(**tag: Any) -> dict[str, Any]:
    data: dict[str, Any] = seed_data()
    data["items"].append({"item": "N5", "apw_g": "1", "pack_size": 50})
    data["stocking_locations"].append({"stocking_location": "line-2", "site": "plant-1"})
    data["readers"] = [{"device": "dev-1", "antenna": 1, "stocking_location": "line-1", "role": "empties"}]
    package = {"epc": EPC, "kind": "package", "item": "N5", "stocking_location": "line-1", "qty": 50, "in_stock": True}
    data["tags"] = [package | tag]
    return data


def load_data(engine: Engine, data: dict[str, Any]) -> list[str]:
    """What loading says, entries that stay as they are left out."""
    with write(engine) as session:
        changes = load(session, parse_seed(data, Path()), now_ms=NOW_MS)
        assert_books_agree(session)
    return [str(change) for change in changes if change.outcome != "unchanged"]


def booked(engine: Engine) -> list[tuple[str, int, int]]:
    with read(engine) as session:
        rows = session.scalars(select(MovementRow).order_by(MovementRow.id))
        return [(row.kind, row.on_hand_delta, row.stocking_location_id) for row in rows]


def test_readers_and_tags_are_loaded_and_loading_them_again_changes_nothing(engine: Engine) -> None:
    said = load_data(engine, seed())
    assert said[-2:] == ["created   antenna 1 of dev-1", f"created   tag {EPC}"]
    assert load_data(engine, seed()) == []
    with read(engine) as session:
        antenna = session.scalars(select(AntennaRow)).one()
        assert (antenna.antenna, antenna.role, antenna.stocking_location_id) == (1, "empties", 1)
        assert session.scalars(select(TagBindingRow)).one().qty == 50
    assert booked(engine) == [("count", 50, 1)]


def test_a_tag_that_is_bound_otherwise_takes_its_pieces_along(engine: Engine) -> None:
    load_data(engine, seed())
    assert load_data(engine, seed(stocking_location="line-2")) == [f"changed   tag {EPC} (stocking_location)"]
    assert booked(engine) == [("count", 50, 1), ("adjustment", -50, 1), ("count", 50, 2)]


def problems(engine: Engine, data: dict[str, Any]) -> list[str]:
    with pytest.raises(SeedError) as refused:
        load_data(engine, data)
    return refused.value.problems


def test_a_tag_of_what_a_scale_weighs_is_refused_with_the_reason(engine: Engine) -> None:
    (problem,) = problems(engine, seed(item="M4x12"))
    assert problem.startswith('tags[0].item: M4x12 at line-1 is weighed in bin "bin-1" already')
    assert booked(engine) == []


def test_a_bin_of_what_tags_tell_is_refused_with_the_reason(engine: Engine) -> None:
    load_data(engine, seed())
    data = seed()
    data["bins"][0]["item"] = "N5"
    (problem,) = problems(engine, data)
    assert problem.startswith("bins[0].item: N5 at line-1 is told by tags already")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ({"item": "M9"}, 'tags[0].item: no such item "M9"; known: M4x12, N5'),
        ({"qty": None}, "tags[0].qty: is missing; a package is so many pieces of an item at a place"),
        ({"kind": "bin"}, "tags[0].item: a bin has its item and place already, and its scale counts; take it out"),
        ({"epc": "3034x"}, "tags[0].epc: must be hexadecimal digits, two for each byte"),
    ],
)
def test_a_tag_that_is_wrong_is_refused_by_its_field(engine: Engine, tag: dict[str, Any], words: str) -> None:
    assert problems(engine, seed(**tag)) == [words]


def test_a_reader_is_given_no_sampling_plan(engine: Engine) -> None:
    data = seed()
    data["devices"][0]["sampling"] = {"heartbeat_s": 60}
    with pytest.raises(
        SeedError, match=r"devices\[0\]\.sampling: readers\[0\] says that it reads tags, .* take it out"
    ):
        load_data(engine, data)
