# SPDX-License-Identifier: Apache-2.0
"""What the robust counter makes of what happens to a bin."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from fleet.counting.counter import Count, Reading
from fleet.counting.median import RAW_MAX, RAW_MIN, MedianCounter
from tests.fleet.plant import SCALE, SimulatedBin


def feed(counter: MedianCounter, readings: Iterable[Reading]) -> list[Count]:
    return [counter.update(reading) for reading in readings]


def evidence(counts: Iterable[Count]) -> list[int]:
    """The settled pieces, each change once."""
    pieces: list[int] = []
    for count in counts:
        if count.is_evidence and (not pieces or pieces[-1] != count.pieces):
            assert count.pieces is not None
            pieces.append(count.pieces)
    return pieces


@pytest.fixture
def bin() -> SimulatedBin:
    return SimulatedBin(pieces=100)


@pytest.fixture
def counter(bin: SimulatedBin) -> MedianCounter:
    """One that has counted the bin's 100 pieces."""
    counter = MedianCounter(SCALE)
    assert evidence(feed(counter, bin.burst())) == [100]
    return counter


def test_nothing_is_counted_before_the_bin_has_been_at_rest(bin: SimulatedBin) -> None:
    counts = feed(MedianCounter(SCALE), bin.burst(10))
    assert {(count.pieces, count.state, count.settled) for count in counts} == {(None, "uncertain", False)}


def test_two_heartbeats_that_agree_make_a_count(bin: SimulatedBin) -> None:
    assert evidence(feed(MedianCounter(SCALE), bin.heartbeats(2))) == [100]


def test_a_pick_of_five_is_five_pieces_less(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.pieces -= 5
    assert evidence(feed(counter, bin.burst())) == [95]


@pytest.mark.parametrize("pieces", range(0, 500, 23))
def test_a_pick_of_one_is_seen_from_any_level(pieces: int) -> None:
    bin = SimulatedBin(pieces=pieces + 1.3, seed=pieces)
    counter = MedianCounter(SCALE)
    feed(counter, bin.burst())
    bin.pieces -= 1
    assert evidence(feed(counter, bin.burst())) == [pieces]


def test_the_bounds_hold_the_count_and_widen_with_the_pieces(bin: SimulatedBin, counter: MedianCounter) -> None:
    few = feed(counter, bin.heartbeats(2))[-1]
    bin.pieces = 800
    many = feed(counter, bin.heartbeats(3))[-1]
    for count in (few, many):
        assert count.lower is not None
        assert count.upper is not None
        assert count.pieces is not None
        assert count.lower <= count.pieces <= count.upper
    assert many.upper - many.lower > few.upper - few.lower > 0  # type: ignore[operator]


def test_a_slow_refill_is_one_change_when_it_has_stayed(bin: SimulatedBin, counter: MedianCounter) -> None:
    counts = []
    for _ in range(25):  # poured over 25 seconds, in fits
        bin.pieces += 8
        bin.loud = True
        counts += feed(counter, bin.burst(1))
    bin.loud = False
    counts += feed(counter, bin.burst(17))
    counts += feed(counter, bin.heartbeats(2))
    assert evidence(counts) == [300]


def test_two_packs_poured_with_a_pause_between_are_still_one_change(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.pieces += 100
    counts = feed(counter, bin.burst(14))
    bin.pieces += 100
    counts += feed(counter, bin.burst(20)) + feed(counter, bin.heartbeats(1))
    assert evidence(counts) == [300]


def test_a_refill_that_nobody_touches_any_more_is_counted_at_the_next_heartbeat(
    bin: SimulatedBin, counter: MedianCounter
) -> None:
    bin.pieces += 200
    assert evidence(feed(counter, bin.burst())) == []
    assert evidence(feed(counter, bin.heartbeats(1))) == [300]


@pytest.mark.parametrize("loud", [True, False], ids=["restless", "perfectly still"])
def test_a_hand_that_leans_on_the_bin_for_a_while_is_no_event(
    bin: SimulatedBin, counter: MedianCounter, loud: bool
) -> None:
    bin.extra_g, bin.loud = 1500.0, loud
    counts = feed(counter, bin.burst(25))
    bin.extra_g, bin.loud = 0.0, False
    counts += feed(counter, bin.burst()) + feed(counter, bin.heartbeats(3))
    assert evidence(counts) == [100]


def test_a_second_lean_is_not_held_against_the_first(bin: SimulatedBin, counter: MedianCounter) -> None:
    counts = []
    for _ in range(5):
        bin.extra_g = 1500.0
        counts += feed(counter, bin.burst(17))
        bin.extra_g = 0.0
        counts += feed(counter, bin.burst(17))
    assert evidence(counts) == [100]


def test_a_lifted_bin_is_absent_never_empty(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.is_lifted = True
    counts = feed(counter, bin.burst()) + feed(counter, bin.heartbeats(5))
    assert {(count.pieces, count.state, count.settled) for count in counts} == {(100, "absent", False)}


def test_a_bin_that_comes_back_lighter_was_used_from(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.is_lifted = True
    feed(counter, bin.burst())
    bin.is_lifted, bin.pieces = False, 60
    assert evidence(feed(counter, bin.burst())) == [60]


def test_an_empty_bin_is_empty_and_not_absent(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.pieces = 0
    count = feed(counter, bin.burst())[-1]
    assert (count.pieces, count.state, count.settled) == (0, "ok", True)


def test_a_day_of_noise_makes_no_event(bin: SimulatedBin, counter: MedianCounter) -> None:
    assert evidence(feed(counter, bin.heartbeats(288))) == [100]


def test_noise_makes_no_events_for_pieces_lighter_than_it() -> None:
    scale = replace(SCALE, apw_g=0.1)
    bin = SimulatedBin(pieces=3000, scale=scale, noise_raw=120)
    assert len(evidence(feed(MedianCounter(scale), bin.heartbeats(288)))) == 1


@pytest.mark.parametrize(("drift_pieces", "counted"), [(0.6, [100]), (-0.6, [100]), (0.8, [101]), (-0.8, [99])])
def test_a_drift_makes_an_event_only_beyond_the_hysteresis(
    bin: SimulatedBin, counter: MedianCounter, drift_pieces: float, counted: list[int]
) -> None:
    bin.extra_g = drift_pieces * SCALE.apw_g
    assert evidence(feed(counter, bin.heartbeats(5))) in (counted, [100, *counted])


def test_a_single_wrong_heartbeat_changes_nothing(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.extra_g = 400.0
    counts = feed(counter, bin.heartbeats(1))
    bin.extra_g = 0.0
    assert evidence(counts + feed(counter, bin.heartbeats(3))) == [100]


def test_more_than_the_cell_can_bear_is_overloaded(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.extra_g = 4600.0
    counts = feed(counter, bin.burst())
    assert {(count.pieces, count.state, count.settled) for count in counts} == {(100, "overloaded", False)}


@pytest.mark.parametrize("raw", [RAW_MAX, RAW_MIN])
def test_a_converter_at_its_end_is_saturated(bin: SimulatedBin, counter: MedianCounter, raw: int) -> None:
    count = counter.update(replace(bin.reading(), uptime_s=20, raw=raw))
    assert (count.pieces, count.state, count.settled) == (100, "fault_saturated", False)


def test_a_cell_without_any_noise_is_stuck(bin: SimulatedBin, counter: MedianCounter) -> None:
    frozen = replace(bin.reading(), raw=50_000 + SCALE.tare_raw, spread=0)
    counts = [counter.update(replace(frozen, uptime_s=300 * number)) for number in range(1, 6)]
    assert [count.state for count in counts[2:]] == ["fault_stuck"] * 3
    assert evidence(counts) == []


def test_a_cell_that_never_rests_is_noisy_after_a_while(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.loud = True
    counts = feed(counter, bin.burst(400))
    assert {count.state for count in counts[:299]} == {"ok"}
    assert {count.state for count in counts[310:]} == {"fault_noisy"}
    assert evidence(counts) == []


def test_after_a_fault_the_next_rest_is_counted_again(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.loud = True
    feed(counter, bin.burst(400))
    bin.loud = False
    count = feed(counter, bin.burst())[-1]
    assert (count.pieces, count.state, count.settled) == (100, "ok", True)


def test_a_bin_far_below_empty_is_uncertain(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.pieces, bin.extra_g = 0, -60.0
    count = feed(counter, bin.burst())[-1]
    assert (count.pieces, count.state) == (0, "uncertain")


def test_a_count_the_cell_is_too_coarse_for_is_uncertain() -> None:
    scale = replace(SCALE, apw_g=0.1)
    bin = SimulatedBin(pieces=20, scale=scale)
    assert feed(MedianCounter(scale), bin.burst())[-1].state == "uncertain"


def test_a_reading_that_comes_late_changes_nothing(bin: SimulatedBin, counter: MedianCounter) -> None:
    late = replace(bin.reading(), uptime_s=1, raw=SCALE.tare_raw)
    before = counter.state()
    assert not counter.update(late).settled
    assert counter.state() == before


def test_rest_before_a_reboot_is_no_rest_after_it(bin: SimulatedBin, counter: MedianCounter) -> None:
    bin.boot_count, bin.uptime_s, bin.pieces = 2, 0, 90
    counts = feed(counter, bin.burst())
    assert not counts[0].settled
    assert evidence(counts) == [90]


def test_a_counter_goes_on_after_a_restart_as_if_there_had_been_none(bin: SimulatedBin) -> None:
    bin.pieces = 130
    readings = list(bin.burst(14))
    bin.pieces = 80
    readings += list(bin.burst(20)) + list(bin.heartbeats(4))
    steady, restarted = MedianCounter(SCALE), MedianCounter(SCALE)
    for reading in readings:
        kept = json.loads(json.dumps(restarted.state()))
        restarted = MedianCounter(SCALE)
        restarted.restore(kept)
        assert restarted.update(reading) == steady.update(reading)


@pytest.mark.parametrize(
    "difference",
    [
        {"make": "bayes/1"},
        {"newly_thought_of": 1},
        {"pieces": "100"},
        {"level": float("nan")},
        {"run": [[1, 2]]},
        {"run": [[1, 2, "3"]]},
        {"run": {}},
    ],
)
def test_what_another_counter_remembered_is_refused_and_changes_nothing(
    counter: MedianCounter, difference: dict[str, Any]
) -> None:
    before = counter.state()
    with pytest.raises(ValueError, match=next(iter(difference))):
        counter.restore(counter.state() | difference)
    assert counter.state() == before


@pytest.mark.parametrize("state", [None, [], {}, {"make": "median/1"}])
def test_what_no_counter_remembered_is_refused(state: Any) -> None:
    with pytest.raises(ValueError, match=r"median/1|missing"):
        MedianCounter(SCALE).restore(state)
