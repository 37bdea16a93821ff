# SPDX-License-Identifier: Apache-2.0
"""What a change of the count means: usage, a delivery, a hand-back; pure arithmetic on whole pieces."""

from dataclasses import dataclass
from enum import Enum

SHORTFALL_PIECES = 2  # a delivery counted short by no more than this was complete: counting is not that exact;
SHORTFALL_PERCENT = 2  # nor is it of large ones


class Cause(Enum):
    """Why the count of a bin differs from what the ledger holds."""

    HANDLED = "handled"  # somebody took or put pieces
    FIRST = "first"  # the bin had not been counted before
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
    tolerance = _tolerance(receivable, pack_size)
    is_complete = receivable - delta <= tolerance
    if receivable > 0 and (is_complete or 2 * delta >= pack_size):
        settled = receivable if is_complete else _near_whole_packs(delta, pack_size, tolerance)
        return Booking("receipt", delta, -min(settled, receivable))
    return Booking("return", delta, 0)


def _near_whole_packs(delta: int, pack_size: int, tolerance: int) -> int:
    """Vendors ship whole packs: what is as near to some as the tolerance was them, else it is what was counted."""
    whole_packs = (2 * delta + pack_size) // (2 * pack_size) * pack_size
    return whole_packs if abs(whole_packs - delta) <= tolerance else delta


def _tolerance(receivable: int, pack_size: int) -> int:
    """By how much a delivery may be counted short (somebody picks while it is poured) and still be all of it.

    Without it the rest of a delivery that has come would stay on order for ever and hold back the next orders.
    """
    quarter_pack = min(pack_size, receivable) // 4
    return max(SHORTFALL_PIECES, receivable * SHORTFALL_PERCENT // 100, quarter_pack)
