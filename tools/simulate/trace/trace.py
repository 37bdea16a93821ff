# SPDX-License-Identifier: Apache-2.0
"""A trace: the readings a bin sent, and the truth that a counter must find."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

PICK = "pick"
RETURN = "return"
REFILL = "refill"
RUMMAGE = "rummage"
LEAN = "lean"
LIFT = "lift"
FOREIGN = "foreign"
FAULT = "fault"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Activity:
    """Something that happened to the bin. Times are seconds of the trace.

    A lift ends when the bin is back, a foreign object when it is taken out, a fault when the sensor is well again.
    `delta`: the true change of the pieces in the bin, at `changes_at_s`; 0 for what changes nothing. `detail` says
    which fault, which way was leaned, how heavy the object is: for people, who look for the reason of a wrong count.
    """

    kind: str
    start_s: float
    end_s: float
    delta: int
    changes_at_s: float
    detail: str = ""


@dataclass(frozen=True)
class Trace:
    """`config` is the first line of `kanbin count`'s input; `temp_c` is NaN where the bin has no thermometer."""

    config: dict[str, Any]
    t_s: Floats
    raw: NDArray[np.int32]
    temp_c: Floats
    first_count: int
    activities: list[Activity]

    def count_at(self, t_s: Floats | Sequence[float]) -> Ints:
        """The true number of pieces in the bin at these times."""
        times, counts = self._changes
        found: Ints = counts[np.searchsorted(times, t_s, side="right")]
        return found

    @cached_property
    def _changes(self) -> tuple[Floats, Ints]:
        changes = sorted((each.changes_at_s, each.delta) for each in self.activities if each.delta)
        times = np.array([at_s for at_s, _ in changes], dtype=np.float64)
        return times, self.first_count + np.cumsum([0, *(delta for _, delta in changes)], dtype=np.int64)
