# SPDX-License-Identifier: Apache-2.0
"""What an ESP32 keeps while it has power: a timer and a little memory, over deep sleep and every reset.

The timer is the system time, which only a power-up resets (ESP-IDF, System Time: the RTC timer). Nobody sets it here;
should somebody, from a console, that is a step of time that whoever reads it must expect. The memory is RTC memory,
which the stock image leaves alone at a reset and finds in any state at a power-up (RTC_NOINIT_ATTR).
"""

from drivers import const

SIZE = const(512)  # of the 2 KiB there are


class Rtc:
    """`rtc` is machine.RTC(), `time` is MicroPython's module."""

    def __init__(self, rtc, time):
        self._rtc = rtc
        self._time = time
        self._memory = bytearray(SIZE)
        kept = rtc.memory()
        if len(kept) == SIZE:
            self._memory[:] = kept

    def now_ms(self) -> int:
        """Milliseconds of the timer; beyond 31 bits after a while."""
        return self._time.time_ns() // 1_000_000

    def read(self, start: int, size: int) -> bytes:
        return bytes(self._memory[start : start + size])

    def write(self, start: int, data: bytes) -> None:
        self._memory[start : start + len(data)] = data
        self._rtc.memory(self._memory)
