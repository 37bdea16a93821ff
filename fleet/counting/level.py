# SPDX-License-Identifier: Apache-2.0
"""The level of a bin at rest, filtered; and the run of agreeing readings from which a new level is taken."""

READING_NOISE_COUNTS = 19.0  # of ten samples with 60 counts rms, before anything is learnt
READING_NOISE_LEAST = 12.0
WANDER = 5e-6  # 1/f noise of the cell within minutes, as a share of its capacity
WALK_FIRST, WALK_LEAST, WALK_MOST = 3e-6, 1.5e-6, 60e-6  # of the capacity: how far a quiet level goes in 300 s
GATE = 20.0  # squared standard deviations within which a reading says the same as the last ones
AGREE = 12.0  # the same for readings of one second after another


def noise_before(counts_per_gram: float, send_delta_g: float | None) -> float:
    """Standard deviation (g) of a reading before anything is learnt: a device reports at six of them, or later."""
    noise_g = READING_NOISE_COUNTS / counts_per_gram
    return min(noise_g, send_delta_g / 6.0) if send_delta_g else noise_g


class Level:
    """A Kalman filter of one number that adapts its own two variances. All floats; grams and seconds.

    `drifted_g` is what predicted drift moved the level since `anchor_g`, the level when the contents last changed.
    """

    __slots__ = (
        "anchor_g", "anchor_var", "drifted_g", "g", "innovation_g", "noise2", "seen_s", "var", "walk2", "walk2_least",
        "walk2_most", "wander2",
    )  # fmt: skip

    def __init__(self, counts_per_gram: float, cell_g: float, apw_g: float, send_delta_g: float | None) -> None:
        self.noise2 = noise_before(counts_per_gram, send_delta_g) ** 2
        self.wander2 = (WANDER * cell_g) ** 2
        self.walk2 = max(WALK_FIRST * cell_g, 0.01 * apw_g) ** 2 / 300.0
        self.walk2_least = (WALK_LEAST * cell_g) ** 2 / 300.0
        self.walk2_most = max((WALK_MOST * cell_g) ** 2 / 300.0, self.walk2)
        self.g = self.var = self.anchor_g = self.anchor_var = self.drifted_g = self.innovation_g = 0.0
        self.seen_s = 0.0

    def begin(self, t_s: float, level_g: float, var: float) -> None:
        """A new level, after the contents may have changed."""
        self.g = self.anchor_g = level_g
        self.var = self.anchor_var = var
        self.drifted_g = 0.0
        self.seen_s = t_s

    def follow(self, t_s: float, dt_s: float, reading_g: float, drift_g: float, least_noise2: float) -> bool:
        """Takes a reading that says the same; whether it did. One that says another level is not taken."""
        innovation_g = reading_g - self.g - drift_g
        var = self.var + dt_s * self.walk2
        total = var + self.noise2 + self.wander2
        surprise = innovation_g * innovation_g
        if surprise >= GATE * total:
            return False
        gain = var / total
        self.g += gain * innovation_g + drift_g
        self.drifted_g += drift_g
        self.var = var * (1 - gain)
        self.seen_s = t_s
        if dt_s > 100:
            self._adapt(innovation_g, surprise, total, gain, least_noise2)
        return True

    def _adapt(self, innovation_g: float, surprise: float, total: float, gain: float, least_noise2: float) -> None:
        """Innovations that follow one another with the same sign mean that the level walks faster than thought."""
        together = min(max(innovation_g * self.innovation_g / total, -2.0), 2.0)
        self.walk2 = min(max(self.walk2 * (1.0 + 0.03 * together), self.walk2_least), self.walk2_most)
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

    def agrees(self, t_s: float, reading_g: float, noise2: float, wander2: float, walk2: float) -> bool:
        """Whether a reading says the same as the run; a run without readings agrees with none."""
        if not self.readings:
            return False
        dt_s = t_s - self.last_s
        off_g = reading_g - self.mean_g
        limit = AGREE * self.width * noise2 * (1 + 1 / self.readings) + 6 * wander2 * min(4.0, dt_s / 30.0)
        if dt_s > 30:
            limit += 16 * walk2 * dt_s
        return off_g * off_g <= limit

    def add(self, t_s: float, reading_g: float) -> None:
        """Takes a reading into the run."""
        if not self.readings:
            self.since_s, self.mean_g = t_s, reading_g
        self.readings += 1
        self.mean_g += (reading_g - self.mean_g) / min(self.readings, 20.0)
        self.last_s = t_s

    @property
    def span_s(self) -> float:
        """From its first reading to its last."""
        return self.last_s - self.since_s
