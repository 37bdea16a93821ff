# SPDX-License-Identifier: Apache-2.0
"""A board with a crystal of its own: what its time module and its RTC say over resets, deep sleep and power losses."""

from drivers.clock import Clock
from drivers.rtc import SIZE, Rtc


class PoweredBoard:
    """`pass_ms` lets time pass as the world has it; the crystal is `ppm` fast. It stands for `time` and machine.RTC().

    What is in the RTC memory after a power-up is `garbage`: chance, or what was there before when the loss was short.
    """

    def __init__(self, ppm=0):
        self._ppm = ppm
        self.world_ms = 0
        self._powered_at_ms = self._began_at_ms = 0
        self._memory = b"garbage"

    def pass_ms(self, duration_ms):
        self.world_ms += duration_ms

    def reset(self):
        """What a watchdog, machine.reset and the end of a deep sleep have in common."""
        self._began_at_ms = self.world_ms

    def lose_power(self, garbage=b""):
        self._powered_at_ms = self._began_at_ms = self.world_ms
        if garbage is not None:
            self._memory = garbage

    def program(self):
        """(clock, RTC) as a program that starts makes them."""
        return Clock(self), Rtc(self, self)

    # The time module.

    def ticks_ms(self):
        return self._crystal_ms(self._began_at_ms) & 0x3FFFFFFF

    def time_ns(self):
        return self._crystal_ms(self._powered_at_ms) * 1_000_000

    def sleep_ms(self, duration_ms):
        self.pass_ms(duration_ms)

    # machine.RTC().

    def memory(self, data=None):
        if data is None:
            return self._memory
        assert len(data) == SIZE
        self._memory = bytes(data)
        return None

    def _crystal_ms(self, since_ms):
        passed_ms = self.world_ms - since_ms
        return passed_ms + passed_ms * self._ppm // 1_000_000
