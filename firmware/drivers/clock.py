# SPDX-License-Identifier: Apache-2.0
"""Time on the board: wrapping milliseconds, and whole seconds since start that do not wrap."""

TICKS_MASK = (1 << 30) - 1  # ticks_ms of an ESP32 wraps there, after 12.4 days; other ports wrap later


class Clock:
    """`ticks` is MicroPython's `time` module. `uptime_s` must be asked at least once in 12 days."""

    def __init__(self, ticks):
        self._ticks = ticks
        self._last_ms = self.ticks_ms()
        self._rest_ms = 0
        self._uptime_s = 0

    def ticks_ms(self) -> int:
        return self._ticks.ticks_ms() & TICKS_MASK

    def sleep_ms(self, duration_ms: int) -> None:
        self._ticks.sleep_ms(duration_ms)

    def uptime_s(self) -> int:
        now_ms = self.ticks_ms()
        self._rest_ms += (now_ms - self._last_ms) & TICKS_MASK
        self._last_ms = now_ms
        self._uptime_s += self._rest_ms // 1000
        self._rest_ms %= 1000
        return self._uptime_s
