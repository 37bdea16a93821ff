# SPDX-License-Identifier: Apache-2.0
"""The words of counting: what a counter is given, what it answers, and the interface every counter has."""

from dataclasses import dataclass, replace
from typing import Protocol, Self, runtime_checkable

OK = "ok"
UNCERTAIN = "uncertain"
ABSENT = "absent"
FOREIGN = "foreign"
OVERLOADED = "overloaded"
FAULT_STUCK = "fault_stuck"
FAULT_SATURATED = "fault_saturated"
FAULT_OPEN = "fault_open"
FAULT_NOISY = "fault_noisy"
STALE = "stale"

PICK = "pick"
REFILL = "refill"
RETURN = "return"
CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class BinSetup:
    """What is known of a bin before it is weighed. `tare_raw` is the raw value with the empty bin on the cell.

    `initial_count` is the pieces in the bin when counting begins, None when nobody said. `heartbeat_s` is between two
    readings at rest; of a device that sleeps each look is one. `send_delta_g` is the change after which it tells each
    second until the load is quiet, at once or when it looks; None when unknown.
    """

    tare_raw: int
    counts_per_gram: float
    cell_capacity_g: float
    bin_weight_g: float
    apw_g: float
    pack_size: int = 1
    packs_per_refill: int = 1
    initial_count: int | None = None
    heartbeat_s: float = 300.0
    send_delta_g: float | None = None

    def sampled_as(self, other: "BinSetup") -> "BinSetup":
        """The same of a device that looks and tells as the other one's, whose threshold is whole counts."""
        delta_g = other.send_delta_g
        if delta_g is not None:
            delta_g = round(delta_g * other.counts_per_gram) / self.counts_per_gram
        return replace(self, heartbeat_s=other.heartbeat_s, send_delta_g=delta_g)

    def net_g(self, raw: float) -> float:
        """Grams in the bin; minus the bin's own weight when nothing stands on the cell."""
        return (raw - self.tare_raw) / self.counts_per_gram


@dataclass(frozen=True, slots=True)
class Event:
    """A change of the count: `kind` is pick, refill, return or correct, `delta` the signed pieces."""

    kind: str
    delta: int


@dataclass(frozen=True, slots=True)
class Count:
    """What is believed after a reading: the most probable `pieces`, their mean and standard deviation, bounds (95 %).

    `pieces` is None until something has been counted; so are the figures beside it. The deltas of `events` add up to
    the change of `pieces` since the count before. `is_settled`: the load was at rest at this reading. `is_evidence`:
    settled, and good enough for a replenishment order to be decided on it; a lifted, leaned-on or faulty bin is none.
    """

    pieces: int | None
    mean: float | None
    sd: float | None
    lower: int | None
    upper: int | None
    state: str
    is_settled: bool
    is_evidence: bool
    events: tuple[Event, ...] = ()


class Counter(Protocol):
    """Counts one bin, reading after reading, in the order of time. Times are seconds since any fixed moment."""

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        """The count after this reading; one that is older than the last one changes nothing.

        The very object of the answer before says: nothing is believed by now that `dump` might fail at.
        """
        ...

    def refill(self, t_s: float, packs: int) -> Count:
        """Somebody scanned a refill of so many packs: they go in about now, or went in just before."""
        ...

    def stocktake(self, t_s: float, count: int) -> Count:
        """Somebody counted the pieces in the bin. The rest of the evidence must give way."""
        ...

    def recalibrate(self, t_s: float, setup: BinSetup) -> Count:
        """The same pieces from now on weighed by another setup: a new calibration, another bin, a new piece weight."""
        ...

    def p_at_or_below(self, pieces: int) -> float:
        """The probability that no more than so many pieces are left, after the last update."""
        ...

    def is_order_due(self, reorder_point: int) -> bool:
        """Whether, on the evidence of the last update, no more than the reorder point is left; never on a doubt."""
        ...

    def dump(self) -> bytes:
        """All that the counter remembers, at most 1,000 bytes; a counter made of it goes on bit for bit alike."""
        ...

    @classmethod
    def load(cls, setup: BinSetup, memory: bytes) -> Self:
        """The counter that `dump` was of. Raises ValueError for anything else."""
        ...


@runtime_checkable
class KnowsZero(Protocol):
    """A counter that follows the zero of its cell."""

    @property
    def zero_g(self) -> float:
        """How far the zero has gone since `tare_raw` was taken, in grams, as it believes."""
        ...
