# SPDX-License-Identifier: Apache-2.0
"""Tells a single wrong conversion from a change of the load: a median gate that looks one conversion ahead."""

from drivers import const

_SIZE = const(5)
_MIDDLE = const(2)
_NEAR = const(1000)  # counts; many times the noise of a cell at rest, and less than a wrong bit that would matter
_DEVIATIONS = const(6)
_BELIEVE = const(10)  # conversions after a glitch: what comes more often than once a second is no glitch
_HIGHEST = const(0x7FFFFF)
_LOWEST = const(-0x800000)


class GlitchGate:
    """Asked once for each conversion, in order, with the one that follows it.

    Far is what lies beyond six median deviations of the last five, and 1000 counts. A conversion that is far while the
    next one is back is a glitch; when the next is far too, the load changes. So a step waits for nothing.
    """

    def __init__(self):
        self._recent = [0] * _SIZE
        self._ordered = [0] * _SIZE
        self._place = -1  # nothing was seen yet
        self._last = 0
        self._believe = 0

    def is_glitch(self, raw: int, following: int) -> bool:
        if self._place < 0:
            for index in range(_SIZE):
                self._recent[index] = raw
            self._place = 0
            self._last = raw
        glitch = self._is_alone(raw, following)
        self._recent[self._place] = self._last = raw
        self._place = (self._place + 1) % _SIZE
        return glitch

    def _is_alone(self, raw: int, following: int) -> bool:
        if is_rail(raw) and not is_rail(following):
            return True  # out of range, and not for long enough to say so
        if self._believe:
            self._believe -= 1
            return False
        if -_NEAR <= raw - self._last <= _NEAR:  # as always at rest: no need to know the median
            return False
        ordered = self._ordered
        for index in range(_SIZE):
            ordered[index] = self._recent[index]
        median = _median(ordered)
        for index in range(_SIZE):
            ordered[index] = abs(ordered[index] - median)
        far = _NEAR + _DEVIATIONS * _median(ordered)
        if abs(raw - median) <= far or abs(following - median) > far:
            return False
        self._believe = _BELIEVE
        return True


def _median(values: "list[int]") -> int:
    """Puts them in order on the way."""
    for filled in range(1, _SIZE):
        value = values[filled]
        place = filled
        while place and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value
    return values[_MIDDLE]


def is_rail(raw: int) -> bool:
    """Whether the input was out of the converter's range: the code is as far as it goes."""
    return raw == _LOWEST or raw == _HIGHEST  # a tuple would take memory each time
