# SPDX-License-Identifier: Apache-2.0
"""A sensor that fails shows how: stuck, saturated, open and noisy ones look different."""

from itertools import pairwise

import numpy as np
import pytest

from tools.simulate.trace.faults import (
    KINDS,
    NOISY,
    OPEN,
    RAW_MAX,
    RAW_MIN,
    SATURATED,
    STUCK,
    Fault,
    Sensor,
    draw_faults,
    spoil,
)
from tools.simulate.trace.trace import Floats

T_S = np.arange(0.0, 3000.0)
WELL = np.linspace(1e5, 2e5, len(T_S))


def through(kind: str, level: float = 0.0) -> Floats:
    """What comes out between 1000 and 2000 s of a sensor that fails then; before and after it is well."""
    sensor = Sensor([Fault(kind, 1000.0, 2000.0, level)], np.random.default_rng(1))
    out = sensor.through(T_S, WELL.copy())
    assert np.array_equal(out[:1000], WELL[:1000])
    assert np.array_equal(out[2000:], WELL[2000:])
    return out[1000:2000]


def test_a_stuck_sensor_repeats_its_last_value() -> None:
    assert np.all(through(STUCK) == WELL[1000])


def test_it_sticks_at_the_same_value_for_every_reader() -> None:
    sensor = Sensor([Fault(STUCK, 1000.0, 2000.0)], np.random.default_rng(1))
    sensor.through(T_S, WELL.copy())
    assert sensor.through(np.array([1700.5]), np.array([7.0])).tolist() == [WELL[1000]]


def test_a_saturated_sensor_stays_at_the_end_of_the_range() -> None:
    assert np.all(through(SATURATED, RAW_MAX) == RAW_MAX)
    assert np.all(through(SATURATED, RAW_MIN) == RAW_MIN)


def test_an_open_sensor_roams_over_more_than_any_load() -> None:
    roaming = through(OPEN)
    assert np.ptp(roaming) > 2e6
    assert np.median(np.abs(np.diff(roaming))) > 5e3


def test_a_noisy_sensor_is_right_on_average() -> None:
    sensor = Sensor([Fault(NOISY, 1000.0, 2000.0, 50.0)], np.random.default_rng(1))
    times = sensor.noise_times(T_S)
    assert set(times[1000:2000]) == {50.0}
    assert set(times[:1000]) | set(times[2000:]) == {1.0}
    assert np.array_equal(through(NOISY, 50.0), WELL[1000:2000])


def test_faults_come_one_at_a_time_in_their_number_and_of_every_kind() -> None:
    faults = draw_faults(0.15, 3650.0, np.random.default_rng(1))
    assert len(faults) == pytest.approx(0.15 * 3650, rel=0.15)
    assert {fault.kind for fault in faults} == set(KINDS)
    assert all(600 <= fault.end_s - fault.start_s <= 12 * 3600 + 0.1 for fault in faults)
    assert all(earlier.end_s < later.start_s for earlier, later in pairwise(faults))


def test_the_device_looks_all_the_time_where_values_move_and_at_both_ends_where_they_do_not() -> None:
    def looked_at(kind: str) -> list[tuple[float, float]]:
        return Sensor([Fault(kind, 1000.0, 2000.0)], np.random.default_rng(1)).restless_s()

    assert looked_at(OPEN) == looked_at(NOISY) == [(1000.0, 2000.0)]
    assert looked_at(STUCK) == looked_at(SATURATED) == [(1000.0, 1001.0), (2000.0, 2001.0)]


def test_wrong_values_come_in_their_share_and_are_of_the_known_kinds() -> None:
    counts = np.full(100_000, 123_457.0)
    spoil(counts, 0.01, np.random.default_rng(1))
    wrong = counts[counts != 123_457.0]
    assert len(wrong) == pytest.approx(1000, rel=0.15)
    assert np.all((wrong >= RAW_MIN) & (wrong <= RAW_MAX))
    ones = 2.0 ** np.arange(1, 24) - 1
    for kind in (wrong == 0.0, wrong == 2 * 123_457.0, np.isin(wrong, ones)):
        assert np.mean(kind) == pytest.approx(0.25, abs=0.06)
