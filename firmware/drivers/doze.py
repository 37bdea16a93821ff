# SPDX-License-Identifier: Apache-2.0
"""Light sleep: the processor stands still, and memory, timers and time go on. It ends a radio's connection.

The pins of an ESP32-S3 and -C3 float meanwhile unless they are held (espressif/esp-idf issue 12351), and a PD_SCK that
floats is a high one: the resistor that keeps the cell off through a deep sleep sees to that.
"""

from drivers import const

_TYPING = const(0)
if _TYPING:
    from machine import Pin

    from drivers.clock import Clock

_LEAST_MS = const(5)  # to fall asleep and to wake take about a millisecond


class Doze:
    """Passes time as a clock does, for whom the radio is off. `lightsleep` is machine's; `held` are the outputs."""

    def __init__(self, lightsleep, clock: "Clock", held: "list[Pin]"):
        self._lightsleep = lightsleep
        self._clock = clock
        self._held = held

    def sleep_ms(self, duration_ms: int) -> None:
        if duration_ms < _LEAST_MS:
            self._clock.sleep_ms(duration_ms)
            return
        for pin in self._held:
            pin.init(hold=True)  # type: ignore[call-arg]  # the stubs do not know it
        try:
            self._lightsleep(duration_ms)
        finally:  # an interrupt from the console comes here, and a pin stays held through a reset
            for pin in self._held:
                pin.init(hold=False)  # type: ignore[call-arg]  # the stubs do not know it
