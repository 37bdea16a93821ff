# SPDX-License-Identifier: Apache-2.0
"""What a counter notes beside its beliefs: the clock, the last reading, handling in progress, the zero last seen."""

from enum import IntEnum

from fleet.counting import counter as words
from fleet.counting.single import Singles

WALK_OF_ZERO = 50e-6  # per day, squared it adds up; a share of the cell's capacity
ZERO_BY_WEATHER = 80e-6
DAY_S = 86400.0
SINGLES = Singles("absent_g", "absent_var", "bin_off_g", "bin_off_var", "zero_g", "zero_var")

STATES = (
    words.UNCERTAIN, words.OK, words.ABSENT, words.FOREIGN, words.OVERLOADED, words.FAULT_STUCK,
    words.FAULT_SATURATED, words.FAULT_OPEN, words.FAULT_NOISY,
)  # fmt: skip


class Mode(IntEnum):
    """What the bin is doing."""

    NEW = 0  # never at rest so far
    REST = 1
    MOVING = 2
    ABSENT = 3


class Watch:
    """All numbers are floats, so that they can be packed; NaN is unknown.

    `same`: how many readings before this one were the same to the last bit; `stuck_raw`: the value at which the sensor
    was stuck before the last reading. `moving_s`: since when the bin is handled;
    `peak_g`: how far the level was off meanwhile. `absent_g`, `absent_var`: the level without the bin. `pieces`: what
    is told, `guessed` of it a change that no level at rest has confirmed yet. `anchored_s`, `settled_s`: when the level
    was last explained, and when it last changed; `change`: by how many pieces. `bin_off_g`, `bin_off_var`: how much
    more than its weight lifting the bin takes off the level.
    `zero_g`, `zero_var`, `zero_s`: the zero as it was last seen without a load. `weighed_s`: until when time has
    spoken against what rests on the bin. `scanned_s`, `scanned_packs`: the last refill scanned.
    `is_told`: a person said how many pieces there are; otherwise the weight alone has. `is_counted`: the pieces were
    counted by hand, and the next level is theirs.
    """

    __slots__ = (
        "absent_g", "absent_var", "anchored_s", "bin_off_g", "bin_off_var", "change", "guessed", "is_counted",
        "is_told", "is_zero_seen", "mode", "moving_s", "peak_g", "pieces", "raw", "same", "scanned_packs", "scanned_s",
        "settled_s", "state", "stuck_raw", "t_s", "weighed_s", "zero_g", "zero_s", "zero_var",
    )  # fmt: skip

    def __init__(self, zero_var: float, bin_off_var: float) -> None:
        nan = float("nan")
        self.t_s = self.raw = self.stuck_raw = self.moving_s = self.scanned_s = nan
        self.pieces = nan
        self.same = self.peak_g = self.change = self.scanned_packs = self.is_zero_seen = self.state = 0.0
        self.is_told = self.is_counted = self.guessed = 0.0
        self.mode = float(Mode.NEW)
        self.absent_g = self.absent_var = 0.0
        self.anchored_s = self.settled_s = self.weighed_s = self.zero_s = nan
        self.zero_g, self.zero_var = 0.0, zero_var
        self.bin_off_g, self.bin_off_var = 0.0, bin_off_var
        self.round()

    def round(self) -> None:
        """Brings what was seen of the cell without the bin to what is packed."""
        SINGLES.round(self)

    def see(self, raw: int, stuck_after: int) -> None:
        """Notes a reading. A sensor that is stuck stays so over one bad value, if it is at the same again after it."""
        if raw == self.raw:
            self.same = min(self.same + 1.0, 255.0)  # a byte when packed
        else:
            was_stuck = self.same >= stuck_after
            self.same = float(stuck_after) if raw == self.stuck_raw else 0.0
            self.stuck_raw = self.raw if was_stuck else float("nan")
            self.raw = float(raw)

    def zero_spread(self, cell_g: float) -> float:
        """Variance of the zero by now, seen from when it was last seen (g^2)."""
        days = max(0.0, (self.t_s - self.zero_s) / DAY_S)
        return self.zero_var + ((WALK_OF_ZERO**2) * days + ZERO_BY_WEATHER**2) * cell_g * cell_g

    def say(self, state: str) -> None:
        """Notes the state of the count."""
        self.state = float(STATES.index(state))

    @property
    def said(self) -> str:
        """The state of the count."""
        return STATES[int(self.state)]
