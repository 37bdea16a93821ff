# SPDX-License-Identifier: Apache-2.0
"""What a change of the count means: usage, a delivery, a hand-back; pure arithmetic on whole pieces."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

INEXACT_PIECES = 2  # counting is not more exact than this: a delivery counted short by no more was complete;
INEXACT_PERCENT = 2  # nor is it of many pieces
TAKEN_BACK_WITHIN_MS = 48 * 3_600_000  # a delivery that proves wrong within so long is corrected as one
PUT_BACK_WITHIN_MS = 600_000  # what was taken and comes again so soon was only looked at or not needed


class Cause(Enum):
    """Why the count of a bin differs from what the ledger holds."""

    HANDLED = "handled"  # somebody took or put pieces
    FIRST = "first"  # the bin had not been counted before
    COUNTED = "counted"  # somebody counted them
    CORRECTED = "corrected"  # what was believed before proved wrong
    RESCALED = "rescaled"  # the same pieces, weighed by a new calibration or piece weight


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the ledger to be."""

    kind: str
    on_hand_delta: int
    on_order_delta: int


def classify(delta: int, receivable: int, pack_size: int, cause: Cause, taken: int = 0, settled: int = 0) -> Booking:
    """What to book for a count that changed by `delta` pieces while `receivable` pieces are ordered and sent.

    `taken` is what `taken_lately` says of this bin: pieces that may come back and are no delivery then. `settled` are
    the pieces that its deliveries have lately taken off order: what proves wrong about those is put right on order
    too.
    """
    if cause in (Cause.FIRST, Cause.COUNTED):
        return Booking("count", delta, 0)
    if cause is Cause.RESCALED:
        return Booking("adjustment", delta, 0)
    if cause is Cause.CORRECTED:
        return Booking("adjustment", delta, _still_on_order(delta, receivable, pack_size, settled))
    if delta < 0:
        return Booking("usage", delta, 0)
    if _is_put_back(delta, receivable, taken):
        return Booking("return", delta, 0)
    delivered = _delivered(delta, receivable, pack_size)
    return Booking("receipt", delta, -delivered) if delivered else Booking("return", delta, 0)


def taken_lately(bookings: Iterable[Booking]) -> int:
    """Pieces that people have taken from a bin and not put back, by its `usage`, `return` and `receipt`, oldest first.

    What a delivery brought above or below the pieces it settled was put in or taken out by hand meanwhile.
    """
    taken = 0
    for booking in bookings:
        taken = max(0, taken - booking.on_hand_delta - booking.on_order_delta)
    return taken


def _delivered(delta: int, receivable: int, pack_size: int) -> int:
    """How much of what is receivable has come when so many pieces were put in; 0: it was no delivery."""
    tolerance = _tolerance(receivable, pack_size)
    is_complete = receivable - delta <= tolerance
    if receivable <= 0 or not (is_complete or 2 * delta >= pack_size):
        return 0
    return min(receivable, receivable if is_complete else _near_whole_packs(delta, pack_size, tolerance))


def _still_on_order(delta: int, receivable: int, pack_size: int, settled: int) -> int:
    """What a correction changes on order: a delivery that was none is still to come, one counted short has come.

    Else what never came would be ordered a second time, and what has come would stay on order and hold back the next
    one.
    """
    if settled <= 0 or 2 * abs(delta) < pack_size:
        return 0
    return min(-delta, settled) if delta < 0 else -_delivered(delta, receivable, pack_size)


def _is_put_back(delta: int, receivable: int, taken: int) -> bool:
    """Whether the rise only restores what was taken lately.

    Booked as a delivery it would call for a second order; a delivery booked as put back would stay on order and hold
    back the next ones. So exactly what is on order, and not exactly what was taken, is the delivery.
    """
    if taken <= 0 or delta > taken + _inexactness(taken):
        return False
    is_all_that_was_taken = delta >= taken - _inexactness(taken)
    is_all_that_was_ordered = abs(delta - receivable) <= _inexactness(receivable)
    return is_all_that_was_taken or not is_all_that_was_ordered


def _near_whole_packs(delta: int, pack_size: int, tolerance: int) -> int:
    """Vendors ship whole packs: what is as near to some as the tolerance was them, else it is what was counted."""
    whole_packs = (2 * delta + pack_size) // (2 * pack_size) * pack_size
    return whole_packs if abs(whole_packs - delta) <= tolerance else delta


def _tolerance(receivable: int, pack_size: int) -> int:
    """By how much a delivery may be counted short (somebody picks while it is poured) and still be all of it.

    Without it the rest of a delivery that has come would stay on order for ever and hold back the next orders.
    """
    half_a_pack = min(pack_size, receivable) // 2  # vendors ship whole packs: nearer to none than to one more
    return max(_inexactness(receivable), half_a_pack)


def _inexactness(pieces: int) -> int:
    """By how much a count of so many pieces may be off."""
    return max(INEXACT_PIECES, pieces * INEXACT_PERCENT // 100)
