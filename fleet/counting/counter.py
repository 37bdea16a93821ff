# SPDX-License-Identifier: Apache-2.0
"""The words of counting: what a counter is given, what it answers, and the interface every counter has."""

from dataclasses import dataclass
from typing import Any, Protocol

OK = "ok"
UNCERTAIN = "uncertain"
ABSENT = "absent"
OVERLOADED = "overloaded"
FAULT_SATURATED = "fault_saturated"
FAULT_STUCK = "fault_stuck"
FAULT_NOISY = "fault_noisy"

HEARTBEAT_MAX_S = 600  # the longest that a device may be set to report at
STALE_AFTER_MS = 3 * HEARTBEAT_MAX_S * 1000  # so a bin that is well is never stale, however it is set


@dataclass(frozen=True, slots=True)
class Scale:
    """What raw counts mean on one bin. `tare_raw` is the raw value with the empty bin on the cell.

    `piece_cv` is the spread from piece to piece, `apw_error` how far the average piece weight of a lot may be off;
    both are one standard deviation, as a share of the piece weight.
    """

    tare_raw: int
    counts_per_gram: float
    apw_g: float
    bin_weight_g: float
    cell_capacity_g: float
    piece_cv: float = 0.015
    apw_error: float = 0.01

    def net_g(self, raw: float) -> float:
        """Grams in the bin; below minus the bin's own weight when nothing stands on the cell."""
        return (raw - self.tare_raw) / self.counts_per_gram


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cell said: filtered `raw` counts, their peak-to-peak `spread`, and when by the device's own clock."""

    epoch: int
    boot_count: int
    uptime_s: int
    raw: int
    spread: int
    temp_cc: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Pieces with bounds (about 95 %), the state of the evidence, and whether this reading settled it.

    While nothing is settled (movement, a lifted bin, a fault) the pieces are those last counted, or None before that.
    `since_s` is the uptime at which a raised count, settled only now, was first seen; None for any other.
    """

    pieces: int | None
    lower: int | None
    upper: int | None
    state: str
    settled: bool
    since_s: int | None = None

    @property
    def is_evidence(self) -> bool:
        """Whether stock may be booked and orders fired on it."""
        return self.settled and self.state == OK


class Counter(Protocol):
    """Counts one bin, reading after reading, in the order the device took them."""

    def update(self, reading: Reading) -> Count:
        """The count after this reading."""
        ...

    def state(self) -> dict[str, Any]:
        """All that the counter remembers, fit for JSON."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up what `state` gave; whatever it does not understand raises ValueError and changes nothing."""
        ...
