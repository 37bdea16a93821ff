# SPDX-License-Identifier: Apache-2.0
"""What a counter remembers fits in 1,000 bytes, and a counter made of it goes on bit for bit, wherever it is cut."""

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.counting.bayes import BayesCounter
from fleet.counting.counter import BinSetup, Count
from tests.fakes.handled_bin import SETUP, HandledBin
from tools.simulate.trace import make_trace

NOBODY_COUNTED = replace(SETUP, initial_count=None)
Said = tuple[str, float, float, float | None]
"""What a counter is told: kind (reading, stocktake, refill), seconds, the figure, the temperature."""


def rough_day(seed: int, hours: float = 24) -> Iterator[Said]:
    """Readings of a bin to which everything happens that can: hands, objects, faults, gaps, words of people."""
    chance = random.Random(seed)
    bin = HandledBin(seed=seed, pieces=300, lot=1.02)
    t_s, level_g, held_g = 0.0, 1_530.0, 0.0
    while t_s < hours * 3_600:
        happens = chance.random()
        if happens < 0.3:
            level_g = max(0.0, level_g - 5.1 * chance.randint(1, 12))
        elif happens < 0.36:
            level_g += 5.1 * chance.choice([1, 3, 200, 400, 403])
        elif happens < 0.46:
            held_g = chance.choice([-2_100.0, -400.0, 180.0, 1_900.0, -level_g - SETUP.bin_weight_g])
        else:
            held_g = 0.0
        if happens > 0.97:
            yield chance.choice([("stocktake", t_s, chance.randint(0, 600), None), ("refill", t_s, 2, None)])
        is_at_fault = 0.9 < happens < 0.97
        stuck = chance.choice([None, 0x7FFFFF, -0x800000, 0, 123_456])
        for after_s in [1.0] * chance.randint(1, 20) + [300.0] * chance.randint(1, 4):
            t_s += after_s * chance.choice([1, 1, 1, 1, 0, 2])
            raw = bin.raw(level_g + held_g) if not is_at_fault else stuck
            if raw is None:
                raw = bin.raw(chance.uniform(-3_000, 9_000))
            yield "reading", t_s, raw, chance.choice([21.3, 21.9, None])


def tell(counter: BayesCounter, said: Said) -> Count:
    kind, t_s, figure, temp_c = said
    if kind == "reading":
        return counter.update(t_s, int(figure), temp_c)
    return counter.stocktake(t_s, int(figure)) if kind == "stocktake" else counter.refill(t_s, int(figure))


def through_json(memory: bytes) -> bytes:
    """As a memory is stored where only text can be."""
    return base64.b64decode(json.loads(json.dumps({"counter": base64.b64encode(memory).decode()}))["counter"])


@pytest.mark.parametrize("setup", [SETUP, NOBODY_COUNTED], ids=["counted", "not counted"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_counter_that_is_put_down_and_taken_up_at_every_reading_goes_on_bit_for_bit(
    setup: BinSetup, seed: int
) -> None:
    steady = interrupted = BayesCounter(setup)
    for said in rough_day(seed):
        interrupted = BayesCounter.load(setup, through_json(interrupted.dump()))
        steady_says, interrupted_says = tell(steady, said), tell(interrupted, said)
        assert interrupted_says == steady_says
        assert interrupted.dump() == steady.dump()
        assert len(steady.dump()) <= 1_000
        for point in (0, 120, 500):
            assert interrupted.is_order_due(point) == steady.is_order_due(point)
            assert interrupted.p_at_or_below(point) == steady.p_at_or_below(point)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 300))
def test_a_counter_taken_up_anywhere_goes_on_bit_for_bit(seed: int, cut: int) -> None:
    day = list(rough_day(seed, hours=8))
    counter = BayesCounter(SETUP)
    for said in day[:cut]:
        tell(counter, said)
    taken_up = BayesCounter.load(SETUP, counter.dump())
    for said in day[cut:]:
        assert tell(taken_up, said) == tell(counter, said)
    assert taken_up.dump() == counter.dump()


def test_it_goes_on_bit_for_bit_after_another_setup_too() -> None:
    changed = replace(SETUP, tare_raw=SETUP.tare_raw + 700, packs_per_refill=3)
    counter = BayesCounter(SETUP)
    day = list(rough_day(7))
    for said in day[:150]:
        tell(counter, said)
    counter.recalibrate(day[150][1], changed)
    taken_up = BayesCounter.load(changed, counter.dump())
    for said in day[150:]:
        taken_up = BayesCounter.load(changed, taken_up.dump())
        assert tell(taken_up, said) == tell(counter, said)
    assert taken_up.dump() == counter.dump()


def test_it_goes_on_bit_for_bit_through_weeks_of_a_faulty_bin() -> None:
    trace = make_trace("faulty-5g", seed=3, days=14)
    setup = replace(SETUP, tare_raw=trace.config["tare_raw"], initial_count=trace.config["initial_count"])
    steady = interrupted = BayesCounter(setup)
    for number, (t_s, raw, temp_c) in enumerate(zip(trace.t_s, trace.raw, trace.temp_c, strict=True)):
        if number % 5 == 0:
            interrupted = BayesCounter.load(setup, interrupted.dump())
        answer = steady.update(float(t_s), int(raw), float(temp_c))
        assert interrupted.update(float(t_s), int(raw), float(temp_c)) == answer
    assert interrupted.dump() == steady.dump()


@pytest.mark.parametrize("seed", [1, 2])
def test_two_counters_told_the_same_remember_the_same_bytes(seed: int) -> None:
    first, second = BayesCounter(SETUP), BayesCounter(SETUP)
    for said in rough_day(seed):
        assert tell(first, said) == tell(second, said)
        assert first.dump() == second.dump()


def test_memories_of_one_make_are_no_longer_for_more_that_was_seen() -> None:
    bin = HandledBin()
    for _ in range(30):
        bin.take(3).rest(30).rummage()
    assert len(bin.counter.dump()) <= 1_000


FOREIGN = [
    b"",
    b"B",
    b"rubbish",
    b"{}",
    b'{"make":"median/2","t_s":null}',
    b"\x00" * 900,
    b"\xff" * 1_000,
    bytes(range(256)) * 4,
]


@pytest.mark.parametrize("memory", FOREIGN)
def test_what_no_counter_has_put_down_is_refused(memory: bytes) -> None:
    with pytest.raises(ValueError, match=r"memory: .*; count the bin anew"):
        BayesCounter.load(SETUP, memory)


def test_what_was_cut_off_or_has_something_behind_it_is_refused() -> None:
    memory = HandledBin().take(3).rest().counter.dump()
    for length in range(len(memory)):
        with pytest.raises(ValueError, match="memory: "):
            BayesCounter.load(SETUP, memory[:length])
    for more in (b"\x00", memory, memory[-45:]):
        with pytest.raises(ValueError, match="memory: "):
            BayesCounter.load(SETUP, memory + more)


@settings(max_examples=100, deadline=None)
@given(memory=st.binary(max_size=1_100))
def test_whatever_bytes_come_they_are_refused_and_nothing_else_happens(memory: bytes) -> None:
    with pytest.raises(ValueError, match="memory: "):
        BayesCounter.load(SETUP, memory)


def test_a_new_counter_can_be_put_down_and_taken_up() -> None:
    for setup in (SETUP, NOBODY_COUNTED):
        taken_up = BayesCounter.load(setup, BayesCounter(setup).dump())
        assert taken_up.update(0.0, 200_000, None) == BayesCounter(setup).update(0.0, 200_000, None)


def test_readings_older_than_the_last_change_nothing() -> None:
    bin = HandledBin().rest(60)
    memory, told = bin.counter.dump(), bin.told
    for t_s in (bin.t_s - 0.1, bin.t_s - 5_000.0, -1e12):
        late = bin.counter.update(t_s, 777_777, 40.0)
        assert (late.pieces, late.events, late.is_settled) == (told.pieces, (), False)
        assert bin.counter.dump() == memory
    bin.take(5).rest(20)
    assert bin.told.pieces == 95


def test_readings_of_one_time_are_fine() -> None:
    bin = HandledBin().rest(60)
    for _ in range(50):
        bin.read(0.0)
    bin.take(5)
    for _ in range(50):
        bin.read(0.0)
    assert bin.rest(20).told.pieces == 95
    assert bin.events == [("pick", -5)]


def test_taken_up_while_the_bin_is_lifted_it_goes_on_bit_for_bit() -> None:
    bin = HandledBin(zero_g=0.7, bin_off_g=0.3).rest(60).lift()
    taken_up = BayesCounter.load(bin.setup, bin.counter.dump())
    bin.is_lifted = False
    for _ in range(20):
        raw = bin.raw()
        bin.read(1.0, raw)
        taken_up.update(bin.t_s, raw, bin.temp_c)
    assert bin.told.is_settled
    assert taken_up.dump() == bin.counter.dump()
