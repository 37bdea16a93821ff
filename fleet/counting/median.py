# SPDX-License-Identifier: Apache-2.0
"""A robust counter: the median of readings at rest, with hysteresis, so that noise and handling make no events."""

from dataclasses import asdict, dataclass, field, fields
from math import isfinite, sqrt
from statistics import median
from typing import Any

from fleet.counting.counter import (
    ABSENT,
    FAULT_NOISY,
    FAULT_SATURATED,
    FAULT_STUCK,
    OK,
    OVERLOADED,
    UNCERTAIN,
    Count,
    Reading,
    Scale,
)

MAKE = "median/1"
RAW_MAX = 0x7FFFFF
RAW_MIN = -0x800000
MEDIAN_OF = 5
SETTLE_S = 10  # at rest this long; a device goes on reporting each second until 16 s after a movement
RAISED_HOLD_S = 30  # more pieces must stay longer: a hand that leans on the bin is gone by then
RESTLESS_AFTER_S = 300  # never at rest for so long is no handling any more
STUCK_AFTER = 3  # readings without any noise and all the same: no cell is that quiet
HYSTERESIS_PIECES = 0.7
QUIET_SPREAD_RAW = 600  # peak to peak of 10 samples from a board with 160 counts rms, the worst measured
QUIET_BAND_RAW = 200  # the same for filtered values
ZERO_DRIFT = 1e-4  # of the cell's capacity
BELOW_EMPTY = 5e-3  # of the cell's capacity: further down the tare is wrong
UNCERTAIN_PIECES = 3  # bounds wider than this, and than UNCERTAIN_SHARE of the pieces, are no count
UNCERTAIN_SHARE = 0.1


@dataclass
class _Memory:
    """What outlives a reading; all of it plain JSON."""

    make: str = MAKE
    epoch: int | None = None
    boot_count: int = 0
    uptime_s: int = 0
    run: list[list[int]] = field(default_factory=list)  # newest readings that agree: [uptime_s, raw, spread]
    run_since_s: int = 0
    restless_since_s: int | None = None
    raised_since_s: int | None = None
    last_raw: int | None = None
    same: int = 1
    level: float | None = None  # in pieces, unrounded, when it was last counted
    pieces: int | None = None
    lower: int | None = None
    upper: int | None = None
    state: str = UNCERTAIN


def _is_remembered(name: str, value: Any, kind: Any) -> bool:
    """Whether a field of the memory may hold this value."""
    if name != "run":
        return isinstance(value, kind) and not (isinstance(value, float) and not isfinite(value))
    return isinstance(value, list) and all(
        isinstance(member, list) and len(member) == 3 and all(isinstance(part, int) for part in member)
        for member in value
    )


class MedianCounter:
    """Counts at rest only: a settled run of agreeing readings whose median has left the last count's level."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._memory = _Memory()

    def state(self) -> dict[str, Any]:
        """All that the counter remembers, fit for JSON."""
        return asdict(self._memory)

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up what `state` gave; raises ValueError for anything else, another counter's for instance."""
        if not isinstance(state, dict) or state.get("make") != MAKE:
            raise ValueError(f"not what a counter of make {MAKE!r} remembers")
        kinds = {field.name: field.type for field in fields(_Memory)}
        if state.keys() != kinds.keys():
            raise ValueError(f"unknown or missing: {', '.join(sorted(state.keys() ^ kinds.keys()))}")
        for name, value in state.items():
            if not _is_remembered(name, value, kinds[name]):
                raise ValueError(f"{name}: cannot be {value!r}")
        self._memory = _Memory(**state)

    def update(self, reading: Reading) -> Count:
        """The count after this reading. One that comes late, after newer ones, changes nothing."""
        memory = self._memory
        if reading.epoch == memory.epoch and (reading.boot_count, reading.uptime_s) < (
            memory.boot_count,
            memory.uptime_s,
        ):
            return self._held()
        self._follow(reading)
        trouble = self._trouble(reading)
        if trouble is not None:
            memory.run = []
            memory.restless_since_s = memory.raised_since_s = None
            memory.state = trouble
            return self._held()
        self._join_run(reading)
        if len(memory.run) >= 2 and reading.uptime_s - memory.run_since_s >= SETTLE_S:
            return self._count(reading.uptime_s)
        return self._wait(reading)

    def _held(self) -> Count:
        memory = self._memory
        return Count(memory.pieces, memory.lower, memory.upper, memory.state, settled=False)

    def _follow(self, reading: Reading) -> None:
        """Notes the device's time and whether the cell still lives; uptimes of another boot mean nothing any more."""
        memory = self._memory
        if (reading.epoch, reading.boot_count) != (memory.epoch, memory.boot_count):
            memory.epoch, memory.boot_count = reading.epoch, reading.boot_count
            memory.run = []
            memory.restless_since_s = memory.raised_since_s = None
        memory.uptime_s = reading.uptime_s
        is_same = reading.spread == 0 and reading.raw == memory.last_raw
        memory.same = memory.same + 1 if is_same else 1
        memory.last_raw = reading.raw

    def _trouble(self, reading: Reading) -> str | None:
        """The state of a reading that says nothing about the contents, or None."""
        if reading.raw >= RAW_MAX or reading.raw <= RAW_MIN:
            return FAULT_SATURATED
        if self._memory.same >= STUCK_AFTER:
            return FAULT_STUCK
        net_g = self._scale.net_g(reading.raw)
        if net_g < -self._scale.bin_weight_g / 2:
            return ABSENT
        if net_g + self._scale.bin_weight_g > self._scale.cell_capacity_g:
            return OVERLOADED
        return None

    def _join_run(self, reading: Reading) -> None:
        """Keeps the newest readings that agree with this one; a loud one, or a dead copy, agrees with none."""
        memory = self._memory
        if self._is_loud(reading) or memory.same > 1:
            memory.run = []
            return
        band_raw = max(QUIET_BAND_RAW, self._half_piece_raw())
        agreeing: list[list[int]] = []
        for member in reversed([*memory.run, [reading.uptime_s, reading.raw, reading.spread]]):
            raws = [raw for _, raw, _ in agreeing] + [member[1]]
            if max(raws) - min(raws) > band_raw:
                break
            agreeing.insert(0, member)
        if not memory.run or len(agreeing) <= len(memory.run):
            memory.run_since_s = agreeing[0][0]
        memory.run = agreeing[-MEDIAN_OF:]

    def _is_loud(self, reading: Reading) -> bool:
        return reading.spread > max(QUIET_SPREAD_RAW, self._half_piece_raw())

    def _half_piece_raw(self) -> float:
        return self._scale.apw_g * self._scale.counts_per_gram / 2

    def _wait(self, reading: Reading) -> Count:
        """Not at rest: the last count holds, until that has lasted too long to be somebody's hands."""
        memory = self._memory
        if memory.restless_since_s is None:
            memory.restless_since_s = reading.uptime_s
        if reading.uptime_s - memory.restless_since_s >= RESTLESS_AFTER_S:
            memory.state = FAULT_NOISY if self._is_loud(reading) else UNCERTAIN
        elif memory.state not in (OK, FAULT_NOISY):
            memory.state = UNCERTAIN
        return self._held()

    def _count(self, uptime_s: int) -> Count:
        """At rest: a new count if the level has left the last one's, and a higher level has lasted."""
        memory, scale = self._memory, self._scale
        memory.restless_since_s = None
        net_g = scale.net_g(median(raw for _, raw, _ in memory.run))
        noise_g = median(spread for _, _, spread in memory.run) / 6 / scale.counts_per_gram
        level = net_g / scale.apw_g
        if memory.level is None or abs(level - memory.level) > max(HYSTERESIS_PIECES, 3 * noise_g / scale.apw_g):
            if self._must_last(level, uptime_s):
                memory.state = OK
                return self._held()
            memory.level, memory.pieces = level, max(0, round(level))
        since_s, memory.raised_since_s = memory.raised_since_s, None
        half = 2 * self._sigma_pieces(level, noise_g)
        pieces = memory.pieces or 0
        memory.lower = min(pieces, max(0, round(level - half)))
        memory.upper = max(pieces, round(level + half))
        is_vague = half > max(UNCERTAIN_PIECES, UNCERTAIN_SHARE * level)
        is_below_empty = net_g < -BELOW_EMPTY * scale.cell_capacity_g
        memory.state = UNCERTAIN if is_vague or is_below_empty else OK
        return Count(memory.pieces, memory.lower, memory.upper, memory.state, settled=True, since_s=since_s)

    def _must_last(self, level: float, uptime_s: int) -> bool:
        memory = self._memory
        if memory.level is None or level < memory.level:
            memory.raised_since_s = None
            return False
        if memory.raised_since_s is None:
            memory.raised_since_s = memory.run_since_s
        return uptime_s - memory.raised_since_s < RAISED_HOLD_S

    def _sigma_pieces(self, level: float, noise_g: float) -> float:
        """One standard deviation of the count: noise and drift of the zero, piece to piece, lot to lot."""
        scale = self._scale
        pieces = max(level, 0.0)
        zero_pieces = (noise_g**2 + (ZERO_DRIFT * scale.cell_capacity_g) ** 2) / scale.apw_g**2
        return sqrt(zero_pieces + pieces * scale.piece_cv**2 + (pieces * scale.apw_error) ** 2)
