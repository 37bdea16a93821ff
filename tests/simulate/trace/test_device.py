# SPDX-License-Identifier: Apache-2.0
"""A device sends on a change and on its heartbeat, and is silent otherwise."""

import numpy as np
import pytest

from tools.simulate.trace.device import Device
from tools.simulate.trace.trace import Floats

DELTA = 400.0


def sent(counts: Floats, delta: float | None = DELTA, end_s: float = 2000.0) -> tuple[list[float], list[float]]:
    """Times of looks sent, and of heartbeats, for looks at each second from 0 on that saw these counts."""
    device = Device(delta, 300.0, np.random.default_rng(1))
    looks, beats_s = device.choose(np.arange(float(len(counts))), counts, np.array([0]), end_s)
    return looks.astype(float).tolist(), beats_s.tolist()


def test_it_reports_each_second_from_a_change_until_eight_seconds_after_it() -> None:
    looks, _ = sent(np.where(np.arange(200) < 100, 0.0, DELTA))
    assert looks == [*range(9), *range(100, 109)]  # the first: what it found when it woke up


def test_a_smaller_change_waits_for_the_heartbeat() -> None:
    looks, beats_s = sent(np.where(np.arange(200) < 100, 0.0, DELTA - 1))
    assert looks == [*range(9)]
    assert beats_s[0] == pytest.approx(308.0, abs=2.0)


def test_a_heartbeat_comes_one_interval_after_the_last_report() -> None:
    looks, beats_s = sent(np.where(np.arange(200) < 100, 0.0, DELTA))
    assert np.allclose(np.diff([looks[-1], *beats_s]), 300.0, atol=2.0)
    assert 2000.0 - beats_s[-1] < 302.0


def test_a_heartbeat_within_a_stretch_of_looks_is_one_of_them() -> None:
    looks, _ = sent(np.zeros(400))
    assert looks == [*range(9), 308.0]


def test_a_load_that_keeps_moving_keeps_it_reporting() -> None:
    restless = DELTA * (np.arange(100) % 2)
    assert sent(restless)[0] == [*range(100)]


def test_a_slow_drift_is_no_movement() -> None:
    looks, _ = sent(np.linspace(0.0, 1.9 * DELTA, 600))
    assert looks == [*range(9), 308.0]


def test_what_a_stretch_begins_with_is_compared_with_the_heartbeat_before_it() -> None:
    device = Device(DELTA, 300.0, np.random.default_rng(1))
    t_s = np.concatenate((np.arange(0.0, 20.0), np.arange(1000.0, 1020.0)))
    drifted = np.where(t_s < 500, 0.0, 5 * DELTA)  # slowly, between the stretches
    looks, _ = device.choose(t_s, drifted, np.array([0, 20]), 1500.0)
    assert looks.tolist() == [*range(9)]


def test_one_that_sleeps_has_heartbeats_alone() -> None:
    looks, beats_s = sent(np.where(np.arange(200) < 100, 0.0, 10 * DELTA), delta=None)
    assert looks == []
    assert beats_s[0] == 0.0
    assert np.allclose(np.diff(beats_s), 300.0, atol=2.0)
