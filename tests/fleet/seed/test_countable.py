# SPDX-License-Identifier: Apache-2.0
"""A bin whose item its cell cannot count is refused, unless somebody says why it shall be counted all the same."""

import copy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fleet.counting.tables import BinRow
from fleet.db import open_engine, read, write
from fleet.seed.load import SeedError, load
from fleet.seed.read import parse_seed
from tests.fleet.migrated import migrated
from tests.fleet.plant import NOW_MS, seed_data
from tools.simulate.scenario import KINDS, plan_bins, seed_document

REASON = "only an alarm before it is empty is wanted"


def load_data(plant: Engine, data: dict[str, Any]) -> list[str]:
    with write(plant) as session:
        changes = load(session, parse_seed(data, Path()), now_ms=NOW_MS + 1)
    return [str(change) for change in changes if change.outcome != "unchanged"]


def problems_of(plant: Engine, data: dict[str, Any]) -> list[str]:
    with pytest.raises(SeedError) as refused:
        load_data(plant, data)
    return refused.value.problems


def reason_kept(plant: Engine) -> str | None:
    with read(plant) as session:
        return session.scalars(select(BinRow.count_anyway_reason)).one()


def with_tiny_pieces() -> dict[str, Any]:
    data: Any = seed_data(order_up_to=2_000)
    data["items"][0]["apw_g"] = "0.1"
    return data  # type: ignore[no-any-return]


def test_pieces_too_light_for_the_cell_are_refused_with_reason_and_remedy(plant: Engine) -> None:
    assert problems_of(plant, with_tiny_pieces()) == [
        "bins[0].item: pieces of 0.1 g cannot be counted on a cell of 5 kg that carries 400 g: rho is 1.5, and below 3 "
        "single pieces are not told; choose a cell of 0.6 to 2 kg (rho 5.6 to 3.2), or weighing by packs of 5 or more, "
        "or say in the bin's count_anyway why it is to be counted all the same"
    ]
    assert reason_kept(plant) is None


def test_more_than_the_cell_carries_is_refused_with_both_weights(plant: Engine) -> None:
    (problem,) = problems_of(plant, seed_data(order_up_to=1_000))
    assert problem == (
        "bins[0].item: 1,000 pieces of 5 g and the bin of 200 g are 5,200 g, more than the cell of 5 kg carries; "
        "choose a cell of 10 to 50 kg (rho 19.4 to 7.2), or at most 960 pieces in the bin, "
        "or say in the bin's count_anyway why it is to be counted all the same"
    )
    assert load_data(plant, seed_data(order_up_to=960)) == ["changed   policy M4x12 at line-1 (order_up_to)"]


def test_who_insists_and_says_why_is_let_through_and_the_reason_is_kept(plant: Engine) -> None:
    data = with_tiny_pieces()
    data["bins"][0]["count_anyway"] = f" {REASON} "
    assert "changed   bin bin-1 (count_anyway)" in load_data(plant, data)
    assert reason_kept(plant) == REASON


def test_a_reason_that_is_taken_out_again_is_not_remembered(plant: Engine) -> None:
    data: Any = seed_data()
    data["bins"][0]["count_anyway"] = REASON
    load_data(plant, data)
    load_data(plant, seed_data())
    assert reason_kept(plant) is None


@pytest.mark.parametrize("said", ["", "   ", True, 1, ["because"]])
def test_a_bare_yes_is_no_reason(plant: Engine, said: object) -> None:
    data = with_tiny_pieces()
    data["bins"][0]["count_anyway"] = said
    assert problems_of(plant, data) == [
        "bins[0].count_anyway: must be a reason; say in a sentence why it is to be counted all the same, or take it out"
    ]


def test_a_reason_is_a_sentence_not_a_book(plant: Engine) -> None:
    data = with_tiny_pieces()
    data["bins"][0]["count_anyway"] = "x" * 501
    (problem,) = problems_of(plant, data)
    assert problem == "bins[0].count_anyway: must be a reason; say it in no more than 500 characters"


def test_without_levels_a_bin_is_judged_by_a_single_piece(plant: Engine) -> None:
    data: Any = {**seed_data(), "policies": []}
    data["items"].append({"item": "M2", "apw_g": "0.1", "pack_size": 100})
    data["bins"][0]["item"] = "M2"
    (problem,) = problems_of(plant, data)
    assert problem.startswith("bins[0].item: pieces of 0.1 g")
    data["items"][-1]["apw_g"] = "0.5"
    assert load_data(plant, data)


def test_bins_that_share_their_levels_share_the_load(plant: Engine) -> None:
    data: Any = seed_data(order_up_to=1_900)
    data["bins"].append({**copy.deepcopy(data["bins"][0]), "bin": "bin-2", "channel": 1})
    assert "created   bin bin-2" in load_data(plant, data)
    assert len(problems_of(plant, seed_data(order_up_to=1_950))) == 2


@pytest.mark.parametrize(
    ("section", "change", "path"),
    [
        ("items", {"apw_g": "0.1"}, 'items[0].apw_g: bin "bin-1": pieces of 0.1 g cannot be counted'),
        ("policies", {"order_up_to": 1_000}, 'policies[0].order_up_to: bin "bin-1": 1,000 pieces of 5 g'),
    ],
)
def test_neither_may_another_weight_or_level_make_a_bin_uncountable(
    plant: Engine, section: str, change: dict[str, Any], path: str
) -> None:
    data: Any = seed_data()
    (problem,) = problems_of(plant, {section: [{**data[section][0], **change}]})
    assert problem.startswith(path)


def test_a_reason_once_given_holds_for_them_too(plant: Engine) -> None:
    data = with_tiny_pieces()
    data["bins"][0]["count_anyway"] = REASON
    load_data(plant, data)
    assert load_data(plant, {"items": [{**data["items"][0], "apw_g": "0.09"}]}) == ["changed   item M4x12 (apw_g)"]


def test_an_entry_that_is_wrong_otherwise_is_told_once(plant: Engine) -> None:
    data = with_tiny_pieces()
    data["bins"][0]["stocking_location"] = "line-9"
    problems = problems_of(plant, data)
    assert [problem.split(":")[0] for problem in problems] == ["bins[0].stocking_location"]


def test_the_cell_is_judged_by_its_own_calibration(plant: Engine) -> None:
    data = with_tiny_pieces()
    data["items"][0]["apw_g"] = "0.2"
    assert len(problems_of(plant, data)) == 1
    data["bins"][0]["counts_per_gram"] = "858"  # 2 mV/V: half the noise
    assert load_data(plant, data)


def test_every_bin_of_the_demonstration_is_accepted(tmp_path: Path) -> None:
    engine = open_engine(migrated(tmp_path / "demonstration.sqlite"))
    changes = load_data(engine, seed_document(plan_bins(2 * len(KINDS), seed=1)))
    engine.dispose()
    assert sum("created   bin " in change for change in changes) == 2 * len(KINDS)
