# SPDX-License-Identifier: Apache-2.0
"""From a device's uptime to the time of day: a device has no clock but its crystal, and every message is an anchor.

A message says at which uptime it was sent, and we know when we heard it: never before it was sent, at most
`LATE_AT_MOST_MS` after. So each anchor is a bound from above on where its uptime lies in time, and as a crystal is off
by a few parts in a million, each bounds its neighbours, too: what of an anchor's lateness contradicts the others is
taken off. Between two anchors time is on the straight line, beyond the last one it goes on at the pace of the crystal.

The clock of a chip that sleeps is an oscillator, and off by percents. It shows, for no delay explains such anchors;
then they are taken as they are. The same happens when our own clock was set.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

Anchor = tuple[int, int]
"""(uptime in seconds when a message was sent, UTC milliseconds when it was heard)."""

LATE_AT_MOST_MS = 93_000  # RFC 7252 section 4.8.2, MAX_TRANSMIT_WAIT: so long the same bytes are sent
CRYSTAL_PPM = 250
OSCILLATOR_PPM = 50_000
ANCHORS_KEPT = 24
_ANCHOR_EVERY_S = 3_600
_LEARNT_OVER_S = 8 * 3_600
_DRIFT_PPM = 20  # of a crystal, with temperature and age
_INHERITED_PPM = 50
_UNSURE_US = 1_500_000  # of the time between two anchors that were hardly late: whole seconds


@dataclass(frozen=True, slots=True)
class BootClock:
    """What is known of a device's clock from one power-up to the next."""

    anchors: tuple[Anchor, ...] = ()
    """Rising. None: we never spoke with the device while this clock ran."""
    slow_ppb: int = 0
    """By how many parts in 10^9 its seconds are too long, as far as it was learnt in this boot or an earlier one."""
    off_ppm: int = CRYSTAL_PPM
    """By how much they may be off beside that."""
    uptime_s: int = 0
    """The greatest we know of."""
    began_after_ms: int | None = None
    ended_before_ms: int | None = None

    def next(self) -> "BootClock":
        """What is known of the clock of the boot after this one: the crystal is the same."""
        off_ppm = max(self.off_ppm, _INHERITED_PPM)
        return BootClock(slow_ppb=self.slow_ppb, off_ppm=off_ppm, began_after_ms=self.ended_after_ms())

    def reached(self, uptime_s: int) -> "BootClock":
        """The same, and so much uptime is known of."""
        return replace(self, uptime_s=max(self.uptime_s, uptime_s))

    def heard(self, uptime_s: int, at_ms: int) -> "BootClock":
        """The same with one more anchor, unless a later one is known."""
        if self.anchors and uptime_s <= self.anchors[-1][0]:
            return self
        anchors = (*self.anchors, (uptime_s, at_ms))
        slow_ppb, off_ppm = _learnt(anchors[:-1], self.slow_ppb) or (self.slow_ppb, self.off_ppm)  # by the others
        if off_ppm > self.off_ppm:
            slow_ppb, off_ppm = self.slow_ppb, self.off_ppm
        if abs(slow_ppb) > 1000 * (CRYSTAL_PPM + off_ppm) or not _is_crystal(anchors):
            slow_ppb, off_ppm = 0, OSCILLATOR_PPM
        return replace(self.reached(uptime_s), anchors=anchors, slow_ppb=slow_ppb, off_ppm=off_ppm)

    def ended_by(self, at_ms: int) -> "BootClock":
        """The same, and it had ended at that time."""
        return replace(
            self, ended_before_ms=at_ms if self.ended_before_ms is None else min(self.ended_before_ms, at_ms)
        )

    def thinned(self) -> "BootClock":
        """With as many anchors as are kept: one an hour, the least late; of too many one goes where they are close."""
        anchors = list(self.anchors)
        if len(anchors) > 1 and anchors[-1][0] // _ANCHOR_EVERY_S == anchors[-2][0] // _ANCHOR_EVERY_S:
            late_ms = [at_ms - 1000 * uptime_s for uptime_s, at_ms in anchors[-2:]]
            del anchors[-1 if late_ms[1] >= late_ms[0] else -2]
        if len(anchors) > ANCHORS_KEPT:
            inner = range(1, len(anchors) - 1)
            del anchors[min(inner, key=lambda place: anchors[place + 1][0] - anchors[place - 1][0])]
        return replace(self, anchors=tuple(anchors))

    def times(self) -> Callable[[int], int] | None:
        """The time of day (UTC milliseconds) at an uptime, None where only bounds are known."""
        if not self.anchors:
            return None
        pace = 1000 + self.slow_ppb / 1e6
        anchors: Sequence[tuple[int, float]] = self.anchors
        if self.off_ppm <= CRYSTAL_PPM:
            anchors = _on_time(anchors, pace, self.off_ppm)

        def at_ms(uptime_s: int) -> int:
            place = bisect_right(anchors, uptime_s, key=lambda anchor: anchor[0])
            if not 0 < place < len(anchors):
                known_s, known_ms = anchors[0 if place == 0 else -1]
                return round(known_ms + (uptime_s - known_s) * pace)
            (before_s, before_ms), (after_s, after_ms) = anchors[place - 1 : place + 1]
            share = (uptime_s - before_s) / (after_s - before_s)
            return round(before_ms + share * (after_ms - before_ms))

        return at_ms

    @property
    def shortest_ms(self) -> float:
        """The shortest that one of its seconds may be."""
        return 1000 + self.slow_ppb / 1e6 - self.off_ppm / 1000

    def ended_after_ms(self) -> int | None:
        """A time before which the boot was not over."""
        shortest = self.shortest_ms
        if self.anchors:  # each was sent at most so long before we heard it, and within its second
            return int(
                max(
                    at_ms - LATE_AT_MOST_MS - 1000 + (self.uptime_s - uptime_s) * shortest
                    for uptime_s, at_ms in self.anchors
                )
            )
        return None if self.began_after_ms is None else int(self.began_after_ms + self.uptime_s * shortest)

    def began_before_ms(self) -> int | None:
        """A time at which the clock was running already."""
        shortest = self.shortest_ms
        if self.anchors:
            return int(min(at_ms - uptime_s * shortest for uptime_s, at_ms in self.anchors)) + 1
        return None if self.ended_before_ms is None else int(self.ended_before_ms - self.uptime_s * shortest) + 1


def _on_time(anchors: Sequence[tuple[int, float]], pace: float, off_ppm: int) -> list[tuple[int, float]]:
    """Anchors with what makes them late taken off, as far as the others tell: the greatest times that none forbids."""
    slowest, quickest = pace + off_ppm / 1000, pace - off_ppm / 1000
    on_time = list(anchors)
    for place in range(1, len(on_time)):
        (before_s, before_ms), (uptime_s, at_ms) = on_time[place - 1 : place + 1]
        on_time[place] = (uptime_s, min(at_ms, before_ms + (uptime_s - before_s) * slowest))
    for place in range(len(on_time) - 2, -1, -1):
        (uptime_s, at_ms), (after_s, after_ms) = on_time[place : place + 2]
        on_time[place] = (uptime_s, min(at_ms, after_ms - (after_s - uptime_s) * quickest))
    return on_time


def _is_crystal(anchors: Sequence[Anchor]) -> bool:
    """Whether what is late can be the fault of messages alone."""
    on_time = _on_time(anchors, 1000.0, CRYSTAL_PPM)
    return all(said[1] - ours[1] <= LATE_AT_MOST_MS for said, ours in zip(anchors, on_time, strict=True))


def _learnt(anchors: Sequence[Anchor], slow_ppb: int) -> tuple[int, int] | None:
    """(slow_ppb, off_ppm) by the least late of the first and of the last third; None while these are too near.

    How late each was is seen by the pace believed so far.
    """
    pace = 1000 + slow_ppb / 1e6

    def lateness_ms(anchor: Anchor) -> float:
        return anchor[1] - pace * anchor[0]

    third = len(anchors) // 3
    if third == 0:
        return None
    early_s, early_ms = min(anchors[:third], key=lateness_ms)
    late_s, late_ms = min(anchors[-third:], key=lateness_ms)
    span_s = late_s - early_s
    if span_s < _LEARNT_OVER_S:
        return None
    return round(1e6 * ((late_ms - early_ms) / span_s - 1000)), _DRIFT_PPM + _UNSURE_US // span_s
