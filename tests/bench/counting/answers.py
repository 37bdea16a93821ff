# SPDX-License-Identifier: Apache-2.0
"""What a counter answered over a whole trace, reading by reading."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NOT_COUNTED = -(2**31)  # stands for a count of None


class Reported(NamedTuple):
    """An event as the counter said it, at the reading with this index."""

    reading: int
    kind: str
    delta: int


@dataclass(frozen=True)
class Answers:
    """Arrays as long as the trace. `pieces` is NOT_COUNTED while there was no count; `state` holds indexes of `states`.

    `claimed` is the probability that the counter itself gave its count, NaN where it was not asked or has none.
    `lower` and `upper` are the bounds of the count, NaN where there were none.
    """

    pieces: NDArray[np.int64]
    state: NDArray[np.int8]
    states: list[str]
    order_due: NDArray[np.bool_]
    events: list[Reported]
    claimed: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    us_per_update: float | None = None
    state_bytes: int | None = None

    @cached_property
    def change(self) -> NDArray[np.int64]:
        """The pieces that the events of each reading add up to. Raises ValueError when the count changed otherwise.

        The first count changes nothing, whatever is said with it: before it there was nothing to change.
        """
        change = np.zeros(len(self.pieces), np.int64)
        for reading, _, delta in self.events:
            change[reading] += delta
        is_counted = self.pieces != NOT_COUNTED
        if not is_counted.any():
            return change
        first = int(np.argmax(is_counted))
        if not is_counted[first:].all():
            lost = first + int(np.argmin(is_counted[first:]))
            raise ValueError(f"reading {lost}: the count became None again; hold the last one")
        change[: first + 1] = 0
        steps = np.diff(self.pieces[first:], prepend=self.pieces[first])
        wrong = np.flatnonzero(steps != change[first:])
        if len(wrong):
            at = first + int(wrong[0])
            raise ValueError(f"reading {at}: the events add up to {change[at]}, the count changed by {steps[wrong[0]]}")
        return change

    def state_at(self, reading: int) -> str:
        """The state that the counter gave at a reading."""
        return self.states[int(self.state[reading])]
