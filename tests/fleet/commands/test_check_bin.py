# SPDX-License-Identifier: Apache-2.0
"""`kanbin bin check`: the verdict for people, for programs, and as an exit code."""

import json

import pytest
from typer.testing import CliRunner, Result

from fleet.cli import app


def check(*options: str) -> Result:
    return CliRunner().invoke(app, ["bin", "check", *options])


EXACT = ("--cell-kg", "5", "--apw-g", "0.5", "--max-pieces", "2000")
PERCENT = ("--cell-kg", "5", "--apw-g", "0.1", "--max-pieces", "5000", "--bin-g", "200", "--pack-size", "500")


def test_what_can_be_counted_says_how_far_and_ends_well() -> None:
    said = check(*EXACT)
    assert said.exit_code == 0
    assert said.output.startswith("0.5 g pieces, up to 2,000, on a cell of 5 kg:\nevery single piece can be counted.\n")
    assert "  2,502 pieces in the bin, as long as each change is seen from rest to rest" in said.output
    assert "What would do" not in said.output


def test_what_cannot_be_counted_says_what_would_do_and_ends_with_1() -> None:
    said = check(*PERCENT)
    assert said.exit_code == 1
    assert "cannot be counted; only shares of the whole can be told." in said.output
    assert "What would do: a cell of 1 kg (rho 3.2), or weighing by packs of 5 or more." in said.output
    assert "A pack of 500 that comes or goes whole is told (rho 630.4)." in said.output


def test_what_can_be_counted_nearly_ends_well_and_names_the_better_cell() -> None:
    said = check("--cell-kg", "5", "--apw-g", "0.4", "--max-pieces", "3000")
    assert said.exit_code == 0
    assert "can be counted nearly" in said.output
    assert "What would do: a cell of 2 to 3 kg" in said.output


def test_a_cell_that_carries_too_little_says_so() -> None:
    said = check("--cell-kg", "5", "--apw-g", "5", "--max-pieces", "3000")
    assert said.exit_code == 1
    assert "the cell does not carry it" in said.output
    assert "How far" not in said.output


@pytest.mark.parametrize(
    ("apw_g", "bar"),
    [
        ("0.04", "[##..........|...........|.......................]"),
        ("0.45", "[############|###########|#......................]"),
        ("5", "[############|###########|#######################>"),
    ],
)
def test_the_picture_shows_the_index_against_3_and_6(apw_g: str, bar: str) -> None:
    said = check("--cell-kg", "5", "--apw-g", apw_g, "--max-pieces", "900")
    rho, marks = said.output.splitlines()[3:5]
    assert rho.endswith(bar)
    assert [rho.index("|"), rho.rindex("|")] == [marks.index("3"), marks.index("6")]


def test_programs_get_all_of_it_in_json() -> None:
    said = check(*PERCENT, "--json")
    assert said.exit_code == 1
    told = json.loads(said.output)
    assert (told["verdict"], told["can_be_counted"], round(told["rho"], 1)) == ("percent", False, 1.4)
    assert (told["instead"]["pack_pieces"], told["instead"]["cells"][0][0]) == (5, 1_000)


def test_a_more_sensitive_cell_resolves_more() -> None:
    light = ("--cell-kg", "5", "--apw-g", "0.2", "--max-pieces", "2000")
    assert check(*light).exit_code == 1
    assert check(*light, "--counts-per-g", "858").exit_code == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [("--cell-kg", "0"), ("--cell-kg", "nan"), ("--apw-g", "inf"), ("--max-pieces", "0"), ("--piece-cv", "2")],
)
def test_a_figure_that_is_none_is_refused_by_its_option(option: str, value: str) -> None:
    said = check(*EXACT, option, value)
    assert said.exit_code == 2
    assert option in said.output
