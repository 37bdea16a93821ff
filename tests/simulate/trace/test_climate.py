# SPDX-License-Identifier: Apache-2.0
"""The air has days and weather, the cell comes late, and the thermometer is cheap."""

import numpy as np
import pytest

from tools.simulate.trace.climate import Climate

DAY_S = 86400.0


def test_the_afternoon_is_warmer_than_the_night_by_twice_the_swing() -> None:
    climate = Climate(2.0, 200.0, np.random.default_rng(1))
    days_s = DAY_S * np.arange(199)
    warmer_k = climate.sensed_c(days_s + 15 * 3600) - climate.sensed_c(days_s + 3 * 3600)
    assert np.mean(warmer_k) == pytest.approx(4.0, abs=0.3)


def test_the_weather_moves_the_mean_of_a_day() -> None:
    climate = Climate(2.0, 365.0, np.random.default_rng(1))
    of_days = climate.sensed_c(np.arange(0.0, 365 * DAY_S, 3600)).reshape(365, 24).mean(axis=1)
    assert 0.8 < np.std(of_days) < 2.0


def test_the_cell_follows_the_air_twenty_to_sixty_minutes_late() -> None:
    t_s = np.arange(0.0, 60 * DAY_S, 300.0)
    lags_min = set()
    for seed in range(6):
        climate = Climate(2.0, 60.0, np.random.default_rng(seed))
        air_c, cell_c = climate.sensed_c(t_s), climate.cell_c(t_s)
        fits = {late: np.corrcoef(air_c[: len(t_s) - late], cell_c[late:])[0, 1] for late in range(20)}
        lags_min.add(5 * max(fits, key=lambda late: fits[late]))
    assert min(lags_min) >= 15
    assert max(lags_min) <= 60
    assert len(lags_min) > 1


def test_the_thermometer_is_wrong_by_hundredths_of_a_degree() -> None:
    climate = Climate(2.0, 1.0, np.random.default_rng(1))
    sensed_c = climate.sensed_c(np.full(1000, 5000.0))
    assert np.std(sensed_c) == pytest.approx(0.05, rel=0.1)
    assert np.array_equal(np.round(sensed_c, 2), sensed_c)
