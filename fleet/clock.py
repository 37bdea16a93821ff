# SPDX-License-Identifier: Apache-2.0
"""Time as a part one hands in: UTC milliseconds, so that tests and demonstrations can bring their own."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day; services take one as an argument and never ask the operating system."""

    def now_ms(self) -> int:
        """UTC now, in milliseconds since 1970-01-01."""
        ...


def is_due(now_ms: int, due_ms: int, every_ms: int) -> bool:
    """Whether what happens every so often is due; also when the clock was set back since `due_ms` was noted."""
    return not 0 < due_ms - now_ms <= every_ms


class SystemClock:
    """The machine's clock. `speed` above 1 lets time run faster from the moment of making: for demonstrations only."""

    def __init__(self, speed: float = 1) -> None:
        if not speed > 0:
            raise ValueError(f"speed: {speed} is not above 0")
        self._speed = speed
        self._start_ms = time.time_ns() // 1_000_000
        self._start_monotonic_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        """UTC now, in milliseconds since 1970-01-01."""
        if self._speed == 1:
            return time.time_ns() // 1_000_000  # follows the machine's clock when that is corrected
        elapsed_ns = time.monotonic_ns() - self._start_monotonic_ns
        return self._start_ms + int(elapsed_ns * self._speed) // 1_000_000
