# SPDX-License-Identifier: Apache-2.0
"""The level of a bin at rest, filtered; and the run of agreeing readings from which a new level is taken."""

READING_NOISE_COUNTS = 19.0  # of ten samples with 60 counts rms, before anything is learnt
READING_NOISE_LEAST = 12.0
WANDER = 5e-6  # 1/f noise of the cell within minutes, as a share of its capacity
WALK = 3e-6  # of the capacity: how far a quiet level strays in 300 s
RATE_FIRST, RATE_LEAST, RATE_MOST = 1e-9, 1e-10, 5e-8  # of the capacity in a second: how fast a quiet level goes
RATE_LASTS_S = 21600.0  # after so long half of a rate is gone
GATE = 20.0  # squared standard deviations within which a reading says the same as the last ones
AGREE = 12.0  # the same for readings of one second after another
SOME_READINGS, BAD_READING = 8, 4.0  # from so many on, one is bad that is so many mean deviations off
DEPENDENT = 3.0  # noisy readings depend on each other; a mean deviation is 0.8 of a standard one
MOST_READINGS = 255.0  # that a run counts: a byte when packed


def noise_before(counts_per_gram: float, send_delta_g: float | None) -> float:
    """Standard deviation (g) of a reading before anything is learnt: a device reports at six of them, or later."""
    noise_g = READING_NOISE_COUNTS / counts_per_gram
    return min(noise_g, send_delta_g / 6.0) if send_delta_g else noise_g


class Level:
    """A Kalman filter of a level and its rate that adapts its own variances. All floats; grams and seconds.

    The rate is the zero's: it lasts for hours, whatever is taken or put, so that a level does not lag behind the day's
    warmth just when people are there. `rate2` is how fast the level usually goes, squared. `anchor_g` is the level when
    the contents last changed, by all readings since (a fixed-point smoother), so that `moved_g` is what the zero did.
    """

    __slots__ = (
        "anchor_g", "anchor_rate", "anchor_var", "anchor_with", "g", "innovation_g", "noise2", "rate", "rate2",
        "rate2_least", "rate2_most", "seen_s", "var", "var_both", "var_rate", "walk2", "wander2",
    )  # fmt: skip

    def __init__(self, counts_per_gram: float, cell_g: float, apw_g: float, send_delta_g: float | None) -> None:
        self.noise2 = noise_before(counts_per_gram, send_delta_g) ** 2
        self.wander2 = (WANDER * cell_g) ** 2
        self.walk2 = max(WALK * cell_g, 0.01 * apw_g) ** 2 / 300.0
        self.rate2 = self.var_rate = (RATE_FIRST * cell_g) ** 2
        self.rate2_least, self.rate2_most = (RATE_LEAST * cell_g) ** 2, (RATE_MOST * cell_g) ** 2
        self.g = self.var = self.rate = self.var_both = self.innovation_g = self.seen_s = 0.0
        self.anchor()

    def begin(self, t_s: float, level_g: float, var: float) -> None:
        """A new level, after the contents may have changed; the rate goes on."""
        lasts = RATE_LASTS_S / (RATE_LASTS_S + max(0.0, t_s - self.seen_s))
        self.rate *= lasts
        self.var_rate += (1 - lasts * lasts) * (self.rate2 - self.var_rate)
        self.g, self.var, self.var_both = level_g, var, 0.0
        self.seen_s = t_s
        self.anchor()

    def anchor(self) -> None:
        """What moves from here on is what has `moved_g`."""
        self.anchor_g, self.anchor_rate = self.g, self.var_both
        self.anchor_var = self.anchor_with = self.var

    @property
    def moved_g(self) -> float:
        """Grams by which the quiet level went since its anchor."""
        return self.g - self.anchor_g

    @property
    def moved_var(self) -> float:
        """Variance of `moved_g`."""
        return max(0.0, self.var + self.anchor_var - 2 * self.anchor_with)

    def gone_g(self, dt_s: float) -> float:
        """Grams by which the rate moves the level in this time."""
        return self.rate * dt_s * RATE_LASTS_S / (RATE_LASTS_S + dt_s)

    def gone_var(self, dt_s: float) -> float:
        """Variance of how far a level goes in this time, whatever its rate is now."""
        hold_s = dt_s * RATE_LASTS_S / (RATE_LASTS_S + dt_s)
        return self.walk2 * dt_s + self.rate2 * hold_s * hold_s

    def follow(
        self, t_s: float, dt_s: float, reading_g: float, drift_g: float, least_noise2: float, noise2: float = 0.0
    ) -> bool:
        """Takes a reading that says the same; whether it did. One that says another level is not taken.

        `noise2`: its variance (g^2), where it is noisier than most.
        """
        lasts = RATE_LASTS_S / (RATE_LASTS_S + dt_s)
        hold_s = dt_s * lasts
        drift_g += self.rate * hold_s
        innovation_g = reading_g - self.g - drift_g
        var = self.var + hold_s * (2 * self.var_both + hold_s * self.var_rate) + dt_s * self.walk2
        total = var + max(self.noise2, noise2) + self.wander2
        surprise = innovation_g * innovation_g
        if surprise >= GATE * total:
            return False
        both = lasts * (self.var_both + hold_s * self.var_rate)
        gain, gain_rate = var / total, both / total
        anchor_with = self.anchor_with + hold_s * self.anchor_rate
        gain_anchor = anchor_with / total
        self.anchor_g += gain_anchor * innovation_g
        self.anchor_var -= gain_anchor * anchor_with
        self.anchor_with = anchor_with * (1 - gain)
        self.anchor_rate = lasts * self.anchor_rate - gain_anchor * both
        self.g += gain * innovation_g + drift_g
        self.rate = lasts * self.rate + gain_rate * innovation_g
        self.var = var * (1 - gain)
        self.var_both = both * (1 - gain)
        self.var_rate = self.rate2 - lasts * lasts * (self.rate2 - self.var_rate) - gain_rate * both
        self.seen_s = t_s
        if dt_s > 100:
            self._adapt(innovation_g, surprise, total, gain, least_noise2)
        return True

    def _adapt(self, innovation_g: float, surprise: float, total: float, gain: float, least_noise2: float) -> None:
        """Innovations that follow one another with the same sign mean that the level goes faster than thought."""
        together = min(max(innovation_g * self.innovation_g / total, -2.0), 2.0)
        self.rate2 = min(max(self.rate2 * (1.0 + 0.03 * together), self.rate2_least), self.rate2_most)
        self.innovation_g = innovation_g
        if surprise < 9 * total:
            own = min(surprise, 16 * self.noise2) * (1 - gain) - self.wander2
            self.noise2 = max(self.noise2 + 0.01 * (own - self.noise2), least_noise2)

    def rest_var(self, readings: float) -> float:
        """Variance of the mean of so many readings one after another."""
        return self.noise2 / readings + self.wander2


class Run:
    """Readings that agree, each with the mean of those before; `width` times as loosely as noise asks for."""

    __slots__ = ("last_s", "mean_g", "readings", "since_s", "width")

    def __init__(self, width: float) -> None:
        self.width = width
        self.readings = self.mean_g = self.since_s = self.last_s = 0.0

    def clear(self) -> None:
        """Begins anew with the next reading."""
        self.readings = 0.0

    def agrees(self, t_s: float, reading_g: float, level: Level) -> bool:
        """Whether a reading says the same as the run; a run without readings agrees with none."""
        if not self.readings:
            return False
        dt_s = t_s - self.last_s
        off_g = reading_g - self.mean_g
        noise2, wander2 = level.noise2, level.wander2
        limit = AGREE * self.width * noise2 * (1 + 1 / self.readings) + 6 * wander2 * min(4.0, dt_s / 30.0)
        if dt_s > 30:
            limit += 16 * level.gone_var(dt_s)
        return off_g * off_g <= limit

    def add(self, t_s: float, reading_g: float) -> None:
        """Takes a reading into the run."""
        if not self.readings:
            self.since_s, self.mean_g = t_s, reading_g
        self.readings = min(self.readings + 1.0, MOST_READINGS)
        self.mean_g += (reading_g - self.mean_g) / min(self.readings, 20.0)
        self.last_s = t_s

    @property
    def span_s(self) -> float:
        """From its first reading to its last."""
        return self.last_s - self.since_s


class Lull:
    """Readings since the last change at which a device reports at once, though a light hand may still be in the bin.

    When a lull has lasted the device falls silent, so what it says must do. In counts of the converter, all whole
    numbers. `first_raw`: the reading after which there was no such change; `sum_raw`, `squares_raw`: of what the
    readings are off it.
    """

    __slots__ = ("first_raw", "readings", "squares_raw", "sum_raw")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begins anew with the next reading."""
        self.first_raw = self.readings = self.sum_raw = self.squares_raw = 0.0

    def add(self, raw: int, send_delta_counts: float) -> None:
        """Takes a reading, or begins anew with it."""
        off_raw = raw - self.first_raw
        if not self.readings or abs(off_raw) >= send_delta_counts:
            self.clear()
            self.first_raw, off_raw = float(raw), 0.0
        self.readings = min(self.readings + 1.0, MOST_READINGS)
        self.sum_raw += off_raw
        self.squares_raw += off_raw * off_raw

    @property
    def mean_raw(self) -> float:
        """The mean of its readings."""
        return self.first_raw + self.sum_raw / self.readings

    @property
    def var_raw(self) -> float:
        """How far its readings scatter, squared."""
        mean = self.sum_raw / self.readings
        return max(0.0, self.squares_raw / self.readings - mean * mean)


class Noise:
    """Readings of a cell that does not come to rest: window by window their mean, which single bad ones hardly move.

    `last_g`: the mean of the window before, NaN while no window was full since the last rest.
    """

    __slots__ = ("deviation_g", "last_g", "mean_g", "readings")

    def __init__(self) -> None:
        self.end()

    def end(self) -> None:
        """The cell is at rest."""
        self.last_g = float("nan")
        self.clear()

    def clear(self) -> None:
        """A window begins with the next reading."""
        self.readings = self.mean_g = self.deviation_g = 0.0

    @property
    def is_on(self) -> bool:
        """Whether a window was full since the last rest."""
        return self.last_g == self.last_g

    def next_window(self) -> None:
        """The window is full: its mean is noted, the next one begins."""
        self.last_g = self.mean_g
        self.clear()

    def add(self, reading_g: float) -> None:
        """Takes a reading into the window."""
        self.readings += 1.0
        off_g = reading_g - (self.mean_g if self.readings > 1 else reading_g)
        if self.readings > SOME_READINGS:
            most_g = BAD_READING * self.deviation_g
            off_g = min(max(off_g, -most_g), most_g)
        self.mean_g = self.mean_g + off_g / self.readings if self.readings > 1 else reading_g
        self.deviation_g += (abs(off_g) - self.deviation_g) / self.readings

    @property
    def mean_var(self) -> float:
        """Variance of the mean (g^2)."""
        return DEPENDENT * self.deviation_g * self.deviation_g / self.readings
