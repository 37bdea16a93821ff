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
        for index, noise in enumerate(NOISE):
            window = weigher.add(level(uptime_s) + noise, uptime_s, uptime_s * 1000 + index * 100)
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
    for index, noise in enumerate((0, 3, 8_000_000, 1, -4, 2, -8_000_000, -1, -3, 4)):
        window = weigher.add(5000 + noise, 0, index * 100) or window

    assert window == (5000, 65535)  # as far as the wire goes


def test_a_saturated_scale_reads_saturated():
    for limit in (0x7FFFFF, -0x800000):
        weigher = new_weigher()
        windows = [weigher.add(limit, 0, index * 100) for index in range(10)]

        assert windows[-1] == (limit, 0)


def test_the_mean_is_rounded_to_the_nearest():
    assert trimmed_mean([-9, 1, 1, 2, 9, 7, 7], 5) == 1
    assert trimmed_mean([-9, 1, 2, 2, 9], 5) == 2
    assert trimmed_mean([-9, -2, -1, -1, 9], 5) == -1
    assert trimmed_mean([-9, -2, -2, -1, 9], 5) == -2


def test_an_interrupted_second_begins_anew():
    weigher = new_weigher()
    for index in range(9):
        weigher.add(900_000, 0, index * 100)
    weigher.interrupt()

    assert run(weigher, 1, 1, lambda s: 5000) == [(1, 5000, 8)]


def test_a_second_with_a_gap_in_it_begins_anew_after_the_gap():
    """While the program was away, looking up a name, the load may have changed."""
    weigher = new_weigher()
    for index in range(9):
        weigher.add(900_000, 0, index * 100)

    readings = [weigher.add(5000, 13, 13_000 + index * 100) for index in range(10)]

    assert readings == [None] * 9 + [(5000, 0)]


def test_a_second_is_a_second_even_if_half_a_tick_period_lies_before_it():
    for gap_ms in (1 << 29, (1 << 30) - 1000):
        weigher = new_weigher()
        weigher.add(900_000, 0, 0)
        readings = [weigher.add(5000, 600_000, (gap_ms + index * 100) % (1 << 30)) for index in range(10)]

        assert readings[-1] == (5000, 0)


def test_a_second_is_a_second_however_often_the_chip_is_asked():
    """Asked every 20 ms, a chip of ten conversions a second has ten for a window, not fifty."""
    weigher = new_weigher(sample_ms=20)

    assert times(run(weigher, 0, 10, lambda s: 5000)) == list(range(10))


def test_a_slow_chip_has_fewer_conversions_in_a_second():
    weigher = new_weigher()
    windows = [weigher.add(5000, index * 150 // 1000, index * 150) for index in range(21)]

    assert [index for index, window in enumerate(windows) if window] == [6, 13, 20]


def test_after_a_lost_reading_the_next_second_is_a_reading():
    weigher = new_weigher()
    run(weigher, 0, 60, lambda s: 5000)
    weigher.forget()

    assert times(run(weigher, 60, 1, lambda s: 5000)) == [60]


def test_it_says_which_readings_are_heartbeats():
    weigher = new_weigher()
    kinds = []
    for s in range(400):
        if run(weigher, s, 1, lambda now: 5000 if now < 390 else 7000):
            kinds.append((s, weigher.heartbeat))

    assert kinds == [(s, False) for s in range(17)] + [(316, True)] + [(s, False) for s in range(390, 400)]
