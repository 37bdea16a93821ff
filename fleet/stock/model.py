# SPDX-License-Identifier: Apache-2.0
"""What a change of the count means: usage, a delivery, a hand-back; pure arithmetic on whole pieces."""

from dataclasses import dataclass
from enum import Enum

SHORTFALL_PIECES = 2   # a delivery counted short by no more than this,
SHORTFALL_PERCENT = 2  # or by no more than this share of it, was complete: counting is not that exact


class Cause(Enum):
    """Why the count of a bin differs from what the ledger holds."""

    HANDLED = "handled"    # somebody took or put pieces
    FIRST = "first"        # the bin had not been counted before
    RESCALED = "rescaled"  # the same pieces, weighed by a new calibration or piece weight


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the ledger to be."""

    kind: str
    on_hand_delta: int
    on_order_delta: int


def classify(delta: int, receivable: int, pack_size: int, cause: Cause) -> Booking:
    """What to book for a count that changed by `delta` pieces while `receivable` pieces are ordered and sent."""
    if cause is Cause.FIRST:
        return Booking("count", delta, 0)
    if cause is Cause.RESCALED:
        return Booking("adjustment", delta, 0)
    if delta < 0:
        return Booking("usage", delta, 0)
    if receivable > 0 and 2 * delta >= pack_size:
        return Booking("receipt", delta, -settled_by(delta, receivable, pack_size))
    return Booking("return", delta, 0)


def settled_by(delta: int, receivable: int, pack_size: int) -> int:
    """How many of the `receivable` pieces a receipt counted as `delta` settles.

    All of them when it falls short by no more than the tolerance; else the nearest whole packs when those are as near,
    since vendors ship whole packs; else what was counted. Never more than was to come.
    """
    if receivable - delta <= _tolerance(receivable):
        return receivable
    whole_packs = (2 * delta + pack_size) // (2 * pack_size) * pack_size
    if abs(whole_packs - delta) <= _tolerance(whole_packs):
        return min(whole_packs, receivable)
    return delta


def _tolerance(pieces: int) -> int:
    return max(SHORTFALL_PIECES, pieces * SHORTFALL_PERCENT // 100)
