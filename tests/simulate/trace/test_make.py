# SPDX-License-Identifier: Apache-2.0
"""A whole trace: the same again from the same seed, true to its truth, and with the physics of its class."""

from functools import cache

import numpy as np
import pytest

from tools.simulate.trace import CLASSES, Activity, Trace, make_trace
from tools.simulate.trace.trace import FAULT, FOREIGN, LIFT, PICK, REFILL, RUMMAGE, Floats

DAYS = 42.0
NIGHT_S = (1 * 3600.0, 5 * 3600.0)


@cache
def made(class_name: str, seed: int = 11, days: float = DAYS) -> Trace:
    return make_trace(class_name, seed, days)


def net_g(trace: Trace) -> Floats:
    return (trace.raw - trace.config["tare_raw"]) / trace.config["counts_per_g"]


def between(trace: Trace, start_s: float, end_s: float) -> Floats:
    return net_g(trace)[(trace.t_s > start_s) & (trace.t_s < end_s)]


def alone(trace: Trace, kind: str, for_s: float = 700.0) -> list[Activity]:
    """Activities of this kind with nothing else so long before and after them."""
    return [
        each
        for each in trace.activities
        if each.kind == kind
        and not any(
            other.start_s < each.end_s + for_s and other.end_s > each.start_s - for_s
            for other in trace.activities
            if other is not each
        )
    ]


def test_the_same_class_and_seed_give_the_same_trace() -> None:
    one, other = make_trace("faulty-5g", 3, 10.0), make_trace("faulty-5g", 3, 10.0)
    assert one.config == other.config
    assert one.activities == other.activities
    for name in ("t_s", "raw", "temp_c"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_another_seed_and_another_class_give_another_trace() -> None:
    first = made("typical-5g")
    assert made("typical-5g", 12).activities != first.activities
    assert made("faulty-5g").activities[0] != first.activities[0]


@pytest.mark.parametrize("class_name", CLASSES)
def test_every_class_makes_readings_in_order_and_in_range(class_name: str) -> None:
    trace = made(class_name)
    assert trace.t_s[0] == 0.0
    assert np.all(np.diff(trace.t_s) > 0)
    assert np.array_equal(np.round(trace.t_s, 1), trace.t_s)
    assert trace.t_s[-1] < DAYS * 86400
    assert np.diff(trace.t_s).max() < trace.config["heartbeat_s"] + 5
    assert trace.raw.dtype == np.int32
    assert np.all(np.isnan(trace.temp_c)) == (class_name == "hard-4g")
    assert len(trace.t_s) == len(trace.raw) == len(trace.temp_c)


@pytest.mark.parametrize("class_name", CLASSES)
def test_the_truth_is_the_first_count_and_every_change_since(class_name: str) -> None:
    trace = made(class_name)
    assert trace.count_at([-1.0]) == [trace.first_count] == [trace.config["initial_count"]]
    assert trace.count_at([DAYS * 86400]) == [trace.first_count + sum(each.delta for each in trace.activities)]
    for each in trace.activities:
        if each.kind in (PICK, REFILL):
            before, after = trace.count_at([each.changes_at_s - 0.01, each.changes_at_s])
            assert after - before == each.delta


@pytest.mark.parametrize("class_name", ["easy-50g", "typical-25g", "typical-5g", "too-big-2g"])
def test_a_pick_takes_its_pieces_off_the_scale(class_name: str) -> None:
    trace = made(class_name)
    apw_g = trace.config["apw_g"]
    picks = alone(trace, PICK)
    assert len(picks) > 50
    steps = []
    for each in picks:
        before_g, after_g = (
            between(trace, each.start_s - 310, each.start_s),
            between(trace, each.end_s + 1, each.end_s + 310),
        )
        steps.append((np.median(after_g) - np.median(before_g)) / apw_g - each.delta)
    assert abs(np.median(steps)) < 0.05
    assert np.quantile(np.abs(steps), 0.9) < 0.35


def test_a_refill_puts_its_packs_on_the_scale() -> None:
    trace = made("typical-5g")
    for each in alone(trace, REFILL):
        put_g = np.median(between(trace, each.end_s + 1, each.end_s + 310)) - np.median(
            between(trace, each.start_s - 310, each.start_s)
        )
        assert put_g == pytest.approx(400 * trace.config["apw_g"], rel=0.06)  # a lot is shifted by 1.5 %, 1 sd


def test_a_lifted_bin_reads_minus_its_own_weight() -> None:
    trace = made("faulty-5g")
    lifts = [each for each in alone(trace, LIFT, 60.0) if each.end_s - each.start_s > 60]
    assert lifts
    for each in lifts:
        absent_g = between(trace, each.start_s + 4, each.end_s - 6)
        assert np.median(absent_g) == pytest.approx(-trace.config["bin_weight_g"], abs=5.0)


def test_a_foreign_object_weighs_on_the_scale_until_it_is_taken_out() -> None:
    trace = made("faulty-5g")
    for each in alone(trace, FOREIGN, 400.0):
        before_g = np.median(between(trace, each.start_s - 310, each.start_s))
        weighs_g = np.median(between(trace, each.start_s + 8, each.end_s - 8)) - before_g
        assert weighs_g == pytest.approx(float(each.detail.split()[0]), abs=1.5)
        assert np.median(between(trace, each.end_s + 1, each.end_s + 310)) == pytest.approx(before_g, abs=1.5)


def test_searching_changes_nothing_for_good() -> None:
    trace = made("typical-5g")
    for each in alone(trace, RUMMAGE):
        before_g = np.median(between(trace, each.start_s - 310, each.start_s))
        assert np.median(between(trace, each.end_s + 1, each.end_s + 310)) == pytest.approx(before_g, abs=1.5)


@pytest.mark.parametrize(("class_name", "noise_g"), [("typical-5g", 0.097), ("too-big-2g", 0.194), ("light-1g", 0.049)])
def test_a_quiet_night_shows_the_noise_and_the_wander_of_the_cell(class_name: str, noise_g: float) -> None:
    """60 counts over the root of 10, and 4 ppm of the capacity, which two readings 300 s apart hardly share."""
    trace = made(class_name)
    steps_g = np.concatenate(
        [np.diff(between(trace, day * 86400 + NIGHT_S[0], day * 86400 + NIGHT_S[1])) for day in range(int(DAYS))]
    )
    quiet = steps_g[np.abs(steps_g) < 10 * noise_g]  # without the spikes
    assert np.std(quiet) / 2**0.5 == pytest.approx(noise_g, rel=0.1)


def test_a_reading_in_five_hundred_of_the_faulty_bin_is_simply_wrong() -> None:
    trace = made("faulty-5g", days=120.0)
    nights = trace.t_s % 86400 < 5 * 3600
    for each in trace.activities:
        nights &= (trace.t_s < each.start_s) | (trace.t_s > each.end_s)
    net = net_g(trace)
    is_wrong = np.abs(net - np.roll(net, 1)) > 50
    is_wrong &= np.abs(net - np.roll(net, -1)) > 50
    assert np.mean(is_wrong[nights]) == pytest.approx(2e-3, rel=0.5)


def test_a_sleeping_bin_sends_nothing_between_its_heartbeats() -> None:
    trace = made("sleeping-5g")
    assert np.diff(trace.t_s).min() > 590
    assert trace.config["send_delta_g"] is None
    assert trace.config["heartbeat_s"] == 600.0


def test_the_others_report_each_second_while_something_happens() -> None:
    trace = made("typical-5g")
    for each in alone(trace, REFILL):
        during = trace.t_s[(trace.t_s > each.start_s + 3) & (trace.t_s < each.end_s + 5)]
        assert np.allclose(np.diff(during), 1.0)
        after = trace.t_s[(trace.t_s > each.end_s + 10) & (trace.t_s < each.end_s + 290)]
        assert len(after) == 0


def test_a_machine_nearby_makes_the_hard_bin_noisier_in_working_hours() -> None:
    trace = made("hard-4g")
    of_day = trace.t_s % 86400
    is_quiet_hour = (of_day < 6 * 3600) | (of_day > 19 * 3600)
    second = np.diff(trace.t_s) == 1.0
    jumps_g = np.abs(np.diff(net_g(trace)))[second & ~is_quiet_hour[1:]]
    noise_g = CLASSES["hard-4g"].noise_g
    assert 2.5 * noise_g < np.median(jumps_g) / 0.954 < 4.0 * noise_g  # the median of |N - N| is 0.954 sd


def test_the_faulty_bin_has_faults_and_says_which() -> None:
    faults = [each for each in made("faulty-5g", days=120.0).activities if each.kind == FAULT]
    assert {each.detail for each in faults} == {"stuck", "saturated", "open", "noisy"}
    trace = made("faulty-5g", days=120.0)
    for each in faults:
        during = trace.raw[(trace.t_s > each.start_s + 1) & (trace.t_s < each.end_s)]
        common = np.mean(during == np.bincount(during - during.min()).argmax() + during.min())
        if each.detail in ("stuck", "saturated"):
            assert common > 0.95  # the rest are spikes
            assert (abs(int(np.median(during))) > 8_000_000) == (each.detail == "saturated")
        else:
            assert common < 0.2
            assert len(during) > 0.3 * (each.end_s - each.start_s)  # it never stops reporting


def test_a_longer_trace_of_a_year_stays_below_the_capacity() -> None:
    for class_name, bin_class in CLASSES.items():
        trace = made(class_name)
        most = trace.count_at(trace.t_s).max()
        assert bin_class.bin_weight_g + 1.1 * most * bin_class.piece_g < bin_class.capacity_g


def test_the_configuration_is_the_one_that_counting_takes() -> None:
    assert made("typical-5g").config == {
        "type": "config",
        "bin_id": "typical-5g/11",
        "tare_raw": made("typical-5g").config["tare_raw"],
        "counts_per_g": 214.7,
        "capacity_g": 10_000.0,
        "apw_g": pytest.approx(5.0, rel=0.07),
        "pack_size": 200,
        "packs_per_refill": 2,
        "reorder_point": 120,
        "initial_count": 500,
        "bin_weight_g": 500.0,
        "heartbeat_s": 300.0,
        "send_delta_g": 2.0,
    }


def test_what_cannot_be_made_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"class: there is no 'nail-bin'; choose one of easy-50g, "):
        make_trace("nail-bin", 1)
    with pytest.raises(ValueError, match="seed: -1 is negative"):
        make_trace("typical-5g", -1)
    with pytest.raises(ValueError, match="days: 0 is no length of time"):
        make_trace("typical-5g", 1, 0)
