# SPDX-License-Identifier: Apache-2.0
"""The budget adds up what it is given, and moves the way physics does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.energy.budget import Budget, Figure, Figures, Plan, Span, make_budget
from tools.energy.figures import CHIP_SLEEP_UA, UNVERIFIED, figures_of

HOURLY = Plan(interval_s=600, report_s=3600)
BOARDS = st.sampled_from(sorted(CHIP_SLEEP_UA))
USABLE_MAH = 2600 * 0.8


def exactly(low: float, high: float | None = None) -> Figure:
    return Figure(Span(low, low if high is None else high), "worked by hand", "")


def figures(board: str = "esp32_wroom", *, sleep_ua: float | None = None, **built: bool) -> Figures:
    chosen = dict.fromkeys(("frozen", "dhcp", "as_sold"), False) | built
    return figures_of(board, sleep_ua=sleep_ua, **chosen)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    interval_s = draw(st.floats(10, 86_400))
    return Plan(interval_s, interval_s * draw(st.floats(1, 100)), draw(st.integers(0, 100)))


def days(plan: Plan, of: Figures) -> Span:
    return make_budget(plan, of).days(USABLE_MAH)


@pytest.mark.parametrize(("program_mc", "low", "high", "years"), [(30, 4.4, 5.1, 1.2), (5, 3.4, 4.1, 1.5)])
def test_a_look_in_ten_minutes_and_a_report_an_hour_come_out_as_by_hand(
    program_mc: float, low: float, high: float, years: float
) -> None:
    """144 x (27 + program + 24) mC + 24 x 100 mC, and 20 to 50 uA all day: as files, and in the image."""
    by_hand = Figures(exactly(27), exactly(program_mc), exactly(24), exactly(100), exactly(20, 50))
    budget = make_budget(HOURLY, by_hand)

    assert (round(budget.mah.low, 1), round(budget.mah.high, 1)) == (low, high)
    assert budget.days(USABLE_MAH).low < years * 365 < 1.1 * budget.days(USABLE_MAH).high


def test_our_figures_hold_those_that_were_worked_by_hand() -> None:
    """4.4 to 5.1 mAh a day for a stock image; the range is wider, as more than the sleep is uncertain."""
    found = make_budget(HOURLY, figures()).mah
    assert found.low < 4.4 < 5.1 < found.high
    assert found.high < 3 * found.low


def test_a_term_is_its_figure_times_its_times() -> None:
    budget = make_budget(
        Plan(3600, 86_400, 3), Figures(exactly(1), exactly(3), exactly(2), exactly(900), exactly(1000))
    )
    assert {term.name: term.mah.low for term in budget.terms} == pytest.approx(
        {"boot": 24 / 3600, "program": 72 / 3600, "weighing": 48 / 3600, "reports": 1, "sleep": 24}
    )
    assert budget.dominant.name == "sleep"


@given(plans(), BOARDS)
def test_the_shares_are_a_whole(plan: Plan, board: str) -> None:
    budget = make_budget(plan, figures(board))
    assert sum(map(budget.share, budget.terms)) == pytest.approx(1)
    assert max(map(budget.share, budget.terms)) == budget.share(budget.dominant)


@given(plans(), BOARDS)
def test_low_is_below_high(plan: Plan, board: str) -> None:
    budget: Budget = make_budget(plan, figures(board))
    assert 0 < budget.mah.low <= budget.mah.high
    found = budget.days(USABLE_MAH)
    assert 0 < found.low <= found.high


@given(plans(), BOARDS, st.floats(1, 10))
def test_whoever_looks_or_reports_less_often_lasts_longer(plan: Plan, board: str, times: float) -> None:
    now = days(plan, figures(board))
    for rarer in (
        replace(plan, report_s=plan.report_s * times),
        replace(plan, interval_s=plan.interval_s * times, report_s=plan.report_s * times),
        replace(plan, changes=plan.changes / times),
    ):
        later = days(rarer, figures(board))
        assert (later.low, later.high) >= (now.low, now.high)


@given(plans(), BOARDS)
def test_what_saves_charge_saves_days(plan: Plan, board: str) -> None:
    plain = days(plan, figures(board))
    assert days(plan, figures(board, frozen=True)).low > plain.low
    for costly in ("dhcp", "as_sold"):
        assert days(plan, figures(board, **{costly: True})).high < plain.high


@given(plans(), BOARDS, st.floats(1, 1000), st.floats(1.01, 10))
def test_more_current_asleep_means_fewer_days(plan: Plan, board: str, sleep_ua: float, times: float) -> None:
    more = days(plan, figures(board, sleep_ua=sleep_ua * times))
    assert more.high < days(plan, figures(board, sleep_ua=sleep_ua)).high


@given(plans(), BOARDS, st.floats(1, 10))
def test_days_grow_with_the_battery(plan: Plan, board: str, times: float) -> None:
    budget = make_budget(plan, figures(board))
    assert budget.days(USABLE_MAH * times).low == pytest.approx(budget.days(USABLE_MAH).low * times)


@pytest.mark.parametrize("board", ["esp32_s3", "esp32_c3"])
def test_what_was_measured_on_another_chip_is_called_unverified(board: str) -> None:
    for figure in (figures(board).boot, figures(board).program, figures(board).weighing, figures(board).report):
        assert figure.basis == UNVERIFIED
        assert figure.source.startswith("that of an ESP32: ")


@given(BOARDS, *[st.booleans()] * 3)
def test_every_figure_says_where_it_comes_from(board: str, frozen: bool, dhcp: bool, sold: bool) -> None:
    for term in make_budget(HOURLY, figures(board, frozen=frozen, dhcp=dhcp, as_sold=sold)).terms:
        assert term.figure.basis
        assert term.figure.source
