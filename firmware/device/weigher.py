# SPDX-License-Identifier: Apache-2.0
"""Turns a channel's conversions into readings worth sending: on a heartbeat, and each second around a movement."""

import struct

from wire import const
from wire.ticks import ticks_diff

_SECOND_MS = const(1000)
_FULL_AFTER_MS = const(900)  # ten conversions, 100 ms apart
_CONVERSIONS_MIN = const(5)  # with fewer, a spike would not be cut off
_NO_ANCHOR = const(-0x1000000)
_STATE = const("<ii")  # anchor, reported at (uptime, s)
_SPREAD_MAX = const(65535)  # as wire.reading has it, which is loaded to pack
_SPAN_MAX_MS = const(1500)  # beyond, conversions were missed: what was before may be another load


class Weigher:
    """One channel. A window is one second of conversions: raw = their trimmed mean, spread = their peak to peak.

    It is over after its second, however many conversions the chip made in it and however often it was asked.

    A movement is a window that differs from the last movement or heartbeat by at least `change_counts`; from a movement
    until `settle_s` after it every window is a reading. Otherwise one window every `heartbeat_s` is, and then
    `heartbeat` says so of the reading given last.
    """

    def __init__(self, change_counts: int, heartbeat_s: int, settle_s: int, sample_ms: int):
        self._set_counts = change_counts
        self.follow(heartbeat_s, settle_s, sample_ms)
        self._since_ms = 0
        self._anchor: "int | None" = None
        self._moved_at_s = 0
        self._reported_at_s = -1
        self.heartbeat = False
        self.has_weighed = self.has_moved = False  # since the start

    def follow(self, heartbeat_s: int, settle_s: int, sample_ms: int, change_counts: "int | None" = None) -> None:
        """From here on by these; without `change_counts` by those that the weigher was made with."""
        self._change_counts = self._set_counts if change_counts is None else change_counts
        self._heartbeat_s = heartbeat_s
        self._settle_s = settle_s
        self._window = [0] * (-(-_SECOND_MS // sample_ms))  # allocated once; kept in order of size
        self._filled = 0

    def add(self, raw: int, uptime_s: int, now_ms: int) -> "tuple[int, int] | None":
        """Take one conversion; returns (raw, spread) when the window it completes is a reading, else None."""
        span_ms = ticks_diff(now_ms, self._since_ms)
        if not self._filled or not 0 <= span_ms <= _SPAN_MAX_MS:
            self._filled = span_ms = 0
            self._since_ms = now_ms
        self._insert(raw)
        if self._filled < len(self._window) and (span_ms < _FULL_AFTER_MS or self._filled < _CONVERSIONS_MIN):
            return None
        count = self._filled
        self._filled = 0
        self.has_weighed = True
        value = trimmed_mean(self._window, count)
        if not self._due(value, uptime_s):
            return None
        self._reported_at_s = uptime_s
        return value, min(self._window[count - 1] - self._window[0], _SPREAD_MAX)

    def look_often(self) -> None:
        """Whatever the time since the last one: each start brings a reading."""
        self._reported_at_s = -self._heartbeat_s

    def is_settling(self, uptime_s: int) -> bool:
        """Whether every window is a reading now, after a movement."""
        return self.has_moved and uptime_s - self._moved_at_s <= self._settle_s

    def state(self) -> bytes:
        """What a weigher that is made after a deep sleep goes on from."""
        anchor = _NO_ANCHOR if self._anchor is None else self._anchor
        return struct.pack(_STATE, anchor, self._reported_at_s)

    def go_on(self, state: bytes) -> None:
        if len(state) == struct.calcsize(_STATE):
            anchor, self._reported_at_s = struct.unpack(_STATE, state)
            self._anchor = None if anchor == _NO_ANCHOR else anchor

    def interrupt(self) -> None:
        """Forget the window begun: its conversions are not of one second any more (the chip was restarted)."""
        self._filled = 0

    def forget(self) -> None:
        """Take the next window for a movement: what was there before is not known any more."""
        self._filled = 0
        self._anchor = None

    def _insert(self, raw: int) -> None:
        place = self._filled
        while place and self._window[place - 1] > raw:
            self._window[place] = self._window[place - 1]
            place -= 1
        self._window[place] = raw
        self._filled += 1

    def _due(self, value: int, uptime_s: int) -> bool:
        self.heartbeat = False
        if self._anchor is None or abs(value - self._anchor) >= self._change_counts:
            self._anchor = value
            self._moved_at_s = uptime_s
            self.has_moved = True
        elif uptime_s - self._reported_at_s >= self._heartbeat_s:
            self._anchor = value  # slow drift is no movement
            self.heartbeat = True
            return True
        return uptime_s - self._moved_at_s <= self._settle_s and uptime_s > self._reported_at_s


def trimmed_mean(ordered: "list[int]", count: int) -> int:
    """Mean of the middle three fifths of the first `count`, rounded to the nearest: a spike or two change nothing."""
    cut = count // 5
    total = 0
    for index in range(cut, count - cut):
        total += ordered[index]
    count -= 2 * cut
    return (2 * total + count) // (2 * count)
