# SPDX-License-Identifier: Apache-2.0
"""The verdict in words."""

import pytest

from fleet.counting.resolvability import Cell, Contents, Remedies
from fleet.counting.verdict import grams, kilograms, refusal, ways_out


def test_what_can_be_counted_is_not_refused() -> None:
    assert refusal(Cell(5_000), Contents(0.5, 2_000)) is None


def test_pieces_too_light_are_refused_with_the_figure_and_what_would_do() -> None:
    assert refusal(Cell(5_000), Contents(0.1, 5_000, bin_weight_g=200)) == (
        "pieces of 0.1 g cannot be counted on a cell of 5 kg that carries 700 g: rho is 1.4, and below 3 single pieces "
        "are not told",
        ["a cell of 1 kg (rho 3.2)", "weighing by packs of 5 or more"],
    )


def test_contents_too_heavy_are_refused_with_both_weights() -> None:
    reason, ways = refusal(Cell(5_000), Contents(5.0, 1_500, bin_weight_g=200)) or ("", [])
    assert reason == "1,500 pieces of 5 g and the bin of 200 g are 7,700 g, more than the cell of 5 kg carries"
    assert ways == ["a cell of 10 to 50 kg (rho 14.6 to 6.8)", "at most 960 pieces in the bin"]


def test_a_cell_that_tells_packs_alone_is_offered_together_with_them() -> None:
    assert ways_out(Remedies(((20_000, 0.2),), pack_pieces=30)) == [
        "a cell of 20 kg and weighing by packs of 30 or more"
    ]


@pytest.mark.parametrize(
    ("mass_g", "shown"), [(0.0441864, "0.0442 g"), (7.5, "7.5 g"), (99.94, "99.9 g"), (1234.5, "1,234 g")]
)
def test_masses_have_three_digits_and_whole_grams(mass_g: float, shown: str) -> None:
    assert grams(mass_g) == shown


def test_cells_are_named_by_their_kilograms() -> None:
    assert [kilograms(mass_g) for mass_g in (300, 5_000, 20_000)] == ["0.3 kg", "5 kg", "20 kg"]
