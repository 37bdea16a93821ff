# SPDX-License-Identifier: Apache-2.0
"""A stand-in counter: the median of readings at rest, with hysteresis, so that noise and handling make no events."""

import json
from dataclasses import asdict, dataclass, field, fields
from math import erf, isfinite, sqrt
from statistics import median
from typing import Any, Self

from fleet.counting.counter import (
    ABSENT,
    CORRECT,
    FAULT_SATURATED,
    FAULT_STUCK,
    OK,
    OVERLOADED,
    PICK,
    REFILL,
    RETURN,
    UNCERTAIN,
    BinSetup,
    Count,
    Event,
)

MAKE = "median/2"
RAW_MAX = 0x7FFFFF
RAW_MIN = -0x800000
MEDIAN_OF = 5
SETTLE_S = 10  # at rest this long; a device goes on reporting each second until 16 s after a movement
RAISED_HOLD_S = 30  # more pieces must stay longer: a hand that leans on the bin is gone by then
RESTLESS_AFTER_S = 300  # never at rest for so long is no handling any more
STUCK_AFTER = 6  # readings that are all the same: no cell is that quiet
HYSTERESIS_PIECES = 0.7
QUIET_BAND_RAW = 200
ZERO_DRIFT = 1e-4  # of the cell's capacity
PIECE_CV = 0.015
APW_ERROR = 0.01


@dataclass
class _Memory:
    """What outlives a reading; all of it plain JSON."""

    make: str = MAKE
    t_s: float | None = None
    run: list[list[float]] = field(default_factory=list)  # newest readings that agree: [t_s, raw]
    run_since_s: float = 0.0
    restless_since_s: float | None = None
    raised_since_s: float | None = None
    last_raw: int | None = None
    same: int = 1
    level: float | None = None  # in pieces, unrounded, when it was last counted
    offset: float = 0.0  # pieces that a person found more than the scale says
    told: int | None = None  # what a person counted, until the scale has been asked
    is_rescaled: bool = False
    pieces: int | None = None
    mean: float | None = None
    sd: float | None = None
    state: str = UNCERTAIN
    is_evidence: bool = False


class MedianCounter:
    """Counts at rest only: a settled run of agreeing readings whose median has left the last count's level."""

    def __init__(self, setup: BinSetup) -> None:
        self._setup = setup
        self._memory = _Memory(pieces=setup.initial_count, told=setup.initial_count)

    @classmethod
    def load(cls, setup: BinSetup, memory: bytes) -> Self:
        """The counter that `dump` was of. Raises ValueError for anything else."""
        said = json.loads(memory)
        names = {each.name for each in fields(_Memory)}
        if not isinstance(said, dict) or said.get("make") != MAKE or said.keys() != names:
            raise ValueError(f"not what a counter of make {MAKE!r} remembers")
        if not all(_is_finite(value) for value in said.values()):
            raise ValueError("a counter remembers finite numbers alone")
        counter = cls(setup)
        counter._memory = _Memory(**said)
        return counter

    def dump(self) -> bytes:
        """All that the counter remembers."""
        return json.dumps(asdict(self._memory), separators=(",", ":")).encode()

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        """The count after this reading; one that is older than the last one changes nothing."""
        memory = self._memory
        if memory.t_s is not None and t_s < memory.t_s:
            return self._held()
        memory.t_s = t_s
        memory.same = memory.same + 1 if raw == memory.last_raw else 1
        memory.last_raw = raw
        trouble = self._trouble(raw)
        if trouble is not None:
            memory.run = []
            memory.restless_since_s = memory.raised_since_s = None
            memory.state = trouble
            return self._held()
        self._join_run(t_s, raw)
        if len(memory.run) >= 2 and t_s - memory.run_since_s >= SETTLE_S:
            return self._count(t_s)
        return self._wait(t_s)

    def refill(self, t_s: float, packs: int) -> Count:
        """What was refilled is seen by its weight."""
        return self._held()

    def stocktake(self, t_s: float, count: int) -> Count:
        """Somebody counted: from here on the scale tells the changes alone."""
        memory = self._memory
        before = memory.pieces
        memory.pieces, memory.mean, memory.sd, memory.told = count, float(count), 0.0, count
        memory.level = None
        if memory.run:
            self._compare(self._weighed())
        memory.state, memory.is_evidence = OK, True
        return Count(count, float(count), 0.0, count, count, OK, False, True, _events(before, count, CORRECT))

    def recalibrate(self, t_s: float, setup: BinSetup) -> Count:
        """The level is weighed anew."""
        self._setup = setup
        memory = self._memory
        memory.run, memory.level, memory.is_rescaled = [], None, memory.pieces is not None
        return self._held()

    def p_at_or_below(self, pieces: int) -> float:
        """By a normal distribution about the level."""
        memory = self._memory
        if memory.mean is None or memory.sd is None:
            return 0.0
        away = pieces + 0.5 - memory.mean
        return (1 + erf(away / (max(memory.sd, 1e-6) * sqrt(2)))) / 2

    def is_order_due(self, reorder_point: int) -> bool:
        """By the bare count, as long as it is evidence."""
        memory = self._memory
        return memory.is_evidence and memory.pieces is not None and memory.pieces <= reorder_point

    def _held(self) -> Count:
        memory = self._memory
        memory.is_evidence = False
        return self._said(is_settled=False, events=())

    def _said(self, is_settled: bool, events: tuple[Event, ...]) -> Count:
        memory = self._memory
        lower = upper = None
        if memory.pieces is not None and memory.mean is not None and memory.sd is not None:
            lower = min(memory.pieces, max(0, round(memory.mean - 2 * memory.sd)))
            upper = max(memory.pieces, round(memory.mean + 2 * memory.sd))
        return Count(
            memory.pieces,
            memory.mean,
            memory.sd,
            lower,
            upper,
            memory.state,
            is_settled,
            memory.is_evidence,
            events,
        )

    def _trouble(self, raw: int) -> str | None:
        """The state of a reading that says nothing about the contents, or None."""
        if raw >= RAW_MAX or raw <= RAW_MIN:
            return FAULT_SATURATED
        if self._memory.same >= STUCK_AFTER:
            return FAULT_STUCK
        net_g = self._setup.net_g(raw)
        if net_g < -self._setup.bin_weight_g / 2:
            return ABSENT
        if net_g + self._setup.bin_weight_g > self._setup.cell_capacity_g:
            return OVERLOADED
        return None

    def _join_run(self, t_s: float, raw: int) -> None:
        """Keeps the newest readings that agree with this one."""
        memory = self._memory
        band_raw = max(QUIET_BAND_RAW, self._setup.apw_g * self._setup.counts_per_gram / 2)
        agreeing: list[list[float]] = []
        for member in reversed([*memory.run, [t_s, raw]]):
            raws = [raw for _, raw in agreeing] + [member[1]]
            if max(raws) - min(raws) > band_raw:
                break
            agreeing.insert(0, member)
        if not memory.run or len(agreeing) <= len(memory.run):
            memory.run_since_s = agreeing[0][0]
        memory.run = agreeing[-MEDIAN_OF:]

    def _wait(self, t_s: float) -> Count:
        """Not at rest: the last count holds, until that has lasted too long to be somebody's hands."""
        memory = self._memory
        if memory.restless_since_s is None:
            memory.restless_since_s = t_s
        if t_s - memory.restless_since_s >= RESTLESS_AFTER_S or memory.state != OK:
            memory.state = UNCERTAIN
        return self._held()

    def _count(self, t_s: float) -> Count:
        """At rest: a new count if the level has left the last one's, and a higher level has lasted."""
        memory = self._memory
        memory.restless_since_s = None
        weighed = self._weighed()
        self._compare(weighed)
        level = weighed + memory.offset
        before = memory.pieces
        if memory.level is None or abs(level - memory.level) > HYSTERESIS_PIECES:
            if self._must_last(level, t_s):
                memory.state = OK
                return self._held()
            memory.level, memory.pieces = level, max(0, round(level))
        memory.raised_since_s = None
        memory.mean, memory.sd = level, self._sd(level)
        memory.state, memory.is_evidence = OK, True
        kind, memory.is_rescaled = CORRECT if memory.is_rescaled else None, False
        pieces = memory.pieces or 0
        return self._said(is_settled=True, events=_events(before, pieces, kind or self._kind(pieces - (before or 0))))

    def _weighed(self) -> float:
        """The newest readings that agree, in pieces."""
        raw = median(raw for _, raw in self._memory.run)
        return self._setup.net_g(raw) / self._setup.apw_g

    def _compare(self, weighed: float) -> None:
        """Takes up by how much the scale differs from what a person counted."""
        memory = self._memory
        if memory.told is not None:
            memory.offset, memory.level, memory.told = memory.told - weighed, float(memory.told), None

    def _kind(self, delta: int) -> str:
        if delta < 0:
            return PICK
        return REFILL if 2 * delta >= self._setup.pack_size else RETURN

    def _must_last(self, level: float, t_s: float) -> bool:
        memory = self._memory
        if memory.level is None or level < memory.level:
            memory.raised_since_s = None
            return False
        if memory.raised_since_s is None:
            memory.raised_since_s = memory.run_since_s
        return t_s - memory.raised_since_s < RAISED_HOLD_S

    def _sd(self, level: float) -> float:
        """One standard deviation of the count: drift of the zero, piece to piece, lot to lot."""
        pieces = max(level, 0.0)
        zero = ZERO_DRIFT * self._setup.cell_capacity_g / self._setup.apw_g
        return sqrt(zero**2 + pieces * PIECE_CV**2 + (pieces * APW_ERROR) ** 2)


def _events(before: int | None, pieces: int, kind: str) -> tuple[Event, ...]:
    return () if before is None or before == pieces else (Event(kind, pieces - before),)


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) or isfinite(value)
