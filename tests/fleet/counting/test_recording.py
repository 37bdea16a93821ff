# SPDX-License-Identifier: Apache-2.0
"""A recorded trace, line by line: what is answered, what is passed on to the counter, and what is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.counting.counter import BinSetup, Count
from fleet.counting.recording import LINE_BYTES_MAX, LineError, Recording
from tests.fakes.counter import RoundingCounter

CONFIG: dict[str, Any] = {
    "type": "config",
    "bin_id": "bin-1",
    "tare_raw": 100_000,
    "counts_per_g": 200.0,
    "capacity_g": 10_000,
    "apw_g": 5.0,
    "pack_size": 50,
    "packs_per_refill": 2,
    "reorder_point": 40,
    "initial_count": 100,
    "bin_weight_g": 260,
    "heartbeat_s": 300,
    "send_delta_g": 2.0,
}


class Told:
    """A recording that is told lines as dicts, with every counter it made."""

    def __init__(self, make: Callable[[BinSetup], RoundingCounter] = RoundingCounter, **config: Any) -> None:
        self.counters: list[RoundingCounter] = []
        self._make = make
        self.recording = Recording(self._keep)
        self.tell({**CONFIG, **config})

    def _keep(self, setup: BinSetup) -> RoundingCounter:
        self.counters.append(self._make(setup))
        return self.counters[-1]

    def tell(self, line: dict[str, Any]) -> Any:
        answer = self.recording.answer(json.dumps(line).encode())
        return None if answer is None else json.loads(answer)

    def read(self, pieces: int, t: float = 0, **more: Any) -> Any:
        return self.tell({"type": "reading", "t": t, "raw": 100_000 + 1_000 * pieces, "temp": 21.5, **more})


def test_a_reading_is_answered_with_all_there_is_to_say() -> None:
    told = Told()
    told.read(100)
    answer = told.recording.answer(b'{"type":"reading","t":300.50,"raw":130000,"temp":null}')
    assert answer == (
        '{"t":300.50,"count":30,"sd":0.25,"status":"ok","p_at_or_below_reorder":1,"order_due":true,'
        '"events":[{"type":"pick","delta":-70}]}'
    )


def test_lines_that_are_no_readings_are_not_answered() -> None:
    told = Told()
    assert told.tell({"type": "refill", "t": 1, "packs": 2}) is None
    assert told.tell({"type": "stocktake", "t": 2, "count": 90}) is None
    assert told.tell({"type": "end"}) is None


@pytest.mark.parametrize("t", ["0", "-5", "86400.0", "1.10", "1e3", "0.1000000000000000055", "1795421730.123456789"])
def test_the_time_comes_back_just_as_it_was_written(t: str) -> None:
    answer = Told().recording.answer(f'{{"type":"reading","raw":100000,"t":{t}}}'.encode())
    assert answer is not None
    assert answer.startswith(f'{{"t":{t},"count":')


def test_the_counter_is_told_what_was_read_scanned_and_counted() -> None:
    told = Told()
    told.read(7, t=1.5)
    told.read(7, t=2, temp=None)
    told.tell({"type": "refill", "t": 3, "packs": 2})
    told.tell({"type": "stocktake", "t": 4.5, "count": 60})
    assert told.counters[0].told == [
        ("reading", 1.5, 107_000, 21.5),
        ("reading", 2.0, 107_000, None),
        ("refill", 3.0, 2),
        ("stocktake", 4.5, 60),
    ]
    numbers = [part for call in told.counters[0].told for part in call[1:] if part is not None]
    assert {type(number) for number in numbers} == {int, float}, "plain numbers, not how they were written"


def test_a_config_becomes_the_setup_of_the_bin() -> None:
    assert Told().counters[0].setup == BinSetup(
        tare_raw=100_000,
        counts_per_gram=200.0,
        cell_capacity_g=10_000.0,
        bin_weight_g=260.0,
        apw_g=5.0,
        pack_size=50,
        packs_per_refill=2,
        initial_count=100,
        heartbeat_s=300.0,
        send_delta_g=2.0,
    )


def test_what_a_config_may_leave_out_has_the_usual_value() -> None:
    names = ("type", "tare_raw", "counts_per_g", "capacity_g", "bin_weight_g", "apw_g", "reorder_point")
    counters: list[RoundingCounter] = []
    recording = Recording(lambda setup: counters.append(RoundingCounter(setup)) or counters[-1])  # type: ignore[func-returns-value]
    recording.answer(json.dumps({name: CONFIG[name] for name in names}).encode())
    assert counters[0].setup == BinSetup(100_000, 200.0, 10_000.0, 260.0, 5.0)


def test_whole_numbers_may_be_written_with_a_point_and_a_tare_may_be_a_mean() -> None:
    told = Told(tare_raw=100_000.4, pack_size=50.0)
    assert told.counters[0].setup.tare_raw == 100_000
    assert told.read(10, raw=110_000.0)["count"] == 10


def test_unknown_keys_are_ignored() -> None:
    told = Told(colour="red")
    assert told.read(10, truth=11, note={"by": ["me"]})["count"] == 10


def test_the_temperature_may_be_left_out() -> None:
    told = Told()
    told.tell({"type": "reading", "t": 0, "raw": 100_000})
    assert told.counters[0].told == [("reading", 0.0, 100_000, None)]


@pytest.mark.parametrize(("initial_count", "count"), [(100, 100), (0, 0), (None, 0)])
def test_before_anything_is_counted_the_count_is_what_the_config_says(initial_count: int | None, count: int) -> None:
    told = Told(lambda setup: RoundingCounter(setup, counts_after=1), initial_count=initial_count)
    first, second = told.read(30), told.read(30)
    assert (first["count"], first["sd"], first["status"]) == (count, None, "uncertain")
    assert second["count"] == 30


@pytest.mark.parametrize("sd", [None, float("inf"), float("nan")])
def test_a_deviation_nobody_knows_is_null(sd: float | None) -> None:
    assert Told(lambda setup: RoundingCounter(setup, sd=sd)).read(30)["sd"] is None


def test_both_answers_about_orders_are_about_the_reorder_point() -> None:
    told = Told(reorder_point=40)
    above, at = told.read(50), told.read(40)
    assert (above["p_at_or_below_reorder"], above["order_due"]) == (0.4, False)
    assert (at["p_at_or_below_reorder"], at["order_due"]) == (1, True)


def test_what_a_refill_or_a_stocktake_changes_is_told_once_with_the_next_reading() -> None:
    told = Told()
    told.read(100)
    told.tell({"type": "refill", "t": 1, "packs": 2})
    told.tell({"type": "stocktake", "t": 2, "count": 198})
    assert told.read(197)["events"] == [
        {"type": "refill", "delta": 100},
        {"type": "correct", "delta": -2},
        {"type": "pick", "delta": -1},
    ]
    assert told.read(197)["events"] == []


def test_another_config_begins_another_bin() -> None:
    told = Told()
    told.read(100)
    told.tell({"type": "refill", "t": 1, "packs": 2})
    told.tell({**CONFIG, "apw_g": 10.0, "reorder_point": 60})
    answer = told.read(100)
    assert (answer["count"], answer["events"], answer["order_due"]) == (50, [], True)
    assert len(told.counters) == 2
    assert len(told.counters[0].told) == 2


def test_after_an_end_another_bin_may_begin() -> None:
    told = Told()
    assert not told.recording.is_ended
    told.tell({"type": "end"})
    assert told.recording.is_ended
    with pytest.raises(LineError, match="give a config line first"):
        told.read(100)
    told.tell(CONFIG)
    assert not told.recording.is_ended
    assert told.read(10)["count"] == 10


READING = {"type": "reading", "t": 1, "raw": 110_000, "temp": 20}


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("", "is no JSON (Expecting value); give one JSON object a line"),
        ('{"type":', "is no JSON (Expecting value); give one JSON object a line"),
        (b"\xff{}", "is no JSON (UnicodeDecodeError); give one JSON object a line"),
        ("[" * 60_000, "is no JSON (RecursionError); give one JSON object a line"),
        ('{"t":' + "9" * 5_000 + "}", "is no JSON (ValueError); give one JSON object a line"),
        (" " * (LINE_BYTES_MAX + 1), "is longer than 65,536 bytes; give one JSON object a line"),
        ("7", "7 is no JSON object; give one a line"),
        ("[]", "a list is no JSON object; give one a line"),
        ({}, "type: is missing; give config, reading, refill, stocktake or end"),
        ({"type": "reding"}, 'type: "reding" will not do; give config, reading, refill, stocktake or end'),
        ({"type": ["end"]}, "type: a list will not do; give config, reading, refill, stocktake or end"),
        ({"type": "reading", "raw": 1}, "t: is missing; give the time of it in seconds"),
        ({"type": "reading", "t": 1}, "raw: is missing; give what the converter said, a whole number of counts"),
        ({**READING, "t": "1"}, 't: "1" will not do; give the time of it in seconds'),
        ({**READING, "t": True}, "t: true will not do; give the time of it in seconds"),
        ({**READING, "t": None}, "t: null will not do; give the time of it in seconds"),
        ('{"type":"reading","raw":1,"t":NaN}', "t: nan will not do; give the time of it in seconds"),
        ('{"type":"reading","raw":1,"t":1e999}', "t: 1e999 will not do; give the time of it in seconds"),
        ({**READING, "raw": 1.5}, "raw: 1.5 will not do; give what the converter said, a whole number of counts"),
        ({**READING, "raw": 2**31}, "raw: 2147483648 will not do; give what the converter said"),
        ({**READING, "raw": {"a": 1}}, "raw: an object will not do; give what the converter said"),
        ({**READING, "temp": "x" * 50}, 'temp: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... will not do; give degrees'),
        ({**READING, "temp": float("nan")}, "temp: nan will not do; give degrees Celsius, or null where there is no"),
        ({"type": "refill", "t": 1}, "packs: is missing; give how many packs were put in, 1 or more"),
        ({"type": "refill", "packs": 1}, "t: is missing; give the time of it in seconds"),
        ({"type": "refill", "t": 1, "packs": 0}, "packs: 0 will not do; give how many packs were put in, 1 or more"),
        ({"type": "stocktake", "t": 1}, "count: is missing; give how many pieces were counted, 0 or more"),
        ({"type": "stocktake", "t": 1, "count": -1}, "count: -1 will not do; give how many pieces were counted"),
        ({"type": "stocktake", "count": 1}, "t: is missing; give the time of it in seconds"),
    ],
    ids=str,
)
def test_a_line_that_will_not_do_is_answered_with_field_and_remedy_and_the_rest_counts(
    line: str | bytes | dict[str, Any], mistake: str
) -> None:
    told = Told()
    text = json.dumps(line) if isinstance(line, dict) else line
    with pytest.raises(LineError) as refused:
        told.recording.answer(text.encode() if isinstance(text, str) else text)
    assert str(refused.value).startswith(mistake)
    assert told.read(30)["count"] == 30
    assert [call[0] for call in told.counters[0].told] == ["reading"]


@pytest.mark.parametrize(
    ("name", "value", "mistake"),
    [
        ("tare_raw", None, "tare_raw: null will not do; give the reading of the empty bin on the cell, in counts"),
        ("tare_raw", "x", 'tare_raw: "x" will not do'),
        ("counts_per_g", 0, "counts_per_g: 0 will not do; give the counts per gram, more than 0"),
        ("capacity_g", -1, "capacity_g: -1 will not do; give what the cell carries, in grams, more than 0"),
        ("bin_weight_g", -1, "bin_weight_g: -1 will not do; give what the empty bin weighs, in grams, 0 or more"),
        ("apw_g", 0.0, "apw_g: 0.0 will not do; give what a piece weighs, in grams, more than 0"),
        ("pack_size", 0, "pack_size: 0 will not do; give the pieces in a pack, 1 or more"),
        ("packs_per_refill", 0.5, "packs_per_refill: 0.5 will not do; give the usual packs, 1 or more"),
        ("reorder_point", -1, "reorder_point: -1 will not do; give the pieces at which to order, 0 or more"),
        ("initial_count", -1, "initial_count: -1 will not do; give the pieces at first, 0 or more, or null"),
        ("heartbeat_s", 0, "heartbeat_s: 0 will not do; give the seconds between readings at rest"),
        ("send_delta_g", -1, "send_delta_g: -1 will not do; give the change that is sent at once, in grams, or null"),
    ],
)
def test_nothing_is_counted_under_a_config_that_will_not_do_nor_under_the_one_before(
    name: str, value: Any, mistake: str
) -> None:
    told = Told()
    with pytest.raises(LineError) as refused:
        told.tell({**CONFIG, name: value})
    assert str(refused.value).startswith(mistake)
    with pytest.raises(LineError, match="type: there is no bin to count; give a config line first"):
        told.read(30)


@pytest.mark.parametrize("name", ["tare_raw", "counts_per_g", "capacity_g", "bin_weight_g", "apw_g", "reorder_point"])
def test_a_config_without_what_counting_needs_is_refused(name: str) -> None:
    with pytest.raises(LineError, match=f"^{name}: is missing; give "):
        Told().tell({key: value for key, value in CONFIG.items() if key != name})


@pytest.mark.parametrize(
    "line", [READING, {"type": "refill", "t": 1, "packs": 1}, {"type": "stocktake", "t": 1, "count": 1}]
)
def test_nothing_comes_before_the_first_config(line: dict[str, Any]) -> None:
    with pytest.raises(LineError, match="type: there is no bin to count; give a config line first"):
        Recording(RoundingCounter).answer(json.dumps(line).encode())


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["t", "raw", "x"]), inner, max_size=3),
    max_leaves=5,
)
LINES = st.one_of(
    st.binary(max_size=40),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["config", "reading", "refill", "stocktake", "end"]) | ANYTHING},
        optional={name: ANYTHING for name in (*CONFIG, "t", "raw", "temp", "packs", "count") if name != "type"},
    ).map(lambda line: json.dumps(line).encode()),
)


@given(st.lists(LINES, max_size=8))
@settings(max_examples=200, derandomize=True, deadline=None, database=None)
def test_whatever_comes_is_an_answer_no_answer_or_a_mistake(lines: list[bytes]) -> None:
    told = Told()
    for line in lines:
        try:
            answer = told.recording.answer(line)
        except LineError:
            continue
        if answer is not None:
            assert json.loads(line)["type"] == "reading"
            assert isinstance(json.loads(answer)["count"], int)


class Fragile(RoundingCounter):
    """Cannot take what is far below an empty bin."""

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        if raw < 0:
            raise OverflowError("too light")
        return super().update(t_s, raw, temp_c)


def test_what_the_counter_cannot_take_is_a_mistake_and_it_begins_anew() -> None:
    told = Told(make=lambda setup: Fragile(setup, counts_after=1))
    told.read(100)
    told.read(90)
    with pytest.raises(LineError, match=r"line: .*OverflowError: too light.*; the counter has begun anew.* stocktake"):
        told.tell({"type": "reading", "t": 2, "raw": -1, "temp": None})
    assert [counter.setup.initial_count for counter in told.counters] == [100, None]
    assert (told.read(80, t=3)["count"], told.read(80, t=4)["count"]) == (90, 80)


def test_a_bin_that_no_counter_can_be_made_for_is_a_mistake_of_its_config() -> None:
    def refuse(setup: BinSetup) -> RoundingCounter:
        raise OverflowError("too much")

    with pytest.raises(LineError, match=r"config: .*OverflowError: too much.*; give figures of a real cell"):
        Told(make=refuse)
