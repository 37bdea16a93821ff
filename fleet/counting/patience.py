# SPDX-License-Identifier: Apache-2.0
"""How long a bin may be without a good count before somebody is asked to count it, and when it is well again. Pure."""

from fleet.counting.counter import (
    ABSENT,
    FAULT_NOISY,
    FAULT_OPEN,
    FAULT_SATURATED,
    FAULT_STUCK,
    FOREIGN,
    OK,
    OVERLOADED,
    STALE,
    UNCERTAIN,
)

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS

PATIENCE_MS = {
    OK: 30 * _MINUTE_MS,  # and never at rest
    UNCERTAIN: 30 * _MINUTE_MS,
    FOREIGN: 30 * _MINUTE_MS,
    OVERLOADED: 30 * _MINUTE_MS,
    FAULT_STUCK: 30 * _MINUTE_MS,
    FAULT_SATURATED: 30 * _MINUTE_MS,
    FAULT_OPEN: 30 * _MINUTE_MS,
    FAULT_NOISY: 30 * _MINUTE_MS,
    ABSENT: 2 * _HOUR_MS,
    STALE: 2 * _HOUR_MS,
}
"""By the state of the newest count; `stale`: nothing was heard at all, of a bin that may not be silent for longer."""
WELL_AGAIN_MS = 10 * _MINUTE_MS  # good counts for so long: nobody needs to count any more
COUNTED_MS = 24 * _HOUR_MS  # whoever has counted a bin is not asked again so soon, though its scale be broken still


def reason_to_count(
    state: str, newest_at_ms: int, doubt_since_ms: int | None, stale_after_ms: int, now_ms: int
) -> tuple[str, int] | None:
    """Why a bin is to be counted by hand, and since when (ms); None while there is no reason.

    `doubt_since_ms` is the first count since the last one that was evidence. A bin that is never at rest is uncertain.
    """
    if now_ms - newest_at_ms >= max(PATIENCE_MS[STALE], stale_after_ms):
        return STALE, newest_at_ms
    if doubt_since_ms is None:
        return None
    reason = UNCERTAIN if state == OK else state
    return (reason, doubt_since_ms) if now_ms - doubt_since_ms >= PATIENCE_MS[reason] else None


def is_well_again(
    newest_at_ms: int, doubt_since_ms: int | None, well_since_ms: int | None, stale_after_ms: int, now_ms: int
) -> bool:
    """Whether a bin has been counted well for long enough, and is so now."""
    is_fresh = now_ms - newest_at_ms <= stale_after_ms
    return is_fresh and doubt_since_ms is None and well_since_ms is not None and now_ms - well_since_ms >= WELL_AGAIN_MS
