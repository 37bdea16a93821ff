# SPDX-License-Identifier: Apache-2.0
"""What is wrong with one load cell and its converter, told by what the converter says, or that it says nothing.

The figures come from the data sheet of the HX711. At gain 128 its input noise is 50 nV, some twenty counts: two equal
conversions are common, sixty seconds of them are no cell. Its range is half the excitation over the gain: 3.9 mV/V at
128, which a cell of 2 mV/V reaches at twice its load, and 7.8 mV/V at 64, which no cell reaches. With a wire of the
bridge off nothing holds the input in place: it lies at an end, whatever the gain, or wanders from end to end. So a cell
at the end of its range is looked at once with half the gain.
"""

from wire import const

CODES = ("ok", "no_chip", "frame", "stuck", "saturated", "open_bridge")  # the fleet knows them by place: append only
OK = const(0)
_NO_CHIP = const(1)  # no conversion within a second
_FRAME = const(2)  # pulses miscounted, again and again
_STUCK = const(3)  # the same conversion all the time
_SATURATED = const(4)  # beyond the range of the converter
_OPEN_BRIDGE = const(5)  # beyond what any cell gives, or jumps that no load can make

_HIGHEST = const(0x7FFFFF)
_LOWEST = const(-0x800000)
_FRAMES_BAD = const(3)
_FRAMES_WELL = const(100)  # conversions in a row that make up for the bad frames
_STUCK_AFTER = const(600)  # conversions; a minute
_SATURATED_AFTER = const(50)
_JUMP = const(1 << 20)  # an eighth of the range in 100 ms: half the load of a cell of 1 mV/V
_JUMP_WEIGHS = const(8)  # a jump is forgotten after so many conversions without
_JUMPS_BAD = const(80)
_JUMPS_MOST = const(160)


class CellFaults:
    """One channel. `code` is the place in CODES of what is wrong now.

    While it `wants_wide_look` the next conversion shall be one at half the gain, or none, and goes to `looked`.
    """

    def __init__(self):
        self.code = OK
        self._wants_look = False
        self._verdict = _SATURATED
        self._last = 0
        self._same = 0
        self._at_rail = 0
        self._jumps = 0
        self._bad_frames = 0
        self._well = 0

    def failed(self, reason: str) -> None:
        """The converter did not answer, or not as it should."""
        if reason != "frame":
            self.code = _NO_CHIP
            return
        self._well = 0
        if self._bad_frames < _FRAMES_BAD:
            self._bad_frames += 1
        if self._bad_frames == _FRAMES_BAD:
            self.code = _FRAME

    def wants_wide_look(self) -> bool:
        return self._wants_look

    def saw(self, raw: int) -> None:
        """A conversion that the driver trusts."""
        self._same = self._same + 1 if raw == self._last else 0
        self._at_rail = self._at_rail + 1 if raw in (_LOWEST, _HIGHEST) else 0
        if not -_JUMP < raw - self._last < _JUMP:
            self._jumps = min(self._jumps + _JUMP_WEIGHS, _JUMPS_MOST)
        elif self._jumps:
            self._jumps -= 1
        self._last = raw
        if self._at_rail == _SATURATED_AFTER:
            self._wants_look = True
            return
        if self._bad_frames:
            self._well += 1
            if self._well == _FRAMES_WELL:
                self._bad_frames = self._well = 0
        self.code = self._seen()

    def looked(self, raw: "int | None") -> None:
        """The conversion at half the gain; None when this channel has no half of its gain."""
        self._wants_look = False
        self._verdict = _OPEN_BRIDGE if raw in (_LOWEST, _HIGHEST) else _SATURATED
        self.code = self._seen()

    def _seen(self) -> int:
        if self._jumps >= _JUMPS_BAD or (self._jumps and self.code == _OPEN_BRIDGE):
            return _OPEN_BRIDGE
        if self._at_rail:
            return self._verdict if self._at_rail >= _SATURATED_AFTER else OK
        if self._same >= _STUCK_AFTER:
            return _STUCK
        return _FRAME if self._bad_frames == _FRAMES_BAD else OK
