# SPDX-License-Identifier: Apache-2.0
"""One LED that blinks a number: n flashes of 0.2 s, then a pause."""

from drivers import const

_TYPING = const(0)
if _TYPING:
    from machine import Pin

    from drivers.clock import Clock

_STEP_MS = const(200)
_PAUSE_STEPS = const(8)


class Led:
    """`pin` is an output pin, None for a board whose pins are not known; `lit` is the level that lights the LED."""

    def __init__(self, pin: "Pin | None", clock: "Clock", lit: int = 1):
        self._pin = pin
        self._clock = clock
        self._lit = lit

    def show(self, blinks: int) -> None:
        """Set the LED as the pattern has it now; call it often."""
        if self._pin is None:
            return
        step = self._clock.ticks_ms() // _STEP_MS % (2 * blinks + _PAUSE_STEPS)
        on = step < 2 * blinks and step % 2 == 0
        self._pin.value(self._lit if on else 1 - self._lit)
