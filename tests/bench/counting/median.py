# SPDX-License-Identifier: Apache-2.0
"""The filter that most people would write, to compare with: a median with hysteresis and a range gate."""

from collections import deque

from fleet.counting.counter import ABSENT, OK, OVERLOADED, BinSetup, Count
from tests.bench.counting.naive import changed

MEDIAN_OF = 5
HYSTERESIS_PIECES = 0.7
BELOW_EMPTY = 5e-3  # of the cell's capacity: as far as a zero wanders; further down is no weight of pieces


class MedianFilter:
    """Median of the last readings in range; a new count only when that is more than 0.7 piece away from the last one.

    In range is what an empty to a full bin can weigh: less (a bin lifted or pulled upward) or more than the cell bears
    is out of range. Such a reading is ignored, says so by its state, and interrupts what the order trigger waits for.
    """

    def __init__(self, setup: BinSetup) -> None:
        self._setup = setup
        self._levels: deque[float] = deque(maxlen=MEDIAN_OF)
        self._lowest_g = -BELOW_EMPTY * setup.cell_capacity_g
        self._highest_g = setup.cell_capacity_g - setup.bin_weight_g
        self._pieces: int | None = None
        self._trusted: tuple[int | None, int | None] = (None, None)  # of the two last readings, None: out of range

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        """The count after this reading."""
        before, level, net_g = self._pieces, None, self._setup.net_g(raw)
        state = ABSENT if net_g < self._lowest_g else OVERLOADED if net_g > self._highest_g else OK
        if state == OK:
            self._levels.append(net_g / self._setup.apw_g)
            level = sorted(self._levels)[len(self._levels) // 2]
            if self._pieces is None or abs(level - self._pieces) > HYSTERESIS_PIECES:
                self._pieces = round(level)
        self._trusted = (self._trusted[1], self._pieces if state == OK else None)
        return Count(
            pieces=self._pieces,
            mean=level,
            sd=None,
            lower=None,
            upper=None,
            state=state,
            is_settled=state == OK,
            is_evidence=state == OK,
            events=changed(before, self._pieces),
        )

    def is_order_due(self, reorder_point: int) -> bool:
        """Whether this reading and the one before it were in range and their counts at or below the reorder point."""
        before, now = self._trusted
        return before is not None and now is not None and max(before, now) <= reorder_point
