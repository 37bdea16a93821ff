# SPDX-License-Identifier: Apache-2.0
"""The HX711 load-cell converter behind its two pins, as the Avia data sheet describes it."""

import time

from chance import Chance

RATES = {10: (100, 400), 80: (12.5, 50)}  # samples a second: their period, and settling after power-up or another gain
POWER_DOWN_US = 60  # PD_SCK high for longer than this: the chip sleeps until PD_SCK falls
EDGE_US = 1  # how long a pulse without any stall stays high
FRAME_GAP_US = 200  # a pause that no pulse of a frame makes: the frame is over
UNSETTLED = 3  # conversions that are still visibly wrong after power-up

GAIN_BY_PULSES = {25: 128, 26: 32, 27: 64}  # 32 is channel B

HIGHEST, LOWEST = 0x7FFFFF, -0x800000

DEAD, CLOCK_OFF, STUCK, SATURATED = "dead", "clock_off", "stuck", "saturated"
SIGNAL_OFF, BRIDGE_OFF = "signal_off", "bridge_off"
FAULTS = (DEAD, CLOCK_OFF, STUCK, SATURATED, SIGNAL_OFF, BRIDGE_OFF)
"""No power or DOUT off; PD_SCK off; a converter that hangs; half again what gain 128 can take; an input that floats,
disturbed by all that is near; an input that lies at the supply."""


class Hx711Chip:
    """`analog(gain, now_ms)` gives the input in counts, as wide as it likes; the chip saturates it to 24 bits.

    The chip knows two clocks: simulated time, by which conversions get ready, and the time the firmware slept, by which
    pulses are measured. Nothing becomes ready inside a frame or before the firmware lets time pass after it, so that a
    host that stalls this process does not look like a chip that went wrong.

    `fault`, in FAULTS, may be set at any time.
    """

    def __init__(self, analog, now_ms=None, slept_us=None, rate=10):
        self._analog = analog
        self._period_ms, self._settling_ms = RATES[rate]
        self.fault = None
        self._now_ms = now_ms or (lambda: time.elapsed_us() // 1000)
        self._slept_us = slept_us or time.slept_us
        self._sck = 0
        self._high_since_us = 0
        self._stalls = {}
        self._stuck_at = None
        self._chance = Chance(711)
        self.frames = 0
        self.power_downs = 0
        self._power_up()

    def stall(self, pulse, duration_us):
        """Hold PD_SCK high for duration_us at this pulse (1...) of the next frame, as an interrupt would."""
        self._stalls[pulse] = duration_us

    def sck(self, level):
        """The firmware sets PD_SCK."""
        if level == self._sck or self.fault == CLOCK_OFF:
            return
        self._sck = level
        if level:
            self._high_since_us = self._slept_us()
            if self._ready:
                self._shift()
            return
        high_us = self._high_us()
        if self._stalls:
            self._stalls.pop(self._pulses, None)
        if high_us > POWER_DOWN_US:
            self.power_downs += 1
            self._power_up()

    def dout(self):
        """The level of DOUT: low says that a conversion waits to be fetched."""
        if self.fault in (DEAD, CLOCK_OFF):
            self._analog(self.gain, self._now_ms())  # nobody converts it, and yet the world goes on
        if self.fault == DEAD:
            return 1  # pulled up
        if self._sck:
            return 1 if self._high_us() > POWER_DOWN_US else self._bit
        if self._pulses and not self._ended():
            return self._bit
        if not self._ready:
            self._ready = self._now_ms() >= self._ready_at_ms
            self._bit = 0 if self._ready else 1
        return self._bit

    def _high_us(self):
        return EDGE_US + self._slept_us() - self._high_since_us + self._stalls.get(self._pulses, 0)

    def _power_up(self):
        self.gain = 128
        self._unsettled = UNSETTLED
        self._pulses = 0
        self._ready = False
        self._bit = 1
        self._ready_at_ms = self._now_ms() + self._settling_ms

    def _shift(self):
        self._pulses += 1
        if self._pulses == 1:
            self._word = self._convert()
        if self._pulses <= 24:
            self._bit = self._word >> (24 - self._pulses) & 1
        else:
            self._bit = 1
        self._last_pulse_us = self._high_since_us

    def _convert(self):
        self._fetched_at_ms = self._now_ms()
        counts = self._faulty_counts(int(self._analog(self.gain, self._fetched_at_ms)))
        if self._unsettled:
            counts = counts * (4 - self._unsettled) // 5
            self._unsettled -= 1
        return max(LOWEST, min(HIGHEST, counts)) & 0xFFFFFF

    def _faulty_counts(self, counts):
        if self.fault == STUCK:
            counts = self._stuck_at if self._stuck_at is not None else counts
            self._stuck_at = counts
            return counts
        self._stuck_at = None
        if self.fault == SATURATED:
            return HIGHEST * 3 // 2 * self.gain // 128
        if self.fault == BRIDGE_OFF:
            return HIGHEST * 128
        if self.fault == SIGNAL_OFF:  # the input floats: mains and whatever else is near take it from end to end
            return (LOWEST, HIGHEST)[self._fetched_at_ms // 300 & 1] if self._chance.bits() & 3 else self._wander()
        return counts

    def _wander(self):
        return int(self._chance.between(LOWEST, HIGHEST))

    def _ended(self):
        """Ends the frame once the firmware lets time pass; its pulses select gain and channel of the next one."""
        if self._slept_us() - self._last_pulse_us < FRAME_GAP_US:
            return False
        gain = GAIN_BY_PULSES.get(self._pulses, self.gain)
        if gain == self.gain:  # the chip runs freely: the next conversion after the one that was fetched
            periods = (self._fetched_at_ms - self._ready_at_ms) // self._period_ms + 1
            self._ready_at_ms += self._period_ms * periods
        else:
            self.gain = gain
            self._ready_at_ms = self._fetched_at_ms + self._settling_ms
        self.frames += 1
        self._pulses = 0
        self._ready = False
        self._bit = 1
        return True
