# SPDX-License-Identifier: Apache-2.0
"""What the page says about a bin."""

from types import SimpleNamespace
from typing import Any

import pytest

from fleet.counting.api import CountState
from fleet.counting.counter import OK
from fleet.web.view import BECAUSE, STATES, Standing, age, bounds, card, level, number, standing

NOW_MS = 1_795_421_730_000


def counted(**differently: Any) -> SimpleNamespace:
    """A row of a bin that was counted just now."""
    row = {
        "id": 1, "bin": "bin-01", "item": "M4", "item_name": "Bolt", "location_name": "Line 3", "site_name": "Plant 1",
        "at_ms": NOW_MS - 8_000, "stale_after_ms": 1_800_000, "pieces": 412, "lower": 409, "upper": 415, "state": "ok",
        "is_settled": True, "is_evidence": True,
        "qty_on_hand": 412, "qty_on_order": 0, "reorder_point": 150, "order_up_to": 600,
    }  # fmt: skip
    return SimpleNamespace(**(row | differently))


@pytest.mark.parametrize(
    ("differently", "words", "tone"),
    [
        ({}, "OK", "ok"),
        ({"qty_on_hand": 150}, "Low", "warn"),
        ({"qty_on_hand": 151}, "OK", "ok"),
        ({"qty_on_hand": 100, "qty_on_order": 500}, "On order", "order"),
        ({"qty_on_hand": 0, "pieces": 0}, "Empty", "bad"),
        ({"state": "absent", "is_settled": False}, "Bin lifted", "warn"),
        ({"state": "fault_stuck", "is_settled": False, "qty_on_hand": 0}, "Scale stuck", "bad"),
        ({"state": "uncertain", "is_settled": False}, "Uncertain", "warn"),
        ({"is_settled": False}, "OK", "ok"),  # somebody has counted it
        ({"state": "foreign"}, "Foreign object", "warn"),
        ({"state": "stale"}, "Silent", "bad"),
        ({"is_settled": False, "is_evidence": False}, "Settling", "idle"),
        ({"reorder_point": None, "order_up_to": None, "qty_on_hand": 0}, "OK", "ok"),
        ({"at_ms": NOW_MS - 1_800_001}, "Silent", "bad"),
        ({"at_ms": NOW_MS - 1_800_000}, "OK", "ok"),
        ({"at_ms": NOW_MS - 1_800_001, "stale_after_ms": 10_800_000}, "OK", "ok"),
        ({"state": None, "at_ms": None, "pieces": None, "lower": None, "upper": None}, "No reading yet", "idle"),
    ],
)
def test_how_a_bin_stands_is_one_word(differently: dict[str, Any], words: str, tone: str) -> None:
    assert card(counted(**differently), NOW_MS).standing == Standing(words, tone)


def test_every_state_that_a_count_can_have_has_its_word() -> None:
    assert {*STATES, OK} == set(CountState)


def test_every_state_that_lasts_too_long_has_its_reason_to_count() -> None:
    assert set(BECAUSE) == set(STATES)


def test_a_lifted_bin_is_never_called_empty() -> None:
    assert standing(counted(state="absent", pieces=0, qty_on_hand=0), is_fresh=True).words == "Bin lifted"


@pytest.mark.parametrize(
    ("differently", "is_doubtful"), [({}, False), ({"state": "absent"}, True), ({"at_ms": NOW_MS - 10**7}, True)]
)
def test_a_doubtful_figure_is_marked_as_last_counted(differently: dict[str, Any], is_doubtful: bool) -> None:
    assert card(counted(**differently), NOW_MS).is_doubtful is is_doubtful


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((412, 409, 415), "\u00b1 3"),
        ((412, 409, 413), "409 to 413"),
        ((5, 5, 5), "exact"),
        ((1, 0, 3), "0 to 3"),
        ((None, None, None), ""),
    ],
)
def test_the_error_bar_in_words(counts: tuple[int | None, int | None, int | None], words: str) -> None:
    assert bounds(*counts) == words


@pytest.mark.parametrize(
    "differently", [{}, {"pieces": 5000, "upper": 5100}, {"qty_on_order": 9000}, {"pieces": 0, "lower": 0, "upper": 0}]
)
def test_every_mark_lies_on_the_bar_and_in_order(differently: dict[str, Any]) -> None:
    bar = level(counted(**differently))
    assert bar is not None
    assert 0 <= bar.lower <= bar.pieces <= bar.upper <= 100
    assert bar.pieces <= bar.on_order <= 100
    assert bar.reorder_point is not None
    assert bar.order_up_to is not None
    assert 0 <= bar.reorder_point < bar.order_up_to <= 100


def test_the_bar_is_proportional() -> None:
    bar = level(counted(pieces=300, lower=300, upper=300))
    assert bar is not None
    assert bar.order_up_to == pytest.approx(2 * bar.pieces, abs=0.02)


@pytest.mark.parametrize(
    ("elapsed_ms", "words"),
    [(-5, "0 s ago"), (59_999, "59 s ago"), (60_000, "1 min ago"), (7_200_000, "2 h ago"), (864 * 10**5, "1 d ago")],
)
def test_ages_use_the_largest_unit_that_fits(elapsed_ms: int, words: str) -> None:
    assert age(elapsed_ms) == words


def test_thousands_are_set_apart_without_a_break() -> None:
    assert number(1234567) == "1\u202f234\u202f567"
