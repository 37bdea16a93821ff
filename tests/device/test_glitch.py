# SPDX-License-Identifier: Apache-2.0
"""The glitch gate, alone and before the weigher: a single wrong conversion is left out, and a step never is."""

from device.weigher import Weigher
from drivers.glitch import GlitchGate, is_rail

LOWEST, HIGHEST = -0x800000, 0x7FFFFF
NOISE = (13, -41, 7, 88, -60, 22, -3, 54, -97, 31, -15, 70, -28, 5, -66, 40, 9, -81, 62)


def passed(conversions):
    """What comes through, and where: [(index, conversion)]."""
    gate = GlitchGate()
    last = len(conversions) - 1
    kept = [index for index in range(last) if not gate.is_glitch(conversions[index], conversions[index + 1])]
    return [(index, conversions[index]) for index in kept]


def noisy(levels):
    return [level + NOISE[index % len(NOISE)] for index, level in enumerate(levels)]


def readings(conversions):
    """[(ms, raw, spread)] of what the gate lets through, weighed, ten conversions a second."""
    weigher = Weigher(change_counts=400, heartbeat_s=300, settle_s=16, sample_ms=100)
    found = []
    for index, raw in passed(conversions):
        now_ms = (index + 1) * 100  # given out when the next one is there
        window = weigher.add(raw, now_ms // 1000, now_ms)
        if window is not None:
            found.append((now_ms, window[0], window[1]))
    return found


def test_at_rest_everything_comes_through():
    conversions = noisy([80_000] * 100)

    assert [each for _, each in passed(conversions)] == conversions[:-1]


def test_a_single_glitch_never_becomes_a_reading_nor_widens_one():
    calm = readings(noisy([80_000] * 60))
    for wrong in (0, -1, HIGHEST, LOWEST, 80_000 ^ 1 << 15, 80_000 << 1, 80_000 >> 1, 82_000):
        for place in range(20, 40):
            conversions = noisy([80_000] * 60)
            conversions[place] = wrong
            found = readings(conversions)

            assert len(found) >= len(calm) - 1
            for _, raw, spread in found:
                assert abs(raw - 80_000) < 100, (wrong, place, raw)
                assert spread < 200, (wrong, place, spread)


def test_a_step_of_any_size_is_a_reading_within_two_seconds():
    for step in (430, 1_500, -20_000, 500_000, 4_000_000, -6_000_000):
        for place in range(30, 45):
            conversions = noisy([80_000] * place + [80_000 + step] * 40)
            times = [ms for ms, raw, spread in readings(conversions) if abs(raw - 80_000 - step) < 100 and spread < 200]

            assert times, (step, place)
            assert times[0] - place * 100 <= 2000, (step, place)
            assert len(passed(conversions)) == len(conversions) - 1  # nothing was left out


def test_a_step_into_saturation_is_a_reading_too():
    conversions = noisy([80_000] * 30)
    conversions.extend([HIGHEST] * 30)

    assert readings(conversions)[-1][1:] == (HIGHEST, 0)


def test_a_conversion_at_a_rail_counts_only_with_the_next():
    assert [each for _, each in passed([5, HIGHEST, 5, LOWEST, HIGHEST, HIGHEST, 5, 5])] == [5, 5, LOWEST, HIGHEST, 5]
    assert is_rail(HIGHEST)
    assert not is_rail(HIGHEST - 1)


def test_a_load_that_moves_all_the_time_comes_through():
    poured = noisy([80_000 + 7_000 * each for each in range(60)])

    assert len(passed(poured)) == len(poured) - 1


def test_what_swings_every_time_is_no_glitch_and_the_spread_tells():
    """Once a second is the most that is left out: a machine nearby must not be taken for rest."""
    conversions = noisy([80_000, 90_000] * 40)

    assert len(passed(conversions)) >= len(conversions) * 8 // 10
    assert all(spread > 9_000 for _, _, spread in readings(conversions))


def test_a_cell_of_much_noise_loses_next_to_nothing():
    """Far is measured by what the last conversions did, not by a cell at rest."""
    loud = [80_000 + 40 * each for each in NOISE * 10]

    assert len(passed(loud)) >= len(loud) - 2


def test_the_very_first_conversion_may_be_wrong_and_does_no_harm():
    conversions = noisy([80_000] * 40)
    conversions[0] = 3_000_000

    assert all(abs(raw - 80_000) < 100 for _, raw, _ in readings(conversions))


def test_a_gate_needs_no_memory_once_it_is_made():
    try:
        from micropython import heap_lock, heap_unlock
    except ImportError:
        return
    gate = GlitchGate()
    values = [80_000, 95_000, 80_000, 80_000, 80_001, 120_000, 80_000, 80_000]
    heap_lock()
    try:
        for index in range(7):
            gate.is_glitch(values[index], values[index + 1])
    finally:
        heap_unlock()
