# SPDX-License-Identifier: Apache-2.0
"""The HX711 bridge converter on two pins (Avia Semiconductor data sheet, "Serial Interface")."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import Pin

    from drivers.clock import Clock

PULSES = {128: 25, 32: 26, 64: 27}  # clock pulses a frame; the last ones choose gain and input of the next conversion
SATURATED = (-0x800000, 0x7FFFFF)  # what the chip says when its input is out of range: legal, and worth reporting
READY_WITHIN_MS = 1000  # 10 SPS is one conversion in 100 ms, 400 ms after power-up
DISCARDED_AFTER_POWER_UP = 4  # conversions until the filter has settled
PERIOD_MAX_MS = 160  # 10 SPS by the chip's own oscillator, with room; a chip that starts anew takes 400 ms
UNSEEN_MS = 300  # so long unobserved, the chip might have started anew and be ready again


class Hx711Error(OSError):
    """The chip did not behave; `reason` is `not_ready` (no conversion in time) or `frame` (pulses miscounted)."""

    def __init__(self, reason: str):
        super().__init__(5, reason)
        self.reason = reason


class Hx711:
    """One chip. A conversion is given out when the next one is ready, and only if that came in time.

    PD_SCK high for over 60 us, whatever held it, powers the chip down in the middle of a frame: the rest of the frame
    reads as ones, and what follows has not settled. Nothing in the frame tells; the 400 ms that the chip then takes do.

    `dout` and `sck` are pins with `value()`; `interrupts` has `disable_irq` and `enable_irq`, as `machine` does."""

    def __init__(self, dout: "Pin", sck: "Pin", clock: "Clock", interrupts, gain: int = 128):
        if gain not in PULSES:
            raise ValueError("gain: %r is not one of 32, 64, 128" % (gain,))
        self._dout = dout.value  # bound once: looking them up would lengthen each pulse
        self._sck = sck.value
        self._disable_irq = interrupts.disable_irq
        self._enable_irq = interrupts.enable_irq
        self._clock = clock
        self._gain_pulses = PULSES[gain] - 24
        self._before: "int | None" = None
        self._discard = 0
        self.power_up()

    def power_up(self) -> None:
        """Wake the chip; it begins with gain 128, so that the conversions on the way to our gain are discarded too."""
        self._sck(0)
        self._distrust()
        self._asked_ms = self._clock.ticks_ms()

    def power_down(self) -> None:
        self._sck(1)
        self._clock.sleep_ms(1)  # high for over 60 us

    def restart(self) -> None:
        self.power_down()
        self.power_up()

    def read_raw(self) -> "int | None":
        """Counts (24 bit, signed) of the conversion before, None when there is none to trust; raises Hx711Error."""
        # Before DOUT is looked at: a pause in between then makes no chip late.
        waited_ms = (self._clock.ticks_ms() - self._asked_ms) & 0x3FFFFFFF
        if self._dout():
            if waited_ms > READY_WITHIN_MS:
                raise Hx711Error("not_ready")
            if waited_ms > PERIOD_MAX_MS:
                self._distrust()
            return None
        if waited_ms > UNSEEN_MS:
            self._distrust()
        before, self._before = self._before, None
        raw = self._read_frame()
        self._asked_ms = self._clock.ticks_ms()
        if self._discard:
            self._discard -= 1
        else:
            self._before = raw
        return before

    def _distrust(self) -> None:
        """The chip starts anew: neither the conversion before nor the next ones count."""
        self._before = None
        self._discard = DISCARDED_AFTER_POWER_UP

    def _read_frame(self) -> int:
        raw = 0
        for _ in range(24):
            raw = raw << 1 | self._pulse()
        for _ in range(self._gain_pulses):
            self._pulse()
        if not self._dout():  # the 25th pulse raises DOUT; low means that the chip counted other pulses than we
            raise Hx711Error("frame")
        return raw - 0x1000000 if raw & 0x800000 else raw

    def _pulse(self) -> int:
        # Over 60 us high and the chip powers down in the middle of the frame: nothing may come between these two.
        state = self._disable_irq()
        self._sck(1)
        self._sck(0)
        self._enable_irq(state)
        return self._dout()
