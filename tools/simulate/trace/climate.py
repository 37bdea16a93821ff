# SPDX-License-Identifier: Apache-2.0
"""Temperatures about a bin: of the air, of the cell that follows it, and what the thermometer says."""

import numpy as np

from tools.simulate.trace.drift import lagged, wander
from tools.simulate.trace.trace import Floats

MEAN_C = 21.0
STEP_S = 300.0
DAY_S = 86400.0
WARMEST_S = 15 * 3600.0  # after midnight
WEATHER_K = 1.5  # 1 sd
WEATHER_S = 3 * DAY_S
CELL_LAG_S = (1200.0, 3600.0)
SENSOR_NOISE_K = 0.05


class Climate:
    """The air swings with the day and with the weather; the cell follows with a lag of its own."""

    def __init__(self, swing_k: float, days: float, random: np.random.Generator) -> None:
        steps = int(days * DAY_S / STEP_S) + 2
        self._random = random
        self._axis_s: Floats = STEP_S * np.arange(steps, dtype=np.float64)
        daily_k: Floats = swing_k * np.cos(2 * np.pi * (self._axis_s - WARMEST_S) / DAY_S)
        self._air_c: Floats = MEAN_C + daily_k + wander(steps, STEP_S, WEATHER_S, WEATHER_K, random)
        lag_s = random.uniform(*CELL_LAG_S)
        self._cell_c = lagged(self._axis_s, self._air_c, lag_s, float(self._air_c[0]))

    def cell_c(self, t_s: Floats) -> Floats:
        """The temperature of the load cell."""
        return np.interp(t_s, self._axis_s, self._cell_c)

    def sensed_c(self, t_s: Floats) -> Floats:
        """The air, as a cheap thermometer on the board gives it: in hundredths of a degree."""
        air_c = np.interp(t_s, self._axis_s, self._air_c)
        sensed_c: Floats = np.round(air_c + SENSOR_NOISE_K * self._random.standard_normal(len(t_s)), 2)
        return sensed_c
