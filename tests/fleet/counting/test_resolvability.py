# SPDX-License-Identifier: Apache-2.0
"""Whether pieces can be counted on a cell, and whether what is promised holds when it is played through."""

import random
from dataclasses import replace
from math import sqrt

import pytest

from fleet.counting.resolvability import (
    APPROXIMATE,
    EXACT,
    LOT_SHIFT,
    OFF_CENTRE,
    PERCENT,
    TOO_HEAVY,
    Cell,
    Contents,
    Remedies,
    pack_rho,
    remedies,
    resolve,
)


@pytest.mark.parametrize(
    ("capacity_g", "apw_g", "max_pieces", "rho"),
    [(10_000, 5.0, 400, 29), (5_000, 1.0, 1_800, 10), (5_000, 0.1, 2_000, 1.4)],
)
def test_the_index_is_that_of_typical_cells(capacity_g: float, apw_g: float, max_pieces: int, rho: float) -> None:
    assert resolve(Cell(capacity_g), Contents(apw_g, max_pieces)).rho == pytest.approx(rho, rel=0.1)


@pytest.mark.parametrize(
    ("cell_g", "contents", "verdict"),
    [
        (5_000, Contents(0.5, 2_000), EXACT),
        (5_000, Contents(0.4, 3_000), APPROXIMATE),
        (5_000, Contents(0.1, 5_000), PERCENT),
        (5_000, Contents(5.0, 1_000), EXACT),
        (5_000, Contents(5.0, 1_000, bin_weight_g=1), TOO_HEAVY),
    ],
)
def test_the_verdict_goes_by_the_index_and_by_what_the_cell_carries(
    cell_g: float, contents: Contents, verdict: str
) -> None:
    found = resolve(Cell(cell_g), contents)
    assert found.verdict == verdict
    assert found.can_be_counted == (verdict in (EXACT, APPROXIMATE))


@pytest.mark.parametrize(
    "harder",
    [
        {"max_pieces": 800},
        {"bin_weight_g": 900.0},
        {"piece_cv": 0.05},
        {"apw_g": 0.9},
    ],
)
def test_more_load_more_spread_and_lighter_pieces_are_harder(harder: dict[str, float]) -> None:
    contents = Contents(1.0, 400, bin_weight_g=100)
    assert resolve(Cell(5_000), replace(contents, **harder)).rho < resolve(Cell(5_000), contents).rho  # type: ignore[arg-type]


def test_a_bigger_cell_is_harder_and_a_more_sensitive_one_easier() -> None:
    contents = Contents(1.0, 400)
    assert resolve(Cell(10_000), contents).rho < resolve(Cell(5_000), contents).rho
    assert resolve(Cell(5_000, counts_per_gram=858.8), contents).rho > resolve(Cell(5_000), contents).rho
    assert resolve(Cell(5_000, counts_per_gram=429.4), contents).rho == pytest.approx(
        resolve(Cell(5_000), contents).rho
    )


def share_miscounted(cell: Cell, contents: Contents, pieces: int, *, lot_shift: float, load_g: float) -> float:
    """How often a move of so many pieces, weighed from rest to rest and rounded, is told wrong. Seeded."""
    chance = random.Random(5)
    wrong = 0
    for _ in range(TRIES):
        moved_g = pieces * contents.apw_g * (1 + chance.gauss(0, lot_shift))
        moved_g += chance.gauss(0, contents.piece_cv * contents.apw_g * sqrt(pieces))
        seen_g = moved_g + chance.gauss(0, cell.noise_g) - chance.gauss(0, cell.noise_g)
        seen_g += chance.gauss(0, cell.wander_g) + chance.gauss(0, OFF_CENTRE * load_g)
        wrong += round(seen_g / contents.apw_g) != pieces
    return wrong / TRIES


TRIES = 4_000
SURE = 0.006  # three standard deviations on both sides are 0.0027; of 4,000 tries that is 11, hardly ever 24


@pytest.mark.parametrize("contents", [Contents(0.4, 3_000, 50), Contents(1.0, 3_000, 200), Contents(5.0, 800, 200)])
def test_up_to_the_promised_contents_single_pieces_are_told(contents: Contents) -> None:
    cell = Cell(5_000)
    most = resolve(cell, contents).followed_to
    assert most > 0
    full_g = contents.bin_weight_g + most * contents.apw_g
    assert share_miscounted(cell, contents, 1, lot_shift=0, load_g=full_g) < SURE
    assert full_g <= cell.capacity_g
    at_most = resolve(cell, replace(contents, max_pieces=most))
    one_more = resolve(cell, replace(contents, max_pieces=most + 1))
    assert (at_most.verdict, one_more.verdict == EXACT) == (EXACT, False)


@pytest.mark.parametrize("contents", [Contents(1.0, 1_200, 200), Contents(5.0, 500, 260)])
def test_a_promised_move_is_told_although_the_lot_is_heavier_or_lighter(contents: Contents) -> None:
    cell, most = Cell(5_000), resolve(Cell(5_000), contents).move_unlearned
    assert most > 1
    load_g = contents.load_g
    assert share_miscounted(cell, contents, most, lot_shift=LOT_SHIFT, load_g=load_g) < SURE
    assert share_miscounted(cell, contents, 2 * most, lot_shift=LOT_SHIFT, load_g=load_g) > 10 * SURE


def test_a_pack_that_was_weighed_teaches_the_piece_weight_and_larger_moves_are_told() -> None:
    contents = Contents(5.0, 500, 260, pack_size=200)
    found = resolve(Cell(10_000), contents)
    assert found.move_learned is not None
    assert found.move_learned > 5 * found.move_unlearned
    learned = contents.piece_cv / sqrt(200)
    told = share_miscounted(Cell(10_000), contents, found.move_learned, lot_shift=learned, load_g=contents.load_g)
    assert told < SURE
    assert resolve(Cell(10_000), replace(contents, pack_size=1)).move_learned is None


def test_weighing_all_at_once_is_exact_for_a_handful_alone() -> None:
    found = resolve(Cell(10_000), Contents(5.0, 500))
    assert 5 <= found.weighed_to <= 15
    assert found.followed_to > 1_000


def test_pieces_all_alike_in_lots_all_alike_have_no_such_bound() -> None:
    assert resolve(Cell(10_000), Contents(5.0, 500, piece_cv=0.0, pack_size=100)).move_learned is not None


def test_what_counts_exactly_needs_no_remedy() -> None:
    assert remedies(Cell(10_000), Contents(5.0, 500)) == Remedies()


def test_the_remedy_is_each_standard_cell_that_carries_and_resolves_it() -> None:
    contents = Contents(0.3, 1_000, bin_weight_g=400)
    sizes = [size for size, _ in remedies(Cell(20_000), contents).cells]
    assert sizes == [1_000, 2_000, 3_000]
    assert {resolve(Cell(size), contents).verdict for size in sizes} == {EXACT}
    assert resolve(Cell(5_000), contents).verdict != EXACT
    assert resolve(Cell(600), contents).verdict == TOO_HEAVY


def test_a_cell_that_carries_too_little_is_exchanged_for_a_larger_one_or_gets_fewer_pieces() -> None:
    found = remedies(Cell(5_000), Contents(5.0, 1_500, bin_weight_g=200))
    assert [size for size, _ in found.cells] == [10_000, 20_000, 30_000, 50_000]
    assert (found.pack_pieces, found.max_pieces) == (None, 960)


def test_where_no_cell_tells_pieces_the_nearest_is_named_and_the_smallest_pack_that_is_told() -> None:
    contents = Contents(0.1, 5_000, bin_weight_g=200)
    found = remedies(Cell(5_000), contents)
    assert ([size for size, _ in found.cells], found.pack_pieces) == ([1_000], 5)
    assert 3 <= found.cells[0][1] < 6
    assert pack_rho(Cell(5_000), contents, 5) >= 6 > pack_rho(Cell(5_000), contents, 4)


def test_what_is_counted_nearly_is_not_sent_to_another_cell_that_does_no_better() -> None:
    contents = Contents(0.1, 5_000, bin_weight_g=200)
    assert resolve(Cell(1_000), contents).verdict == APPROXIMATE
    assert remedies(Cell(1_000), contents).cells == ()


def test_a_heap_of_tiny_pieces_needs_another_cell_and_packs() -> None:
    found = remedies(Cell(5_000), Contents(0.1, 100_000, bin_weight_g=200))
    assert ([size for size, _ in found.cells], found.pack_pieces, found.max_pieces) == ([20_000], 30, None)
    assert found.cells[0][1] < 3


def test_for_pieces_that_vary_by_half_there_is_no_remedy() -> None:
    assert remedies(Cell(5_000), Contents(0.1, 1, piece_cv=0.5)) == Remedies()


def test_nothing_to_be_had_carries_a_tonne_of_dust() -> None:
    assert remedies(Cell(5_000), Contents(0.001, 10**9)) == Remedies()
