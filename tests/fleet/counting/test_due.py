# SPDX-License-Identifier: Apache-2.0
"""What several bins hold together, and whether it is evidence."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.counting.due import is_in_doubt, p_together_at_or_below
from fleet.counting.memory import Memory

NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


def counted(mean: float, sd: float = 0.5, **differently: object) -> Memory:
    said = {"newest_taken_at_ms": NOW_MS, "is_evidence": True, "mean": mean, "sd": sd} | differently
    return Memory(**said)  # type: ignore[arg-type]


@pytest.mark.parametrize(("pieces", "p"), [(99, 0.1587), (100, 0.8413), (101, 0.9987)])
def test_the_counts_of_bins_add_up_with_their_variances(pieces: int, p: float) -> None:
    half = 0.5 / sqrt(2)  # two of it make half a piece together, the border's distance from a whole number
    together = p_together_at_or_below([counted(60, half), counted(40, half)], pieces)
    assert together == pytest.approx(p, abs=1e-4)


def test_what_is_known_exactly_is_certain() -> None:
    assert p_together_at_or_below([counted(60, 0.0), counted(40, 0.0)], 100) == 1.0
    assert p_together_at_or_below([counted(60, 0.0), counted(40, 0.0)], 99) == 0.0


def test_a_bin_that_was_not_counted_makes_nothing_probable() -> None:
    assert p_together_at_or_below([counted(60), Memory()], 1000) == 0.0


@given(st.lists(st.floats(0, 500), min_size=2, max_size=4), st.integers(-10, 2000), st.integers(0, 50))
def test_more_pieces_are_never_less_probable(means: list[float], pieces: int, more: int) -> None:
    memories = [counted(mean) for mean in means]
    assert 0 <= p_together_at_or_below(memories, pieces) <= p_together_at_or_below(memories, pieces + more) <= 1


@pytest.mark.parametrize(
    ("differently", "in_doubt"),
    [
        ({}, False),
        ({"is_evidence": False}, True),
        ({"newest_taken_at_ms": None}, True),
        ({"newest_taken_at_ms": NOW_MS - HOUR_MS}, False),
        ({"newest_taken_at_ms": NOW_MS - HOUR_MS - 1}, True),
    ],
)
def test_one_bin_without_a_fresh_good_count_puts_all_in_doubt(differently: dict[str, object], in_doubt: bool) -> None:
    other = counted(40, **differently)  # type: ignore[arg-type]
    assert is_in_doubt([(counted(60), NOW_MS), (other, NOW_MS - HOUR_MS)]) is in_doubt
    assert is_in_doubt([(counted(60), NOW_MS), (None, NOW_MS - HOUR_MS)])
