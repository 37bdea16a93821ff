# SPDX-License-Identifier: Apache-2.0
"""A sensor at fault says so, moves no count and orders nothing; when it is well again, counting goes on."""

from collections.abc import Callable

import pytest

from fleet.counting.counter import (
    FAULT_NOISY,
    FAULT_OPEN,
    FAULT_SATURATED,
    FAULT_STUCK,
    OK,
    OVERLOADED,
    UNCERTAIN,
)
from tests.fakes.handled_bin import SETUP, HandledBin

POINT = 120


@pytest.fixture
def bin() -> HandledBin:
    """A bin of 500 pieces that has been refilled once."""
    return HandledBin().rest(60).refill().rest(60)


FAULTS: dict[str, Callable[[HandledBin], int]] = {
    FAULT_STUCK: lambda bin: 123_456,
    FAULT_SATURATED: lambda bin: 0x7FFFFF,
    FAULT_OPEN: lambda bin: round(SETUP.tare_raw - 4e6 + bin.chance.gauss(0, 15)),
    FAULT_NOISY: lambda bin: round(bin.raw() + bin.chance.uniform(-5e4, 5e4)),
    OVERLOADED: lambda bin: bin.raw(12_000.0),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_moves_no_count_and_orders_nothing(bin: HandledBin, fault: str) -> None:
    before = len(bin.history)
    for _ in range(900):
        bin.read(1.0, FAULTS[fault](bin))
        assert not bin.is_order_due(POINT)
    assert bin.told.state == fault
    assert not bin.told.is_evidence
    assert {count.pieces for count in bin.history[before:]} == {500}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_counting_goes_on(bin: HandledBin, fault: str) -> None:
    for _ in range(300):
        bin.read(1.0, FAULTS[fault](bin))
    bin.burst().rest(60)
    assert (bin.told.pieces, bin.told.state) == (500, OK)
    bin.take(7).rest(10)
    assert bin.told.pieces == 493


def test_a_stuck_sensor_stays_so_over_one_bad_value() -> None:
    """What it says after that is no look at the bin, even if it was at rest when it got stuck, below the point."""
    bin = HandledBin().rest(60)
    while bin.pieces > POINT - 30:
        bin.take(9).rest(30)
    stuck_at = bin.raw()
    for _ in range(5):
        bin.read(300.0, stuck_at)
    bin.read(300.0, 2_047)
    for _ in range(5):
        bin.read(300.0, stuck_at)
        assert bin.told.state == FAULT_STUCK
        assert not bin.is_order_due(POINT)


def test_a_sensor_that_is_well_again_may_say_the_same_value_once_more() -> None:
    bin = HandledBin().rest(60)
    for _ in range(5):
        bin.read(300.0, bin_raw := bin.counter._setup.tare_raw + 107_350)
    bin.rest(10)
    bin.read(300.0, bin_raw)
    assert bin.told.state != FAULT_STUCK


@pytest.mark.parametrize(
    "spike",
    [0, 2**19 - 1, 2**20 - 1, 2**23 - 2, -1, 1 << 22, None],
    ids=lambda raw: "doubled" if raw is None else str(raw),
)
def test_a_spike_is_no_pick(bin: HandledBin, spike: int | None) -> None:
    for _ in range(5):
        bin.read(300.0, 2 * bin.raw() if spike is None else spike)
        assert not bin.is_order_due(POINT)
        bin.rest(30)
    bin.take(3)
    bin.read(1.0, 2 * bin.raw() if spike is None else spike)
    bin.burst().rest(10)
    assert (bin.told.pieces, bin.told.state) == (497, OK)
    assert sum(delta for _, delta in bin.events[1:]) == -3


def test_four_readings_the_same_to_the_last_bit_are_stuck_and_three_are_not(bin: HandledBin) -> None:
    raw = bin.raw()
    assert [bin.read(300.0, raw).state for _ in range(4)] == [OK, OK, OK, FAULT_STUCK]
    bin.rest()
    assert bin.told.state == OK


def test_a_pick_while_the_sensor_is_stuck_is_counted_when_it_is_well_again(bin: HandledBin) -> None:
    raw = bin.raw()
    for _ in range(10):
        bin.read(300.0, raw)
    bin.remove(12)
    for _ in range(10):
        bin.read(300.0, raw)
    assert bin.told.pieces == 500
    bin.rest(60)
    assert bin.told.pieces == 488


def test_a_bin_that_is_overloaded_from_its_first_reading_is_not_counted() -> None:
    bin = HandledBin(on_top_g=11_000.0).rest(60)
    assert (bin.told.state, bin.told.is_evidence) == (OVERLOADED, False)
    bin.press(0.0).rest(30)
    assert (bin.told.pieces, bin.told.state) == (100, OK)


def test_a_fault_does_not_outlive_itself_in_the_state(bin: HandledBin) -> None:
    bin.read(300.0, 0x7FFFFF)
    assert bin.told.state == FAULT_SATURATED
    bin.burst(3)
    assert bin.told.state in (OK, UNCERTAIN)
