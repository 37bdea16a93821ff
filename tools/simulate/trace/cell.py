# SPDX-License-Identifier: Apache-2.0
"""A load cell with its converter: from the load to counts, with all that a cell adds of itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.simulate.trace.classes import COUNTS_PER_CAPACITY, SAMPLES, BinClass
from tools.simulate.trace.climate import MEAN_C, Climate
from tools.simulate.trace.drift import lagged, walk, wander
from tools.simulate.trace.trace import Floats

DAY_S = 86400.0
SPAN_ERROR = 5e-4  # 1 sd
SPAN_PPM_PER_K = 20.0  # 1 sd
ZERO_COUNTS = 0.02 * COUNTS_PER_CAPACITY  # of the unloaded cell, 1 sd
CREEP_SPREAD = 0.3  # from cell to cell, 1 sd
CREEP_UPWARD = 0.9  # share of the cells that read more and more under a load
CREEP_S = (300.0, 3 * 3600.0)  # half of the creep each
PLAY_SHARES = (1e-3, 1e-2, 1e-1)  # of the capacity: hysteresis grows with the load moved
WALK_STEP_S = 300.0
WANDER_STEP_S = 20.0
WANDER_S = 200.0


@dataclass(frozen=True)
class Strain:
    """What a cell remembers at the times `t_s`: load, creep, play, and where the load lies.

    `creep_g`: the loads that it follows late, one for each time constant. `off_centre`: a share of the load."""

    t_s: Floats
    load_g: Floats
    creep_g: tuple[Floats, ...]
    play_g: Floats
    off_centre: Floats

    def at(self, t_s: Floats) -> "Strain":
        """The same at other times, between which and the last of ours before them the load did not change."""
        index = np.maximum(np.searchsorted(self.t_s, t_s, side="right") - 1, 0)
        load_g = self.load_g[index]
        since_s = t_s - self.t_s[index]
        crept = [
            load_g + (lag_g[index] - load_g) * np.exp(-since_s / tau_s)
            for lag_g, tau_s in zip(self.creep_g, CREEP_S, strict=True)
        ]
        return Strain(t_s, load_g, tuple(crept), self.play_g[index], self.off_centre[index])


class Cell:
    """One cell: its errors are drawn once, its zero walks for `days`."""

    def __init__(self, bin_class: BinClass, climate: Climate, days: float, random: np.random.Generator) -> None:
        normal = random.standard_normal
        ppm_g = 1e-6 * bin_class.capacity_g
        self._class = bin_class
        self._climate = climate
        self._random = random
        self._zero_counts = ZERO_COUNTS * normal()
        self._span = 1 + SPAN_ERROR * normal()
        self._span_per_k = 1e-6 * SPAN_PPM_PER_K * normal()
        self._zero_g_per_k = bin_class.zero_ppm_per_k * ppm_g * normal()
        self._ageing_g_per_s = bin_class.ageing_ppm * ppm_g * normal() / (365 * DAY_S)
        sign = 1 if random.random() < CREEP_UPWARD else -1
        self._creep = sign * bin_class.creep * (1 + CREEP_SPREAD * normal())
        self._walk_axis_s = np.arange(0.0, days * DAY_S + 2 * WALK_STEP_S, WALK_STEP_S)
        self._walk_g = walk(len(self._walk_axis_s), WALK_STEP_S, bin_class.zero_walk_ppm * ppm_g, random)
        self._wander_axis_s = np.arange(0.0, days * DAY_S + 2 * WANDER_STEP_S, WANDER_STEP_S)
        self._wander_g = wander(len(self._wander_axis_s), WANDER_STEP_S, WANDER_S, bin_class.wander_ppm * ppm_g, random)

    def strain(self, t_s: Floats, load_g: Floats, handlings_s: Sequence[float]) -> Strain:
        """What the cell remembers of its loads; before the first one the empty bin had stood on it for long."""
        empty_g = self._class.bin_weight_g
        shares = self._class.off_centre * self._random.standard_normal(1 + len(handlings_s))
        return Strain(
            t_s,
            load_g,
            tuple(lagged(t_s, load_g, tau_s, empty_g) for tau_s in CREEP_S),
            self._play(load_g),
            shares[np.searchsorted(np.sort(handlings_s), t_s, side="right")],
        )

    def counts(self, strain: Strain) -> Floats:
        """What the converter would say without white noise."""
        t_s, load_g = strain.t_s, strain.load_g
        warmer_k = self._climate.cell_c(t_s) - MEAN_C
        creep_g = self._creep * sum(strain.creep_g) / len(CREEP_S)
        felt_g = (load_g + creep_g) * self._span * (1 + self._span_per_k * warmer_k)
        felt_g += load_g * strain.off_centre + self._class.hysteresis * strain.play_g
        felt_g += self._zero_g_per_k * warmer_k + self._ageing_g_per_s * t_s
        felt_g += np.interp(t_s, self._walk_axis_s, self._walk_g) + np.interp(t_s, self._wander_axis_s, self._wander_g)
        return self._zero_counts + self._class.counts_per_g * felt_g

    def tare_counts(self) -> float:
        """The mean of the empty bin just before the trace begins."""
        zero = np.zeros(1)
        empty_g = np.full(1, self._class.bin_weight_g)
        return float(self.counts(Strain(zero, empty_g, (empty_g, empty_g), zero, zero))[0])

    def noise_counts(self, times: Floats) -> Floats:
        """White noise of readings, so many times as strong as it is on a quiet day."""
        sd: Floats = self._class.noise_counts / SAMPLES**0.5 * times
        return sd * self._random.standard_normal(len(times))

    def _play(self, load_g: Floats) -> Floats:
        """How far the cell lags behind its load: less on the way up, more on the way down; summed play operators."""
        moved = np.flatnonzero(np.diff(load_g)) + 1
        widths = [share * self._class.capacity_g for share in PLAY_SHARES]
        places = [self._class.bin_weight_g] * len(widths)
        lags = []
        for load in load_g[moved].tolist():
            places = [min(max(place, load - width), load + width) for place, width in zip(places, widths, strict=True)]
            lags.append(sum(places) - len(places) * load)
        first = sum(min(max(self._class.bin_weight_g, load_g[0] - w), load_g[0] + w) - load_g[0] for w in widths)
        return np.array([first, *lags])[np.searchsorted(moved, np.arange(len(load_g)), side="right")]
