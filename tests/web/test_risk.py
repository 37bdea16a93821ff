# SPDX-License-Identifier: Apache-2.0
"""The pages about stock and risk as the server writes them, from either store of time series."""

import html
import re
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.servers.influxd import Influxd
from tests.web.conftest import Fleet, influx_series, sqlite_series
from tests.web.small_plant import ODD, ODD_ITEM, SCREW, risk, status, with_first_of_all
from tests.web.story import NOW_MS

NAMES = ("customer", "site", "stocking_location", "item")


def words(client: httpx.Client, path: str, **query: str) -> str:
    """What a page says, its tags taken out and spaces made one."""
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    text = re.sub(r"<(head|symbol|title|noscript)\b[^>]*>.*?</\1>|<[^>]*>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(text).split()).replace(" .", ".")


def words_of(fleet: Fleet, path: str, **query: str) -> str:
    with fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        return words(client, path, **query)


def test_items_of_all_sites_are_added_up(asked: httpx.Client) -> None:
    said = words(asked, "/risk")
    assert "24 items at 3 sites, 3 out or below safety stock." in said
    assert "1 Out 2 Below safety stock 3 To reorder 17 Healthy 1 Excess 2 In doubt" in said
    assert "plant-9" not in said, "it was last told of more than two hours ago"


def test_days_of_cover_are_drawn_and_told_in_words(asked: httpx.Client) -> None:
    said = asked.get("/risk").text
    told = "below 1 day: 1; 1 to 3 days: 4; 3 to 7 days: 0; 7 to 14 days: 9; 14 to 30 days: 4; above 30 days"
    assert f'role="img" aria-label="Items by days of cover. {told}' in said


def test_the_first_to_run_out_are_listed_over_sites_with_a_way_to_each(asked: httpx.Client) -> None:
    text = asked.get("/risk").text
    table = text[text.index("<tbody>") : text.index("</tbody>")]
    rows = [" ".join(html.unescape(re.sub("<[^>]*>", " ", row)).split()) for row in table.split("</tr>")[:-1]]
    assert rows == [
        "screw-m4x12 line-1, plant-1, acme 0 0 0 \u2013 Out",
        "nut-m8 line-1, plant-2, acme 1 500 0 1.5 2026-11-24 Below safety stock",
        "washer-m4 line-1, plant-1, acme 7 250 0 7.2 2026-11-30 Healthy",
        f"{ODD_ITEM[3]} {ODD_ITEM[2]}, {ODD[1]}, {ODD[0]} 20 000 0 20 2026-12-13 Excess",
    ]
    links = [html.unescape(link) for link in re.findall(r'href="(/risk/item[^"]+)"', table)]
    assert links[0] == f"/risk/item?{urlencode(dict(zip(NAMES, SCREW, strict=True)))}"
    for link in links:
        assert asked.get(link).status_code == 200


def test_use_is_added_up_over_sites_and_days(asked: httpx.Client) -> None:
    said = words(asked, "/risk")
    assert "7 days 1 140 30 days 1 605 Pieces" in said
    assert "2026-11-20: 1 020" in html.unescape(asked.get("/risk").text).replace("\u202f", " ")


def test_the_page_is_narrowed_to_a_customer_or_a_site(asked: httpx.Client) -> None:
    assert "20 items at 2 sites" in words(asked, "/risk", customer="acme")
    said = words(asked, "/risk", customer="acme", site="plant-2")
    assert "10 items at 1 site, 2 out or below safety stock" in said
    assert "7 days 1 000 30 days 1 000" in said
    assert "screw-m4x12" not in said
    assert words(asked, "/parts/risk", customer="acme", site="plant-2") in said


def test_every_choice_that_is_offered_leads_to_figures(asked: httpx.Client) -> None:
    offered = re.findall(r'href="(/risk\?[^"]+)"', asked.get("/risk").text)
    assert len(offered) == 5
    for link in offered:
        assert " items at " in words(asked, html.unescape(link))


def test_a_choice_without_figures_leads_back(asked: httpx.Client) -> None:
    said = words(asked, "/risk", customer="acme", site="plant-9")
    assert "Nothing was heard of plant-9, acme in the last two hours." in said
    assert "Show all sites" in said


def test_what_was_typed_in_is_shown_as_text_and_never_as_markup(asked: httpx.Client) -> None:
    odd = dict(zip(NAMES, ODD_ITEM, strict=True))
    for path, query in (("/risk", {"customer": ODD[0], "site": ODD[1]}), ("/risk", {}), ("/risk/item", odd)):
        answer = asked.get(path, params=query)
        assert "&lt;script&gt;alert(1)" in answer.text
        assert "<script>" not in answer.text
        assert "<b>" not in answer.text
    assert "4 items at 1 site" in words(asked, "/risk", customer=ODD[0], site=ODD[1])
    assert "Healthy On hand 7 On order 0" in words(asked, "/risk/item", **odd)


def test_an_item_shows_how_it_stands_now(asked: httpx.Client) -> None:
    said = words(asked, "/risk/item", **dict(zip(NAMES, SCREW, strict=True)))
    assert "screw-m4x12 line-1, plant-1, acme" in said
    assert "Out In doubt On hand 0 On order 100 Days of cover 0 Used a day 4.2 Safety stock 13 Min 20 Max 60" in said


def test_an_item_nobody_knows_is_not_made_up(asked: httpx.Client) -> None:
    unknown = dict(zip(NAMES, SCREW, strict=True)) | {"item": "unheard-of"}
    assert "Nothing was heard of this item" in words(asked, "/risk/item", **unknown)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/risk?colour=red", "colour"),
        ("/risk?site=" + 201 * "x", "site"),
        ("/risk/item?site=a&customer=b&item=c", "stocking_location"),
    ],
)
def test_a_wrong_parameter_is_named(asked: httpx.Client, path: str, field: str) -> None:
    answer = asked.get(path)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


def test_no_address_of_another_host_is_on_the_pages(asked: httpx.Client) -> None:
    for path in ("/risk", f"/risk/item?{urlencode(dict(zip(NAMES, SCREW, strict=True)))}"):
        assert "://" not in asked.get(path).text


def test_before_there_are_figures_the_page_says_how_they_come(empty_fleet: Fleet, tmp_path: Path) -> None:
    with sqlite_series(tmp_path) as empty_fleet.series:
        said = words_of(empty_fleet, "/risk")
    assert "No figures yet." in said
    assert "kanbin load seed.yaml" in said
    assert "All customers" not in said


def test_a_single_site_is_not_offered_as_a_choice(empty_fleet: Fleet, tmp_path: Path) -> None:
    with sqlite_series(tmp_path) as store:
        store.write([status(("acme", "plant-1"), items_healthy=1)])
        empty_fleet.series = store
        said = words_of(empty_fleet, "/risk")
    assert "1 item at 1 site, none out or below safety stock." in said
    assert "All customers" not in said
    assert "Nothing has been used in the last 30 days" in said


def test_without_a_store_the_pages_say_that_none_is_kept(empty_fleet: Fleet) -> None:
    item = dict(zip(NAMES, SCREW, strict=True))
    for path, query in (("/risk", {}), ("/parts/risk", {}), ("/risk/item", item)):
        assert "This fleet keeps no time series." in words_of(empty_fleet, path, **query)


def test_while_the_store_is_down_the_pages_say_that_nothing_else_is(empty_fleet: Fleet, tmp_path: Path) -> None:
    item = dict(zip(NAMES, SCREW, strict=True))
    with Influxd(tmp_path / "influx") as server, influx_series(server) as store:
        store.prepare()
        out = risk(SCREW[:2], 1, SCREW[3], 0, "out", at_ms=NOW_MS)
        store.write(with_first_of_all([status(SCREW[:2], items_out=1), out]))
        empty_fleet.series = store
        with empty_fleet.served() as served, httpx.Client(base_url=served.url, trust_env=False) as client:
            assert "1 item at 1 site" in words(client, "/risk")
            server.kill()
            for path, query in (("/risk", {}), ("/parts/risk", {}), ("/risk/item", item), ("/parts/risk/item", item)):
                said = words(client, path, **query)
                assert "The time series cannot be read just now. Bins are counted and orders made all the same" in said
                assert "127.0.0.1" not in said
            assert client.get("/").status_code == 200
            server.start()
            assert "1 item at 1 site" in words(client, "/risk")


def test_a_broken_file_of_time_series_is_a_store_that_is_down(empty_fleet: Fleet, tmp_path: Path) -> None:
    with sqlite_series(tmp_path) as empty_fleet.series:
        for file in tmp_path.glob("series.sqlite*"):
            file.unlink()
        (tmp_path / "series.sqlite").write_bytes(b"no database at all" * 500)
        empty_fleet.series.close()
        assert "The time series cannot be read just now." in words_of(empty_fleet, "/risk")
