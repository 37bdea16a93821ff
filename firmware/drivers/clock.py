# SPDX-License-Identifier: Apache-2.0
"""Time on the board: wrapping milliseconds, and whole seconds since its power came that do not wrap."""

TICKS_MASK = (1 << 30) - 1  # ticks_ms of an ESP32 wraps there, after 12.4 days; other ports wrap later


class Clock:
    """`ticks` is MicroPython's `time` module. `uptime_s` must be asked at least once in 12 days.

    It begins with the program; whoever knows better says so by `go_on`. From `keep` on, `keeper.put_down` is told each
    second what it says.
    """

    def __init__(self, ticks):
        self._ticks = ticks
        self._last_ms = self.ticks_ms()
        self._rest_ms = 0
        self._uptime_s = 0
        self._before_s = 0
        self._keeper = None

    def ticks_ms(self) -> int:
        return self._ticks.ticks_ms() & TICKS_MASK

    def sleep_ms(self, duration_ms: int) -> None:
        self._ticks.sleep_ms(duration_ms)

    def go_on(self, uptime_s: int, rest_ms: int) -> None:
        """Say so much now."""
        self._before_s = uptime_s - self.running_s()
        self._uptime_s = uptime_s
        self._rest_ms = rest_ms

    def keep(self, keeper) -> None:
        self._keeper = keeper
        self.put_down()

    def put_down(self) -> None:
        """Have what it says kept now: before a deep sleep or a reset nothing of a second is lost then."""
        if self._keeper is not None:
            self._keeper.put_down(self._count(), self._rest_ms)

    def uptime_s(self) -> int:
        before_s = self._uptime_s
        if self._count() != before_s:
            self.put_down()
        return self._uptime_s

    def running_s(self) -> int:
        """Seconds since the program began."""
        return self.uptime_s() - self._before_s

    def _count(self) -> int:
        now_ms = self.ticks_ms()
        self._rest_ms += (now_ms - self._last_ms) & TICKS_MASK
        self._last_ms = now_ms
        self._uptime_s += self._rest_ms // 1000
        self._rest_ms %= 1000
        return self._uptime_s
