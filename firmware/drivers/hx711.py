# SPDX-License-Identifier: Apache-2.0
"""The HX711 bridge converter (Avia Semiconductor data sheet, "Serial Interface"): what holds however it is clocked."""

from drivers import const
from drivers.glitch import GlitchGate

_TYPING = const(0)
if _TYPING:
    from machine import Pin

    from drivers.clock import Clock

PULSES = {128: 25, 32: 26, 64: 27}  # clock pulses a frame; the last ones choose gain and input of the next conversion
_EIO = const(5)
_READY_WITHIN_MS = const(1000)  # 10 SPS is one conversion in 100 ms, 400 ms after power-up
_DISCARDED_AFTER_POWER_UP = const(4)  # conversions until the filter has settled
_PERIOD_MAX_MS = const(160)  # 10 SPS by the chip's own oscillator, with room; a chip that starts anew takes 400 ms
_UNSEEN_MS = const(300)  # so long unobserved, the chip might have started anew and be ready again


class Hx711:
    """One chip. A conversion is given out when the next one is ready, only if that came in time, and if it does not
    show that this one was a glitch.

    PD_SCK high for over 60 us, whatever held it, powers the chip down in the middle of a frame: the rest of the frame
    reads as ones, and what follows has not settled. Nothing in the frame tells; the 400 ms that the chip then takes do.

    `dout` and `sck` are pins with `value()`; `interrupts` has `disable_irq` and `enable_irq`, as `machine` does. Gain
    32 is input B. `_read_bits` is what clocks the 24 bits out; there is one for each way to do it."""

    def __init__(self, dout: "Pin", sck: "Pin", clock: "Clock", interrupts, gain: int = 128):
        if gain not in PULSES:
            raise ValueError("gain: %r is not one of 32, 64, 128" % (gain,))
        self._dout = dout.value  # bound once: looking them up would lengthen each pulse
        self._sck = sck.value
        self._disable_irq = interrupts.disable_irq
        self._enable_irq = interrupts.enable_irq
        self._clock = clock
        self._gain_pulses = PULSES[gain] - 24
        self._own_pulses = self._gain_pulses
        self._gate = GlitchGate()
        self._before: "int | None" = None
        self._discard = 0
        self.power_up()

    def power_up(self) -> None:
        """Wake the chip; it begins with gain 128, so that the conversions on the way to our gain are discarded too."""
        self._sck(0)
        self._distrust()
        self._asked_ms = self._clock.ticks_ms()

    def power_down(self) -> None:
        """The chip sleeps, and the bridge with it when the chip's own regulator feeds it, as long as PD_SCK is high."""
        self._sck(1)
        self._clock.sleep_ms(1)  # high for over 60 us

    def restart(self) -> None:
        self.power_down()
        self.power_up()

    def widen(self) -> bool:
        """Read on with half the gain until `narrow`; False when there is no half."""
        if self._own_pulses != PULSES[128] - 24:
            return False
        self._gain_pulses = PULSES[64] - 24
        self._distrust()  # and again when the chip takes its time, as it does after another gain
        return True

    def narrow(self) -> None:
        self._gain_pulses = self._own_pulses
        self._distrust()

    def read_raw(self) -> "int | None":
        """Counts (24 bit, signed) of the conversion before, None when there is none to trust.

        Raises OSError: its last argument is `no_chip` (no conversion in time) or `frame` (pulses miscounted).
        """
        # Before DOUT is looked at: a pause in between then makes no chip late.
        waited_ms = (self._clock.ticks_ms() - self._asked_ms) & 0x3FFFFFFF
        if self._dout():
            if waited_ms > _READY_WITHIN_MS:
                raise OSError(_EIO, "no_chip")
            if waited_ms > _PERIOD_MAX_MS:
                self._distrust()
            return None
        if waited_ms > _UNSEEN_MS:
            self._distrust()
        before, self._before = self._before, None
        raw = self._read_frame()
        self._asked_ms = self._clock.ticks_ms()
        if self._discard:
            self._discard -= 1
        else:
            self._before = raw
        if before is None or self._gate.is_glitch(before, raw):
            return None
        return before

    def _distrust(self) -> None:
        """The chip starts anew: neither the conversion before nor the next ones count."""
        self._before = None
        self._discard = _DISCARDED_AFTER_POWER_UP

    def _read_frame(self) -> int:
        raw = self._read_bits()
        for _ in range(self._gain_pulses):
            self._pulse()
        if not self._dout():  # the 25th pulse raises DOUT; low means that the chip counted other pulses than we
            raise OSError(_EIO, "frame")
        return raw - 0x1000000 if raw & 0x800000 else raw

    def _read_bits(self) -> int:
        raise NotImplementedError

    def _pulse(self) -> int:
        # Over 60 us high and the chip powers down in the middle of the frame: nothing may come between these two.
        state = self._disable_irq()
        self._sck(1)
        self._sck(0)
        self._enable_irq(state)
        return self._dout()
