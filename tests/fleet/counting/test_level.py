# SPDX-License-Identifier: Apache-2.0
"""The filtered level of a quiet bin: it keeps up with slow drift, and knows what the zero did since a change."""

import random
from math import pi, sin

import pytest

from fleet.counting.level import Level

COUNTS_PER_GRAM, CELL_G, APW_G = 214.7, 10_000.0, 5.0
NOISE_G = 0.09
HEARTBEAT_S = 300.0


def quiet_level(level_g: float = 500.0) -> Level:
    level = Level(COUNTS_PER_GRAM, CELL_G, APW_G, None)
    level.begin(0.0, level_g, NOISE_G**2)
    return level


def follow(level: Level, readings_g: list[float]) -> None:
    for reading_g in readings_g:
        assert level.follow(level.seen_s + HEARTBEAT_S, HEARTBEAT_S, reading_g, 0.0, 0.0)


def warm_days(days: float, *, swing_g: float = 3.0, noise_g: float = 0.05) -> list[float]:
    """Readings of a cell that drifts with the day, as one with 80 ppm/K does: at most by 0.065 g in five minutes."""
    chance = random.Random(1)
    angles = [number / 288 * 2 * pi for number in range(1, round(days * 288) + 1)]
    return [500.0 + swing_g * sin(angle) + chance.gauss(0, noise_g) for angle in angles]


def drifting_level() -> Level:
    """A level that has seen two weeks of warm days; it is midnight, and the drift at its fastest."""
    level = quiet_level()
    follow(level, warm_days(14))
    return level


def test_a_level_does_not_lag_behind_the_warmth_of_the_day() -> None:
    """A lag would be read into each pick of a morning, always in the same direction."""
    level = drifting_level()
    off_g = []
    for reading_g, true_g in zip(warm_days(0.25), warm_days(0.25, noise_g=0.0), strict=True):
        follow(level, [reading_g])
        off_g.append(level.g - true_g)
    assert abs(sum(off_g) / len(off_g)) < 0.015
    assert max(map(abs, off_g)) < 0.12


def test_noise_alone_is_no_rate() -> None:
    level = quiet_level()
    follow(level, warm_days(3, swing_g=0.0, noise_g=NOISE_G))
    assert abs(level.rate) * HEARTBEAT_S < 0.01
    assert level.g == pytest.approx(500.0, abs=0.06)


def test_a_pick_does_not_end_the_drift() -> None:
    """The rate is the zero's and not the contents': what is taken leaves it as it was."""
    level = drifting_level()
    before_g = level.gone_g(600.0)
    level.begin(level.seen_s + 10.0, level.g - 25.0, NOISE_G**2)
    assert 0.5 * 2 * 0.065 < level.gone_g(600.0) < 2 * 0.065
    assert level.gone_g(600.0) == pytest.approx(before_g, rel=0.01)


def test_a_rate_is_forgotten_in_a_long_gap() -> None:
    level = drifting_level()
    level.begin(level.seen_s + 40 * 86_400.0, 500.0, NOISE_G**2)
    assert abs(level.gone_g(HEARTBEAT_S)) < 0.001
    assert level.var_rate == pytest.approx(level.rate2, rel=0.01)


def test_what_the_zero_did_is_told_by_all_readings_since_the_change() -> None:
    """The first reading after a change was off: those that follow say so, and nothing is taken for a drift."""
    level = quiet_level(500.3)
    follow(level, [500.0] * 12)
    assert level.anchor_g - 500.0 < 0.5 * 0.3
    assert level.moved_g > -0.5 * 0.3
    assert level.anchor_var < 0.5 * NOISE_G**2


def test_what_the_zero_did_is_known_the_better_the_longer_it_was_quiet() -> None:
    short, long = quiet_level(), quiet_level()
    follow(short, [500.0] * 2)
    follow(long, [500.0] * 36)
    assert 0.0 < long.moved_var / 36 < short.moved_var / 2


def test_a_new_anchor_has_not_moved() -> None:
    level = quiet_level()
    follow(level, warm_days(0.25))
    assert level.moved_g > 2.0
    level.anchor()
    assert level.moved_g == 0.0
    assert level.moved_var == 0.0
