# SPDX-License-Identifier: Apache-2.0
"""The weigher: when a second of conversions is a reading, and what it says."""

from device.weigher import Weigher, trimmed_mean

NOISE = (0, 3, -2, 1, -4, 2, 4, -1, -3, 0)  # one window


def new_weigher(sample_ms=100):
    return Weigher(change_counts=100, heartbeat_s=300, settle_s=16, sample_ms=sample_ms)


def run(weigher, first_s, seconds, level):
    """[(uptime_s, raw, spread)] of the readings while the load is `level(uptime_s)`, ten conversions a second."""
    readings = []
    for uptime_s in range(first_s, first_s + seconds):
        for noise in NOISE:
            window = weigher.add(level(uptime_s) + noise, uptime_s)
            if window is not None:
                readings.append((uptime_s, window[0], window[1]))
    return readings


def times(readings):
    return [each[0] for each in readings]


def test_the_first_second_is_a_reading():
    assert run(new_weigher(), 0, 1, lambda s: 5000) == [(0, 5000, 8)]


def test_at_rest_a_reading_comes_with_each_heartbeat_only():
    weigher = new_weigher()
    run(weigher, 0, 60, lambda s: 5000)

    assert times(run(weigher, 60, 1000, lambda s: 5000)) == [316, 616, 916]


def test_a_movement_brings_a_reading_each_second_until_settle_s_after_it():
    weigher = new_weigher()
    run(weigher, 0, 60, lambda s: 5000)

    readings = run(weigher, 60, 100, lambda s: 5000 if s < 100 else 7000)

    assert readings == [(s, 7000, 8) for s in range(100, 117)]


def test_each_further_movement_prolongs_the_readings():
    weigher = new_weigher()
    run(weigher, 0, 60, lambda s: 5000)

    readings = run(weigher, 60, 100, lambda s: 5000 if s < 100 else 7000 if s < 110 else 6000)

    assert times(readings) == list(range(100, 127))


def test_a_change_below_the_threshold_is_no_movement():
    weigher = new_weigher()
    run(weigher, 0, 60, lambda s: 5000)

    assert run(weigher, 60, 100, lambda s: 5099) == []


def test_many_small_changes_make_a_movement():
    """Compared with what was reported last, not with the second before: a slow hand does not slip through."""
    weigher = new_weigher()
    run(weigher, 0, 60, lambda s: 5000)

    assert times(run(weigher, 60, 40, lambda s: 5000 + 20 * (min(s, 65) - 60))) == list(range(65, 82))


def test_drift_from_heartbeat_to_heartbeat_is_no_movement():
    weigher = new_weigher()
    run(weigher, 0, 60, lambda s: 5000)

    assert times(run(weigher, 60, 1000, lambda s: 5000 + (s - 60) // 4)) == [316, 616, 916]


def test_there_is_at_most_one_reading_a_second_however_fast_the_conversions():
    weigher = new_weigher(sample_ms=200)  # five conversions make a window, and twice as many come
    moving = run(weigher, 0, 60, lambda s: 5000 * (s % 2))

    assert times(moving) == list(range(60))


def test_two_spikes_in_a_second_change_the_reading_little_and_the_spread_much():
    weigher = new_weigher()
    window = None
    for noise in (0, 3, 8_000_000, 1, -4, 2, -8_000_000, -1, -3, 4):
        window = weigher.add(5000 + noise, 0) or window

    assert window == (5000, 65535)  # as far as the wire goes


def test_a_saturated_scale_reads_saturated():
    for limit in (0x7FFFFF, -0x800000):
        weigher = new_weigher()
        windows = [weigher.add(limit, 0) for _ in range(10)]

        assert windows[-1] == (limit, 0)


def test_the_mean_is_rounded_to_the_nearest():
    assert trimmed_mean([-9, 1, 1, 2, 9]) == 1
    assert trimmed_mean([-9, 1, 2, 2, 9]) == 2
    assert trimmed_mean([-9, -2, -1, -1, 9]) == -1
    assert trimmed_mean([-9, -2, -2, -1, 9]) == -2


def test_an_interrupted_second_begins_anew():
    weigher = new_weigher()
    for _ in range(9):
        weigher.add(900_000, 0)
    weigher.interrupt()

    assert run(weigher, 1, 1, lambda s: 5000) == [(1, 5000, 8)]


def test_after_a_lost_reading_the_next_second_is_a_reading():
    weigher = new_weigher()
    run(weigher, 0, 60, lambda s: 5000)
    weigher.forget()

    assert times(run(weigher, 60, 1, lambda s: 5000)) == [60]
