# SPDX-License-Identifier: Apache-2.0
"""When a bin is to be counted by hand, and when no longer."""

import pytest

from fleet.counting import counter
from fleet.counting.patience import PATIENCE_MS, WELL_AGAIN_MS, is_well_again, reason_to_count

NOW_MS = 1_790_000_000_000
MINUTE_MS = 60_000
STALE_AFTER_MS = 30 * MINUTE_MS
STATES = {value for name, value in vars(counter).items() if name.isupper() and isinstance(value, str)} - {
    counter.PICK,
    counter.REFILL,
    counter.RETURN,
    counter.CORRECT,
}


def test_there_is_a_patience_with_every_state() -> None:
    assert set(PATIENCE_MS) == STATES


@pytest.mark.parametrize(
    ("state", "minutes", "reason"),
    [
        ("fault_stuck", 29, None),
        ("fault_stuck", 30, "fault_stuck"),
        ("uncertain", 30, "uncertain"),
        ("foreign", 30, "foreign"),
        ("ok", 30, "uncertain"),
        ("absent", 119, None),
        ("absent", 120, "absent"),
    ],
)
def test_a_doubt_that_lasts_is_a_reason(state: str, minutes: int, reason: str | None) -> None:
    since_ms = NOW_MS - minutes * MINUTE_MS
    found = reason_to_count(state, NOW_MS, since_ms, STALE_AFTER_MS, NOW_MS)
    assert found == (None if reason is None else (reason, since_ms))


def test_a_bin_that_is_well_but_silent_for_two_hours_is_to_be_counted() -> None:
    heard_ms = NOW_MS - 120 * MINUTE_MS
    assert reason_to_count("ok", heard_ms, None, STALE_AFTER_MS, NOW_MS) == ("stale", heard_ms)
    assert reason_to_count("ok", heard_ms + 1, None, STALE_AFTER_MS, NOW_MS) is None


def test_a_bin_that_is_silent_by_its_plan_is_not_to_be_counted_before_it_is_stale() -> None:
    heard_ms = NOW_MS - 180 * MINUTE_MS
    assert reason_to_count("ok", heard_ms, None, 180 * MINUTE_MS, NOW_MS) == ("stale", heard_ms)
    assert reason_to_count("ok", heard_ms + 1, None, 180 * MINUTE_MS, NOW_MS) is None


@pytest.mark.parametrize(
    ("heard_ago_ms", "doubt_ago_ms", "well_ago_ms", "is_well"),
    [
        (0, None, WELL_AGAIN_MS, True),
        (0, None, WELL_AGAIN_MS - 1, False),
        (0, None, None, False),
        (0, 1_000, WELL_AGAIN_MS, False),
        (31 * MINUTE_MS, None, WELL_AGAIN_MS, False),
    ],
)
def test_good_counts_for_some_time_make_a_bin_well_again(
    heard_ago_ms: int, doubt_ago_ms: int | None, well_ago_ms: int | None, is_well: bool
) -> None:
    doubt_since_ms = None if doubt_ago_ms is None else NOW_MS - doubt_ago_ms
    well_since_ms = None if well_ago_ms is None else NOW_MS - well_ago_ms
    assert is_well_again(NOW_MS - heard_ago_ms, doubt_since_ms, well_since_ms, STALE_AFTER_MS, NOW_MS) is is_well
