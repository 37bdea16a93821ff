# SPDX-License-Identifier: Apache-2.0
"""The HX711 clocked by SPI: its 24 bits are three bytes, so that a frame costs a third of the time.

PD_SCK is the clock of the SPI. It idles low (polarity 0), the chip shifts at its rising edge, and we read before the
falling one (phase 1). SPI knows whole bytes only, so the pulses that choose the gain come from the pin, as with GPIO.
That takes MicroPython's SoftSPI: each chip has one of its own, made of its two pins, with as many of them as there are
pins. A hardware SPI owns its pins, and there are two at most; with PD_SCK on its MOSI the level between two frames
would depend on chip and release of the ESP-IDF, and high is power-down.
"""

from drivers import const
from drivers.hx711 import Hx711

_TYPING = const(0)
if _TYPING:
    from machine import Pin, SoftSPI

    from drivers.clock import Clock

BAUDRATE = const(500_000)  # high for 1 us of 0.2 to 50; a frame holds interrupts off for 70 us, by computation


class Hx711Spi(Hx711):
    """`spi` clocks with polarity 0 and phase 1 on the very pins `sck` and `dout`."""

    def __init__(self, dout: "Pin", sck: "Pin", spi: "SoftSPI", clock: "Clock", interrupts, gain: int = 128):
        self._readinto = spi.readinto
        self._bytes = bytearray(3)
        super().__init__(dout, sck, clock, interrupts, gain)

    def _read_bits(self) -> int:
        state = self._disable_irq()
        self._readinto(self._bytes)
        self._enable_irq(state)
        return self._bytes[0] << 16 | self._bytes[1] << 8 | self._bytes[2]
