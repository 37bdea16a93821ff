# SPDX-License-Identifier: Apache-2.0
"""The HX711 clocked pulse by pulse: needs nothing but two pins, and holds interrupts off for one pulse at a time."""

from drivers.hx711 import Hx711


class Hx711Gpio(Hx711):
    def _read_bits(self) -> int:
        # As `_pulse` does it, and in names of this function: they cost half.
        disable_irq = self._disable_irq
        enable_irq = self._enable_irq
        sck = self._sck
        dout = self._dout
        raw = 0
        for _ in range(24):
            state = disable_irq()
            sck(1)
            sck(0)
            enable_irq(state)
            raw = raw << 1 | dout()
        return raw
