# SPDX-License-Identifier: Apache-2.0
"""The watchdog that resets a board whose program hangs."""

from machine import WDT

from drivers import const

_HANGS_AFTER_MS = const(60_000)  # looking up a host's name may take a dozen seconds
_RELAXED_MS = const(3_600_000)


class Watchdog:
    def __init__(self):
        self._dog = WDT(timeout=_HANGS_AFTER_MS)

    def feed(self) -> None:
        self._dog.feed()

    def relax(self) -> None:
        """An hour in which nobody feeds it; an ESP32 takes a new time-out by being asked again."""
        self._dog = WDT(timeout=_RELAXED_MS)
        self._dog.feed()
