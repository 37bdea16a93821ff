# SPDX-License-Identifier: Apache-2.0
"""What a cell adds of itself: each effect alone is the difference of one cell with it and the same cell without."""

from dataclasses import replace

import numpy as np
import pytest

from tools.simulate.trace.cell import Cell, Strain
from tools.simulate.trace.classes import CLASSES, BinClass
from tools.simulate.trace.climate import MEAN_C, Climate
from tools.simulate.trace.trace import Floats

TYPICAL = CLASSES["typical-5g"]
HOUR_S = 3600.0
CELLS = range(40)


def cell_of(bin_class: BinClass, number: int, days: float = 2.0) -> tuple[Cell, Climate]:
    climate = Climate(bin_class.swing_k, days, np.random.default_rng([number, 1]))
    return Cell(bin_class, climate, days, np.random.default_rng([number, 2])), climate


def strain(cell: Cell, t_s: Floats, load_g: Floats, handlings_s: tuple[float, ...] = ()) -> Strain:
    return cell.strain(t_s, load_g, handlings_s)


def added_g(effect: str, number: int, t_s: Floats, load_g: Floats) -> Floats:
    """What `effect` adds to the reading of this cell."""
    grams = []
    for bin_class in (TYPICAL, replace(TYPICAL, **{effect: 0.0})):
        cell, _ = cell_of(bin_class, number)
        grams.append(cell.counts(strain(cell, t_s, load_g)) / TYPICAL.counts_per_g)
    return grams[0] - grams[1]


def test_a_load_weighs_a_little_more_after_hours_on_most_cells() -> None:
    t_s = np.arange(0.0, 12 * HOUR_S, 60.0)
    load_g = np.full(len(t_s), TYPICAL.bin_weight_g + 2000.0)
    all_g = np.array([added_g("creep", number, t_s, load_g) for number in CELLS])
    gained_g = all_g[:, -1] - all_g[:, 0]
    assert 0.8 <= np.mean(gained_g > 0) < 1.0
    assert np.median(np.abs(gained_g)) == pytest.approx(TYPICAL.creep * 2000.0, rel=0.2)
    quick = (all_g[:, 15] - all_g[:, 0]) / gained_g  # after 15 minutes the quick half has come
    assert np.allclose(quick, 0.5 * (1 - np.exp(-3)) + 0.5 * (1 - np.exp(-900 / (3 * HOUR_S))), atol=0.02)


def test_a_load_reached_from_above_weighs_more_than_one_reached_from_below() -> None:
    t_s = np.arange(3.0)
    up_g = np.array([500.0, 1000.0, 1500.0])
    down_g = np.array([500.0, 4000.0, 1500.0])
    difference_g = added_g("hysteresis", 1, t_s, down_g)[-1] - added_g("hysteresis", 1, t_s, up_g)[-1]
    assert 0 < difference_g <= TYPICAL.hysteresis * 4000.0


def test_a_greater_detour_leaves_a_greater_difference() -> None:
    t_s = np.arange(3.0)
    left_g = [
        added_g("hysteresis", 1, t_s, np.array([2000.0, 2000.0 + detour_g, 2000.0]))[-1]
        for detour_g in (100.0, 1000.0, 5000.0)
    ]
    assert left_g == sorted(set(left_g))


def test_the_zero_follows_the_temperature_of_the_cell() -> None:
    t_s = np.arange(0.0, 2 * 24 * HOUR_S, HOUR_S)
    load_g = np.full(len(t_s), 2500.0)
    slopes = []
    for number in CELLS:
        warmer_k = cell_of(TYPICAL, number)[1].cell_c(t_s) - MEAN_C
        slope = added_g("zero_ppm_per_k", number, t_s, load_g) / warmer_k
        assert np.ptp(slope) < 1e-6
        slopes.append(slope[0])
    assert np.std(slopes) == pytest.approx(TYPICAL.zero_ppm_per_k * 1e-6 * TYPICAL.capacity_g, rel=0.4)


def test_the_span_follows_it_too_so_that_a_full_bin_drifts_more_than_an_empty_cell() -> None:
    cell, climate = cell_of(replace(TYPICAL, wander_ppm=0.0, zero_walk_ppm=0.0, zero_ppm_per_k=0.0, creep=0.0), 3)
    t_s = np.arange(0.0, 2 * 24 * HOUR_S, HOUR_S)
    full = cell.counts(strain(cell, t_s, np.full(len(t_s), 8000.0)))
    empty = cell.counts(strain(cell, t_s, np.zeros(len(t_s))))
    assert np.ptp(full) > 20 * np.ptp(empty)
    assert abs(np.corrcoef(full - empty, climate.cell_c(t_s))[0, 1]) > 0.999


def test_the_zero_has_walked_by_its_figure_after_a_day() -> None:
    t_s = np.array([0.0, 24 * HOUR_S])
    walked_g = [float(np.diff(added_g("zero_walk_ppm", number, t_s, np.full(2, 500.0)))[0]) for number in CELLS]
    assert np.std(walked_g) == pytest.approx(TYPICAL.zero_walk_ppm * 1e-6 * TYPICAL.capacity_g, rel=0.3)


def test_the_noise_of_a_reading_is_that_of_a_sample_over_the_root_of_ten() -> None:
    cell, _ = cell_of(TYPICAL, 1)
    assert np.std(cell.noise_counts(np.ones(20_000))) == pytest.approx(60 / 10**0.5, rel=0.02)
    assert np.std(cell.noise_counts(np.full(20_000, 3.0))) == pytest.approx(180 / 10**0.5, rel=0.02)


def test_a_handling_shifts_the_reading_by_a_share_of_the_load_and_nothing_else_does() -> None:
    t_s = np.arange(0.0, 100.0)
    load_g = np.full(100, 4000.0)
    shifts = []
    for number in CELLS:
        cell, _ = cell_of(TYPICAL, number)
        off_centre = strain(cell, t_s, load_g, (49.5,)).off_centre
        assert np.ptp(off_centre[:50]) == np.ptp(off_centre[50:]) == 0.0
        shifts.append(off_centre[50])
    assert np.std(shifts) == pytest.approx(TYPICAL.off_centre, rel=0.3)


def test_without_the_bin_the_cell_weighs_minus_the_bin() -> None:
    cell, _ = cell_of(TYPICAL, 1)
    absent = cell.counts(strain(cell, np.zeros(1), np.zeros(1)))[0]
    assert (absent - cell.tare_counts()) / TYPICAL.counts_per_g == pytest.approx(-TYPICAL.bin_weight_g, abs=1.5)


def test_the_tare_is_what_the_empty_bin_weighs_at_the_start() -> None:
    cell, _ = cell_of(replace(TYPICAL, off_centre=0.0), 1)
    empty = cell.counts(strain(cell, np.zeros(1), np.full(1, TYPICAL.bin_weight_g)))[0]
    assert empty == pytest.approx(cell.tare_counts(), abs=1e-6)


def test_what_a_cell_remembers_between_two_looks_is_what_a_look_there_would_find() -> None:
    cell, _ = cell_of(TYPICAL, 1)
    every_s = np.arange(0.0, 2000.0)
    load_g = np.where(every_s < 100, 2500.0, 1500.0)
    is_looked_at = every_s < 200
    thin = strain(cell, every_s[is_looked_at], load_g[is_looked_at])
    assert np.allclose(cell.counts(thin.at(every_s)), cell.counts(Strain(every_s, load_g, *rest(thin, every_s))))


def rest(thin: Strain, every_s: Floats) -> tuple[tuple[Floats, ...], Floats, Floats]:
    """Creep integrated second by second; play and place stay as they were when the load last moved."""
    load_g = np.where(every_s < 100, 2500.0, 1500.0)
    creep_g = []
    for tau_s in (300.0, 3 * HOUR_S):
        followed = [TYPICAL.bin_weight_g]
        for load in load_g[:-1]:
            followed.append(load + (followed[-1] - load) * np.exp(-1 / tau_s))
        creep_g.append(np.array(followed))
    last = np.minimum(np.arange(len(every_s)), len(thin.t_s) - 1)
    return tuple(creep_g), thin.play_g[last], thin.off_centre[last]
