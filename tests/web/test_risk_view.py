# SPDX-License-Identifier: Apache-2.0
"""What the pages about stock and risk say of sites brought together."""

import pytest

from fleet.series.schema import RISK_RANKS
from fleet.web.risk_view import LAST_S, customers, date, days, risks, shares, sites, stock, total, use
from fleet.web.series_queries import DAY_MS, Row
from fleet.web.view import NOTHING

NOW_MS = 1_795_421_730_000


def site(customer: str, name: str, **figures: float) -> Row:
    """A site's status."""
    return Row(NOW_MS, {"customer": customer, "site": name}, figures, {})


def rank(item: str, days_of_cover: float | None, at_ms: int = NOW_MS, where: str = "plant-1", **figures: float) -> Row:
    """A rank of a site's list."""
    figures |= {} if days_of_cover is None else {"days_of_cover": days_of_cover}
    tags = {"customer": "acme", "site": where, "rank": "01"}
    return Row(at_ms, tags, figures, {"risk_item": item, "risk_location": "line-1"})


def test_figures_are_added_up_over_sites() -> None:
    rows = [site("acme", "plant-1", items_out=2, items_healthy=5), site("acme", "plant-2", items_out=1)]
    assert total(rows, "items_out") == 3
    assert [share.items for share in shares(rows)] == [3, 0, 0, 5, 0]


def test_the_first_to_run_out_of_all_sites_come_first() -> None:
    rows = [rank("c", 9), rank("a", 3), rank("b", 0.5, where="plant-2"), rank("d", None)]
    assert [line.item for line in risks(rows, with_customer=False)] == ["b", "a", "c", "d"]


def test_an_item_that_changed_its_rank_is_listed_once_with_the_newer_figures() -> None:
    rows = [rank("a", 5, at_ms=NOW_MS), rank("a", 2, at_ms=NOW_MS - 60_000), rank("a", 7, where="plant-2")]
    assert [(line.place, line.days) for line in risks(rows, with_customer=False)] == [
        ("line-1, plant-1", "5.0"),
        ("line-1, plant-2", "7.0"),
    ]


def test_a_free_rank_is_no_line() -> None:
    assert risks([rank("", None)], with_customer=False) == []


def test_the_list_has_as_many_lines_as_a_site_has_ranks() -> None:
    rows = [rank(f"item-{number}", number) for number in range(50)]
    assert len(risks(rows, with_customer=True)) == RISK_RANKS


def test_a_line_leads_to_its_item_whatever_that_is_called() -> None:
    (line,) = risks([rank("a/b&c=ü 1", 1)], with_customer=True)
    assert line.href == "/risk/item?customer=acme&site=plant-1&stocking_location=line-1&item=a%2Fb%26c%3D%C3%BC+1"
    assert line.place == "line-1, plant-1, acme"


def test_what_is_out_has_no_day_on_which_it_will_be() -> None:
    lines = risks([rank("a", 0, stockout_at_s=NOW_MS / 1000, standing=0)], with_customer=False)
    assert [(line.runs_out, line.days) for line in lines] == [(NOTHING, "0")]


@pytest.mark.parametrize(
    ("at_s", "words"),
    [(1_795_421_730.0, "2026-11-23"), (None, NOTHING), (-1.0, NOTHING), (LAST_S, "9999-12-31"), (3e15, NOTHING)],
)
def test_a_day_beyond_all_calendars_is_not_told(at_s: float | None, words: str) -> None:
    assert date(at_s) == words


@pytest.mark.parametrize(
    ("figure", "words"),
    [(None, NOTHING), (0, "0"), (0.04, "0.0"), (2.26, "2.3"), (9.94, "9.9"), (9.96, "10"), (4321.0, "4\u202f321")],
)
def test_days_have_a_decimal_where_it_matters(figure: float | None, words: str) -> None:
    assert days(figure) == words


def test_all_customers_and_their_sites_are_offered() -> None:
    rows = [site("b & c", "plant-1"), site("acme", "plant-2"), site("acme", "plant-1")]
    assert [(choice.words, choice.href) for choice in customers(rows, "acme")] == [
        ("All customers", "/risk"),
        ("acme", "/risk?customer=acme"),
        ("b & c", "/risk?customer=b+%26+c"),
    ]
    assert [choice.words for choice in sites(rows, "", "")] == [
        *("All sites", "plant-1, acme", "plant-2, acme", "plant-1, b & c"),
    ]
    assert [(choice.words, choice.is_chosen) for choice in sites(rows, "acme", "plant-2")] == [
        *(("All sites", False), ("plant-1", False), ("plant-2", True)),
    ]


def test_use_has_a_date_each_week_and_says_that_today_is_not_over() -> None:
    told = use([1.0] * 9 + [4.0], NOW_MS // DAY_MS * DAY_MS - 9 * DAY_MS)
    assert [bar.label for bar in told.bars] == ["", "", "11-16", *[""] * 6, "11-23"]
    assert told.bars[-1].words == "2026-11-23 so far: 4"
    assert told.words == "Pieces used a day over 10 days, at most 4"


def test_what_is_not_known_of_an_item_is_no_zero() -> None:
    told = stock(Row(NOW_MS, {}, {"qty_on_hand": 7.0}, {}))
    assert dict(told.facts) == dict.fromkeys(dict(told.facts), NOTHING) | {"On hand": "7"}
    assert told.standing is None
