# SPDX-License-Identifier: Apache-2.0
"""What is no pick and no refill leaves the count as it was, says its state, and orders nothing."""

from dataclasses import replace

import pytest

from fleet.counting.counter import ABSENT, FAULT_NOISY, FAULT_SATURATED, FAULT_STUCK, FOREIGN, OVERLOADED, STALE
from tests.fakes.weighed_bin import SETUP, WeighedBin, at_rest

POINT = 120
LIFTED_G = -SETUP.bin_weight_g


def is_ever_due(bin: WeighedBin) -> bool:
    return bin.counter.is_order_due(POINT)


def test_a_lifted_bin_is_absent_and_never_empty() -> None:
    bin = at_rest()
    bin.seconds(6, LIFTED_G)
    for _ in range(20):
        bin.now_s += 300
        bin.say(LIFTED_G)
        assert (bin.count.state, bin.count.pieces) == (ABSENT, 500)
        assert not bin.count.is_evidence
        assert not is_ever_due(bin)
    bin.seconds(8)
    assert bin.wait(10).pieces == 500


def test_a_bin_that_comes_back_lighter_was_picked_from() -> None:
    bin = at_rest()
    bin.seconds(60, LIFTED_G)
    bin.contents_g -= 12 * bin.piece_g
    bin.seconds(9)
    assert bin.wait(10).pieces == 488


@pytest.mark.parametrize("force_g", [900.0, 2000.0, 7000.0, -400.0, -1500.0])
def test_a_hand_that_rests_on_the_bin_or_pulls_at_it_changes_nothing_when_it_is_gone(force_g: float) -> None:
    bin = at_rest()
    due = False
    for _ in range(200):
        bin.seconds(1, bin.contents_g + force_g)
        due |= is_ever_due(bin)
    bin.seconds(9)
    bin.wait(15)
    assert bin.count.pieces == 500
    assert sum(event.delta for event in bin.events) == 0
    assert not due


@pytest.mark.parametrize("pulled_g", [150.0, 251.0, 402.0, 600.0])
def test_nothing_is_ordered_while_somebody_pulls_at_a_bin_that_is_nearly_at_its_point(pulled_g: float) -> None:
    bin = WeighedBin(replace(SETUP, initial_count=145))
    bin.seconds(5)
    bin.wait(60)
    for _ in range(220):
        bin.seconds(1, bin.contents_g - pulled_g)
        assert not is_ever_due(bin)
    bin.seconds(9)
    assert not is_ever_due(bin)
    assert bin.wait(15).pieces == 145


def test_a_lifted_bin_shows_where_the_zero_is() -> None:
    bin = at_rest()
    bin.zero_g = 2.0
    bin.wait(60)
    bin.seconds(10, LIFTED_G)
    bin.seconds(9)
    assert bin.counter._known.watch.zero_g == pytest.approx(2.0, abs=0.3)


def test_a_hand_that_weighs_as_much_as_a_refill_is_taken_back() -> None:
    bin = at_rest()
    bin.seconds(150, bin.contents_g + 400 * 5.0)
    bin.seconds(9)
    assert bin.wait(15).pieces == 500


def test_an_object_put_in_and_taken_out_hours_later_changes_nothing() -> None:
    bin = at_rest()
    bin.contents_g += 233.0
    bin.seconds(9)
    bin.wait(120)
    assert bin.count.state == FOREIGN
    bin.contents_g -= 233.0
    bin.seconds(9)
    assert bin.wait(10).pieces == 500
    assert sum(event.delta for event in bin.events) == 0


@pytest.mark.parametrize("raw", [0, 2**17 - 1, 2 * 650_000, -1_000_000])
def test_a_single_wrong_value_changes_nothing(raw: int) -> None:
    bin = at_rest()
    bin.now_s += 300
    bin.say_raw(raw)
    bin.wait(15)
    assert bin.count.pieces == 500
    assert bin.events == []


@pytest.mark.parametrize("raw", [0x7FFFFF, -0x800000])
def test_a_saturated_converter_is_said_and_survived(raw: int) -> None:
    bin = at_rest()
    for _ in range(10):
        bin.now_s += 60
        assert bin.say_raw(raw).state == FAULT_SATURATED
    assert bin.count.pieces == 500
    bin.handle(-6)
    assert bin.wait(15).pieces == 494


def test_a_sensor_without_any_noise_is_stuck() -> None:
    bin = at_rest()
    for _ in range(6):
        bin.now_s += 300
        bin.say_raw(600_000)
    assert bin.count.state == FAULT_STUCK
    assert bin.count.pieces == 500


def test_pieces_taken_while_the_sensor_was_stuck_are_seen_after_it() -> None:
    bin = at_rest()
    for _ in range(12):
        bin.now_s += 300
        bin.say_raw(640_000)
    bin.contents_g -= 9 * bin.piece_g
    bin.wait(15)
    assert bin.count.pieces == 491


@pytest.mark.parametrize("noise", [20.0, 150.0])
def test_a_noisy_sensor_is_said_and_changes_nothing(noise: float) -> None:
    bin = at_rest()
    bin.seconds(900, noise=noise)
    assert bin.count.state == FAULT_NOISY
    bin.seconds(10)
    assert bin.wait(15).pieces == 500


def test_more_than_the_cell_carries_is_overloaded() -> None:
    bin = at_rest()
    bin.seconds(12, 11_000.0)
    assert bin.count.state == OVERLOADED
    assert bin.count.pieces == 500


def test_no_reading_is_ever_called_stale_by_the_counter_itself() -> None:
    """Silence is for whoever asks later: the counter only speaks when it hears."""
    bin = at_rest()
    bin.now_s += 86_400
    bin.say(bin.contents_g)
    assert bin.count.state != STALE


def test_an_order_is_due_once_the_point_is_reached_and_until_the_refill() -> None:
    bin = WeighedBin(replace(SETUP, initial_count=140))
    bin.seconds(5)
    bin.wait(30)
    for _ in range(3):
        bin.handle(-6)
        bin.wait(15)
        assert not bin.counter.is_order_due(POINT)
    bin.handle(-4)
    bin.wait(15)
    assert bin.counter.is_order_due(POINT)
    bin.wait(300)
    assert bin.counter.is_order_due(POINT)
    bin.handle(400)
    assert not bin.counter.is_order_due(POINT)
    bin.wait(15)
    assert not bin.counter.is_order_due(POINT)


def test_a_large_pick_is_ordered_on_when_it_has_outlasted_any_hand() -> None:
    bin = WeighedBin(replace(SETUP, initial_count=180))
    bin.seconds(5)
    bin.wait(30)
    bin.handle(-80)
    assert not bin.counter.is_order_due(POINT)
    bin.wait(10)
    assert bin.counter.is_order_due(POINT)
