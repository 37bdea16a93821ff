# SPDX-License-Identifier: Apache-2.0
"""Whether what is known of an item's bins at a place is evidence, and evidence for an order. Pure."""

from collections.abc import Sequence
from math import erf, sqrt

from fleet.counting.memory import Memory

SURE_ENOUGH = 0.9  # that the bins together hold no more than the point; one bin's counter decides for itself


def is_in_doubt(bins: Sequence[tuple[Memory | None, int]]) -> bool:
    """Whether any of the bins lacks a fresh count that is evidence, so that their sum is none.

    Beside what is remembered of each: the time (UTC milliseconds) before which a count is not fresh.
    """
    return not all(memory is not None and _is_good(memory, fresh_from_ms) for memory, fresh_from_ms in bins)


def p_together_at_or_below(memories: Sequence[Memory], pieces: int) -> float:
    """The probability that bins hold no more than so many pieces together: their counts added as normal ones.

    Half a piece more than `pieces` is the border, because pieces are whole (the continuity correction).
    """
    if any(memory.mean is None or memory.sd is None for memory in memories):
        return 0.0
    away = pieces + 0.5 - sum(memory.mean or 0.0 for memory in memories)
    sd = sqrt(sum((memory.sd or 0.0) ** 2 for memory in memories))
    if sd == 0:
        return 1.0 if away > 0 else 0.0
    return (1 + erf(away / sd / sqrt(2))) / 2


def _is_good(memory: Memory, fresh_from_ms: int) -> bool:
    taken_at_ms = memory.newest_taken_at_ms
    return memory.is_evidence and taken_at_ms is not None and taken_at_ms >= fresh_from_ms
