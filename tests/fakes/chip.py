# SPDX-License-Identifier: Apache-2.0
"""A small HX711 behind its two pins: plays back a list of conversions and counts the pulses of each frame."""


class FakeChip:
    """A conversion is a number, or None while none is ready. `lost_pulses` makes the chip miss the first of a frame."""

    def __init__(self, conversions, lost_pulses=0):
        self._conversions = list(conversions)
        self._lost_pulses = lost_pulses
        self._to_lose = lost_pulses
        self._high = False
        self._bit = 1
        self._word = None
        self.pulses = 0
        self.frames = []  # pulses of each frame
        self.power_cycles = 0
        self.dout = FakePin(self._read_dout, None)
        self.sck = FakePin(None, self._write_sck)
        self.interrupts = FakeInterrupts(self)
        self.spi = FakeSpi(self)

    @property
    def is_high(self):
        return self._high

    def slept(self, duration_ms):
        """Time passes: with PD_SCK high the chip powers down, otherwise the frame is over."""
        if self._high:
            self.power_cycles += 1
        self.end_frame()

    def end_frame(self):
        if self.pulses:
            self.frames.append(self.pulses)
        self.pulses = 0
        self._word = None
        self._to_lose = self._lost_pulses

    def _read_dout(self):
        if self.pulses == 0:
            if self._word is None:
                self._word = self._conversions.pop(0) if self._conversions else None
            if self._word is None:
                return 1
            self._bit = 0
        return self._bit

    def _write_sck(self, level):
        if level and not self._high and self._word is not None:
            if self._to_lose:
                self._to_lose -= 1
            else:
                self.pulses += 1
                self._bit = self._word >> (24 - self.pulses) & 1 if self.pulses <= 24 else 1
        self._high = bool(level)
        self.interrupts.sck_changed(self._high)


class FakeSpi:
    """Clocks whole bytes: zeros out, and in what DOUT says while the clock is high."""

    def __init__(self, chip):
        self._chip = chip

    def readinto(self, buffer):
        for index in range(len(buffer)):
            read = 0
            for _ in range(8):
                self._chip.sck.value(1)
                read = read << 1 | self._chip.dout.value()
                self._chip.sck.value(0)
            buffer[index] = read


class FakePin:
    def __init__(self, read, write):
        self._read = read
        self._write = write

    def value(self, *level):
        return self._write(level[0]) if level else self._read()


class FakeInterrupts:
    """Counts how often PD_SCK went high while an interrupt could have come between; `longest` is pulses in one go."""

    def __init__(self, chip):
        self._chip = chip
        self._enabled = True
        self._highs = 0
        self.unguarded = 0
        self.longest = 0

    def disable_irq(self):
        self._enabled = False
        self._highs = 0
        return 7

    def enable_irq(self, state):
        assert state == 7
        self._enabled = True
        self.longest = max(self.longest, self._highs)

    def sck_changed(self, high):
        if high:
            self._highs += 1
            self.unguarded += self._enabled
