# SPDX-License-Identifier: Apache-2.0
"""What a developer is shown of one bin."""

from tests.bench.counting.handmade import answers_to, happens, trace_of
from tests.bench.counting.look import Look, clock, lasting
from tests.bench.counting.metrics import judge_all

DAY_S = 86400


def test_everything_wrong_is_told_in_the_order_of_time() -> None:
    trace = trace_of(
        happens("pick", 1000, 1005, -30),
        happens("lean", 3000, 3030),
        happens("refill", 5000, 5040, 400, 5020),
        t_s=range(8001),
        first_count=130,
    )
    answers = answers_to(
        trace, {1010: -29, 3010: -4, 4500: 5, 5050: 398}, due=[(500, 501), (6000, 6001)], states={4000: "uncertain"}
    )
    told = [f"{clock(at_s)} {what}" for at_s, what in Look(trace, answers, judge_all(trace, answers)).lines()]
    assert told == [
        "000d 00:08:20 ORDER FALSE  point 120 | truth 130 count 130 ok | after nothing",
        "000d 00:16:40 PICK   WRONG true -30 said -29 [correct -29] window -3..+755s | truth 100 count 101 ok"
        " | pick -30 00:16:40+5s",
        "000d 00:16:45 COUNT WRONG  until 000d 01:24:10 (66min clean) by +1 mostly (from -398 to +30), ok,uncertain"
        " | truth 100 count 130 ok | after pick -30 00:16:40+5s",
        "000d 00:50:00 FALSE EVENT  true +0 said -4 [correct -4] window -3..+780s | truth 100 count 97 ok"
        " | lean 00:50:00+30s",
        "000d 01:15:00 FALSE EVENT  said [correct +5] while nothing happened | truth 100 count 102 uncertain"
        " | after lean 00:50:00+30s",
        "000d 01:23:20 REFILL WRONG true +400 said +398 [correct +398] window -3..+790s | truth 500 count 500 uncertain"
        " | refill +400 01:23:20+40s",
        "000d 01:40:00 ORDER FALSE  point 120 | truth 500 count 500 uncertain | after refill +400 01:23:20+40s",
    ]


def test_a_late_order_is_told_when_it_became_necessary_and_when_it_came() -> None:
    trace = trace_of(happens("pick", 1000, 1005, -50), t_s=range(4001), first_count=130)
    answers = answers_to(trace, {1010: -50}, due=[(3000, 3500)])
    late, came = Look(trace, answers, judge_all(trace, answers)).lines()
    assert late[0] == 1000
    assert "ORDER LATE" in late[1]
    assert "ordered 000d 00:50:00" in late[1]
    assert came[0] == 3000
    assert came[1].startswith("ORDER late")


def test_an_order_that_never_came_is_told() -> None:
    trace = trace_of(happens("pick", 1000, 1005, -50), t_s=range(4001), first_count=130)
    answers = answers_to(trace, {1010: -50})
    ((_, what),) = Look(trace, answers, judge_all(trace, answers)).lines()
    assert "ordered never" in what


def test_a_short_delay_is_left_out_but_not_from_the_longest() -> None:
    trace = trace_of(happens("pick", 1000, 1005, -5), happens("pick", 1500, 1505, -5))
    answers = answers_to(trace, {1010: -5, 1520: -5})
    look = Look(trace, answers, judge_all(trace, answers))
    assert list(look.wrong()) == []
    assert [at_s for at_s, _ in look.longest_wrong(3)] == [1505, 1005]
    assert [at_s for at_s, _ in look.longest_wrong(1)] == [1505]


def test_moments_and_durations_are_short() -> None:
    assert clock(12 * DAY_S + 3723.9) == "012d 01:02:03"
    assert [lasting(seconds) for seconds in (90, 600, 10800, 5 * DAY_S)] == ["90s", "10min", "3.0h", "5.0d"]
