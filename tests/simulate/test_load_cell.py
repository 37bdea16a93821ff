# SPDX-License-Identifier: Apache-2.0
"""The simulated load cell, and what people do to the bin on it; runs on MicroPython and CPython alike."""

from bin_world import BinWorld
from chance import Chance
from load_cell import LoadCell

QUIET = {"noise_counts": 0, "creep": 0, "temperature_swing_k": 0, "spike_share": 0}


def quiet(**more):
    cell = dict(QUIET)
    cell.update(more)
    return cell


def test_counts_follow_the_mass_by_sensitivity_and_capacity():
    cell = LoadCell(quiet(capacity_g=5000, zero_counts=84_000), 1)
    assert cell.counts(0, 1) == 84_000
    assert cell.counts(1000, 2) == 84_000 + 429_400


def test_noise_has_the_asked_size_and_no_bias():
    cell = LoadCell(quiet(noise_counts=60), 7)
    values = [cell.counts(1000, second / 10) - 429_400 for second in range(4000)]
    mean = sum(values) / len(values)
    deviation = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
    assert abs(mean) < 4
    assert 57 < deviation < 63


def test_a_load_creeps_for_minutes_and_then_stays():
    cell = LoadCell(quiet(creep=3e-4), 1)
    cell.counts(0, 0)
    values = [cell.counts(5000, second) for second in range(1, 3600)]
    assert values[-1] - values[0] > 0.9 * 3e-4 * 5000 * cell.counts_per_g
    assert values[-1] - values[-60] <= 1


def test_warmth_moves_zero_and_span():
    cell = LoadCell(quiet(temperature_swing_k=4), 1)
    cold, warm = cell.counts(0, 0), cell.counts(0, 21_600)
    assert abs(warm - cold - 4 * 30e-6 * 5000 * cell.counts_per_g) < 2


def test_spikes_are_rare_and_wild():
    cell = LoadCell(quiet(spike_share=0.01), 1)
    wild = [value for value in [cell.counts(1000, 1) for _ in range(5000)] if abs(value - 429_400) > 1000]
    assert 25 < len(wild) < 90


def test_the_same_seed_gives_the_same_story():
    def story(seed):
        world = BinWorld({"seed": seed, "pieces": 500, "pick_every_s": 20})
        for tenth in range(20_000):
            world.mass_g(tenth / 10)
        return world.pieces, world.happenings

    assert story(5) == story(5)
    assert story(5) != story(6)


def test_people_take_pieces_and_their_mass_goes_with_them():
    world = BinWorld({"seed": 3, "pieces": 300, "piece_g": 2.0, "pick_every_s": 10, "lean_share": 0})
    for tenth in range(12_000):
        world.mass_g(tenth / 10)
    assert world.pieces < 250
    assert abs(world.contents_g - 2.0 * world.pieces) < 0.03 * world.contents_g


def test_a_delivery_is_poured_in_over_seconds_and_only_once():
    world = BinWorld({"seed": 3, "pieces": 50, "piece_g": 2.0, "pick_every_s": 1e9})
    empty_g = world.mass_g(10)
    masses = []
    for tenth in range(300):
        world.deliver("RO-1", 100)  # it lies in the inbox until it is poured
        masses.append(world.mass_g(10 + tenth / 10))
    steps = [masses[i] - masses[i - 1] for i in range(1, 300)]
    assert max(steps) < 60
    assert abs(masses[-1] - empty_g - 200) < 6
    assert world.pieces == 150
    world.deliver("RO-1", 100)
    for tenth in range(300):
        world.mass_g(60 + tenth / 10)
    assert world.pieces == 150


def test_a_power_cut_loses_no_pieces():
    world = BinWorld({"seed": 3, "pieces": 300, "pick_every_s": 10})
    for tenth in range(3000):
        world.mass_g(tenth / 10)
    world.deliver("RO-1", 100)
    for tenth in range(300):
        world.mass_g(300 + tenth / 10)
    again = BinWorld({"seed": 3, "pieces": 300, "pick_every_s": 10}, world.state())
    assert again.pieces == world.pieces
    assert again.is_poured("RO-1")


def test_chance_draws_waits_and_pieces_with_the_asked_means():
    chance = Chance(11)
    waits = [chance.wait(40) for _ in range(4000)]
    pieces = [chance.pieces(12) for _ in range(4000)]
    assert 37 < sum(waits) / 4000 < 43
    assert 11 < sum(pieces) / 4000 < 13
    assert min(pieces) >= 1
