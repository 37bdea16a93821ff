# SPDX-License-Identifier: Apache-2.0
"""A load cell with its faults: mass in, HX711 counts out (gain 128), with noise, creep, temperature and spikes."""

import math

from chance import Chance

COUNTS_PER_G_AT_1G = 2.147e6  # HX711 at gain 128 and 1 mV/V: divide by the cell's capacity in grams
CREEP_TAU_S = 300
DAY_S = 86400

CELL = {
    "capacity_g": 5000,
    "mv_per_v": 1.0,
    "zero_counts": 0,
    "noise_counts": 60,  # rms of one sample
    "creep": 3e-4,  # share of the load that comes late
    "zero_ppm_per_k": 30,  # of full scale
    "span_ppm_per_k": 20,
    "temperature_c": 21.0,
    "temperature_swing_k": 2.0,  # half of the way from the coldest to the warmest hour
    "spike_share": 2e-4,  # samples that are simply wrong
}
"""What can be said of a cell, and what holds when it is not."""


class LoadCell:
    """One cell. `cell` is a dict; its keys and their defaults are CELL above."""

    def __init__(self, cell, seed):
        values = dict(CELL)
        values.update(cell)
        self.counts_per_g = COUNTS_PER_G_AT_1G * values["mv_per_v"] / values["capacity_g"]
        self.zero_counts = values["zero_counts"]
        self._noise = values["noise_counts"]
        self._creep_share = values["creep"]
        self._zero_per_k = values["zero_ppm_per_k"] * 1e-6 * values["capacity_g"] * self.counts_per_g
        self._span_per_k = values["span_ppm_per_k"] * 1e-6
        self._mean_c = values["temperature_c"]
        self._swing_k = values["temperature_swing_k"]
        self._spikes = int(values["spike_share"] * 4294967296)
        self._chance = Chance(seed)
        self._creep_g = 0.0
        self._at_s = 0.0
        self._warmer_k = 0.0
        self._warmer_until_s = -1.0

    def temperature_c(self, now_s):
        return self._mean_c + self._swing_k * math.sin(2 * math.pi * now_s / DAY_S)

    def counts(self, mass_g, now_s):
        """What the converter sees at gain 128, unsaturated."""
        self._creep_g += (self._creep_share * mass_g - self._creep_g) * min(1.0, (now_s - self._at_s) / CREEP_TAU_S)
        self._at_s = now_s
        if now_s >= self._warmer_until_s:  # slow enough to look at once a minute
            self._warmer_k = self.temperature_c(now_s) - self._mean_c
            self._warmer_until_s = now_s + 60
        g = (mass_g + self._creep_g) * (1 + self._span_per_k * self._warmer_k)
        counts = self.zero_counts + g * self.counts_per_g + self._zero_per_k * self._warmer_k
        counts = int(counts + self._noise * self._chance.bell())
        if self._spikes and self._chance.bits() < self._spikes:
            return counts * 2 if self._chance.bits() & 1 else (1 << self._chance.bits() % 23) - 1
        return counts
