# SPDX-License-Identifier: Apache-2.0
"""A clock that passes time only when somebody sleeps; its ticks wrap as an ESP32's do."""


class FakeClock:
    """`start_ms` is where the ticks begin, so that a test can put them just before their wrap."""

    def __init__(self, start_ms=0):
        self._start_ms = start_ms
        self.passed_ms = 0

    def ticks_ms(self):
        return (self._start_ms + self.passed_ms) & 0x3FFFFFFF

    def uptime_s(self):
        return self.passed_ms // 1000

    def sleep_ms(self, duration_ms):
        self.passed_ms += duration_ms
