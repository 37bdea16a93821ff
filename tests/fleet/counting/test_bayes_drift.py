# SPDX-License-Identifier: Apache-2.0
"""What moves a scale though nobody touches the bin moves no count: drift, warmth, creep, noise."""

from dataclasses import replace

import pytest

from fleet.counting.bayes import BayesCounter
from fleet.counting.counter import ABSENT, OK
from tests.fakes.handled_bin import NOISE_RAW, SETUP, HandledBin
from tests.fakes.weighed_bin import WeighedBin, at_rest

DAY = 24 * 60


def picked_from(bin: HandledBin, times: int, rest: float) -> HandledBin:
    """Somebody takes two or three pieces now and then."""
    for number in range(times):
        bin.take(2 + number % 2).rest(rest)
    return bin


@pytest.mark.parametrize("per_day_g", [-4.0, 4.0])
def test_a_zero_that_drifts_by_many_pieces_in_weeks_moves_no_count(per_day_g: float) -> None:
    bin = HandledBin(zero_g_per_day=per_day_g).rest(14 * DAY)
    assert bin.events == [], "56 g are eleven pieces"
    assert (bin.told.pieces, bin.told.state) == (100, OK)
    picked_from(bin, 10, 60)
    assert bin.told.pieces == bin.pieces


@pytest.mark.parametrize("has_thermometer", [True, False])
def test_warm_days_and_cold_nights_move_no_count(has_thermometer: bool) -> None:
    """0.6 g a kelvin and 4 K: a swing of a piece, each day."""
    bin = HandledBin(swing_k=4.0, zero_g_per_k=0.6, has_thermometer=has_thermometer)
    for _ in range(10):
        picked_from(bin, 3, 8 * 60)
    assert bin.told.pieces == bin.pieces
    assert bin.states.count(OK) > 0.95 * len(bin.states)


def test_creep_after_a_refill_is_no_return() -> None:
    bin = HandledBin().rest(60).refill().rest(3 * DAY)
    assert len(bin.events) == 1
    assert bin.told.pieces == 500


def test_creep_after_a_pick_is_no_second_pick() -> None:
    bin = HandledBin(setup=replace(SETUP, initial_count=900), pieces=900).rest(DAY)
    bin.take(300).rest(DAY)
    assert bin.events == [("pick", -300)]


def test_a_cell_six_times_as_noisy_as_others_is_counted_all_the_same() -> None:
    bin = HandledBin(noise_raw=6 * NOISE_RAW).rest(3 * DAY)
    assert bin.events == []
    bin.take(10).rest(60)
    assert bin.told.pieces == 90


def test_ten_gaps_of_a_day_move_no_count() -> None:
    bin = HandledBin(zero_g_per_day=0.5).rest(60)
    for _ in range(10):
        bin.read(86_400.0)
    bin.rest(30)
    assert bin.events == []
    assert bin.told.pieces == 100


def test_a_temperature_that_is_no_number_is_none() -> None:
    bin = HandledBin(swing_k=3.0, has_thermometer=False).rest(60)
    other = BayesCounter.load(SETUP, bin.counter.dump())
    for number in range(300):
        bin.remove(3 * (number % 50 == 0))
        raw = bin.raw()
        bin.t_s += 300.0
        assert other.update(bin.t_s, raw, float("nan")) == bin.tell(raw)
    assert other.dump() == bin.counter.dump()
    assert bin.told.pieces == bin.pieces


def test_a_sensor_that_says_a_temperature_now_and_then_moves_no_count() -> None:
    bin = HandledBin(swing_k=3.0, zero_g_per_k=0.3)
    for number in range(600):
        bin.has_thermometer = number % 7 == 0
        bin.read(300.0)
    assert bin.events == []
    assert bin.told.state == OK


def test_one_absurd_reading_between_heartbeats_is_no_load_that_the_cell_creeps_under() -> None:
    bin = HandledBin().rest(60)
    before_g = bin.counter._known.drift.fast_g
    bin.read(300.0, bin.raw(-30_000.0))
    bin.rest(30)
    assert bin.counter._known.drift.fast_g == pytest.approx(before_g, rel=0.01)
    assert bin.told.pieces == bin.pieces


def vibrating(bin: WeighedBin, minutes: int, g_a_minute: float) -> None:
    """A machine runs nearby, so that a device reports each second; the zero drifts meanwhile."""
    for _ in range(minutes):
        bin.zero_g += g_a_minute
        bin.now_s += 40
        bin.seconds(20, noise=3.0)


def test_a_machine_that_runs_nearby_is_no_change_of_the_contents() -> None:
    bin = at_rest()
    known = bin.counter._known
    began_s = known.watch.anchored_s
    vibrating(bin, 60, 0.0)
    assert bin.events == []
    assert known.watch.anchored_s == began_s, "rest goes on all the while"


@pytest.mark.parametrize("g_a_minute", [0.02, -0.02])
def test_what_drifts_while_a_machine_runs_is_the_zero_s(g_a_minute: float) -> None:
    bin = at_rest()
    before_g = bin.counter._known.belief.best.zero_g
    for _ in range(4):
        vibrating(bin, 60, g_a_minute)
        bin.wait(60)
    bin.handle(-1)
    drifted_g = bin.counter._known.belief.best.zero_g - before_g
    assert drifted_g == pytest.approx(bin.zero_g, abs=0.5), "4.8 g are a piece"
    assert [(event.kind, event.delta) for event in bin.events] == [("pick", -1)]


def test_a_stocktake_after_a_day_of_drift_knows_where_the_zero_is_by_now() -> None:
    bin = at_rest()
    for _ in range(48):
        bin.zero_g += 0.25
        bin.wait(30)
    bin.counter.stocktake(bin.now_s, 500)
    best = bin.counter._known.belief.best
    assert best.zero_g == pytest.approx(12.0, abs=1.0)
    assert best.contents_g == pytest.approx(bin.contents_g, abs=1.0), "12 g are more than two pieces"
    bin.handle(-3)
    assert bin.counter._known.belief.best.zero_g == pytest.approx(12.0, abs=1.0), "and it is not moved twice"


def test_a_zero_that_drifted_before_the_bin_was_lifted_does_not_hide_that_it_was() -> None:
    bin = at_rest()
    for _ in range(48):
        bin.zero_g -= 0.3
        bin.wait(30)
    bin.seconds(30, load_g=-bin.setup.bin_weight_g)
    assert bin.count.state == ABSENT
    bin.seconds(9)
    assert (bin.count.pieces, bin.events) == (500, [])
