# SPDX-License-Identifier: Apache-2.0
"""Which of the values that a device sees it sends: one every heartbeat, and each second around a movement."""

import numpy as np

from tools.simulate.trace.trace import Floats, Ints

SETTLE_S = 8.0  # after the last movement
CLOCK_JITTER_S = 0.3  # 1 sd, of a heartbeat


def heartbeats(after_s: float, until_s: float, every_s: float, random: np.random.Generator) -> Floats:
    """Times of heartbeats after a reading at `after_s`, before `until_s`."""
    number = max(0, int((until_s - after_s) / every_s) + 1)
    times = after_s + every_s * np.arange(1, number + 1) + CLOCK_JITTER_S * random.standard_normal(number)
    return times[times < until_s - 0.5]


class Device:
    """Sends on a change of at least `delta_counts`, None for a device that sleeps between its heartbeats."""

    def __init__(self, delta_counts: float | None, heartbeat_s: float, random: np.random.Generator) -> None:
        self._delta_counts = delta_counts
        self._heartbeat_s = heartbeat_s
        self._random = random

    def choose(self, t_s: Floats, counts: Floats, begins: Ints, end_s: float) -> tuple[Ints, Floats]:
        """Which of its looks it sends, and its heartbeats beside. Looks are stretches of one a second; `begins`: where.

        Between two stretches the load does not change, so that a heartbeat there finds what the next one begins with.
        """
        if self._delta_counts is None:
            return np.array([], dtype=np.int64), np.concatenate(([0.0], self._beats(0.0, end_s)))
        sent: list[int] = []
        beats: list[Floats] = []
        reported_s, anchor = -self._heartbeat_s, float("inf")
        times, values = t_s.tolist(), counts.tolist()
        for first, last in zip(begins.tolist(), [*begins.tolist()[1:], len(times)], strict=True):
            between = self._beats(reported_s, times[first]) if sent else np.array([])
            if len(between):
                beats.append(between)
                reported_s, anchor = float(between[-1]), values[first]
            moved_s = -SETTLE_S
            for index in range(first, last):
                now_s, value = times[index], values[index]
                if abs(value - anchor) >= self._delta_counts:
                    anchor, moved_s = value, now_s
                elif now_s - reported_s >= self._heartbeat_s:
                    anchor = value
                elif now_s - moved_s > SETTLE_S:
                    continue
                sent.append(index)
                reported_s = now_s
        beats.append(self._beats(reported_s, end_s))
        return np.array(sent, dtype=np.int64), np.concatenate(beats)

    def _beats(self, after_s: float, until_s: float) -> Floats:
        return heartbeats(after_s, until_s, self._heartbeat_s, self._random)
