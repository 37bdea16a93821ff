# SPDX-License-Identifier: Apache-2.0
"""The page in a real Chromium: what is seen, that it follows the fleet by itself, and that it asks nobody else.

Set KANBIN_SCREENSHOTS to a folder to keep pictures of what was seen.
"""

import os
from contextlib import ExitStack
from math import ceil
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect
from sqlalchemy import update

from fleet.counting.tables import BinRow, CountRow, CountTaskRow
from fleet.db import write
from fleet.orders.tables import OrderLineRow, ReplenishmentOrderRow
from fleet.stock.tables import ItemRow, StockRow
from tests.web.chromium import AXE, STICKING_OUT
from tests.web.conftest import DESKTOP, Fleet, Look
from tests.web.story import NOW_MS, Told, add_counts, tell

PHONE = {"width": 360, "height": 740}


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("KANBIN_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def is_live(page: Page) -> None:
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    expect(page.locator(".chart canvas").first).to_be_visible()


def card_of(page: Page, bin: str):  # type: ignore[no-untyped-def]
    return page.locator(f'.card[data-bin="{bin}"]')


def point_at_the_end(page: Page, bin: str) -> None:
    """Holds the mouse over the newest point of the bin's chart."""
    box = page.locator(f'.chart[data-bin="{bin}"] .u-over').bounding_box()
    assert box
    page.mouse.move(ceil(box["x"] + box["width"]) - 1, box["y"] + 20)


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]
)
def test_the_page_shows_bins_charts_and_orders(
    told_fleet: Fleet, look: Look, viewport: dict[str, int], scheme: str
) -> None:
    with told_fleet.served() as server, look(server.url, viewport, scheme) as seen:
        page = seen.page
        is_live(page)
        expect(page.locator(".card")).to_have_count(7)
        lifted = card_of(page, "bin-05")
        expect(lifted).to_contain_text("Bin lifted")
        expect(lifted).to_contain_text("Assembly line 1, Plant 1")
        expect(page.locator(".orders tbody tr")).to_have_count(3)
        expect(page.locator(".orders tbody tr").first).to_contain_text("RO-000003")
        keep_picture(page, f"page-{viewport['width']}-{scheme}")


def test_nothing_sticks_out_sideways_however_wide_the_window_is(fleet: Fleet, look: Look) -> None:
    with write(fleet.engine) as session:
        session.query(ItemRow).filter_by(id=5).update({"name": "a-name-as-long-as-they-come-" + "0" * 60})
        session.query(ItemRow).filter_by(id=2).update({"item": "a-part-number-as-long-as-they-come-" + "0" * 60})
    ask_to_count(fleet)
    with fleet.served() as server, look(server.url) as seen:
        page = seen.page
        for width in (320, 360, 768, 800, 801, 820, 900, 1024, 1120, 1121, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.reload()  # else the charts follow a moment later
            is_live(page)
            sticking_out = page.evaluate(STICKING_OUT)
            assert sticking_out == [], f"at {width} px"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_against_accessibility(
    fleet: Fleet, look: Look, viewport: dict[str, int], scheme: str
) -> None:
    ask_to_count(fleet)
    with fleet.served() as server, look(server.url, viewport, scheme, bypass_csp=True) as seen:
        page = seen.page
        is_live(page)
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run()")
        assert found["passes"]
        assert [(broken["id"], broken["nodes"][0]["html"]) for broken in found["violations"]] == []


def ask_to_count(fleet: Fleet) -> None:
    """Puts a bin on the list of those to be counted by hand."""
    with write(fleet.engine) as session:
        session.add(CountTaskRow(bin_id=5, reason="absent", since_ms=NOW_MS - 9_000_000, raised_at_ms=NOW_MS))


def test_a_bin_to_be_counted_by_hand_appears_by_itself_and_goes_again(fleet: Fleet, look: Look) -> None:
    with fleet.served() as server, look(server.url) as seen:
        page = seen.page
        is_live(page)
        expect(page.locator("#tasks")).to_have_count(0)
        ask_to_count(fleet)
        expect(page.locator("#tasks li")).to_have_text(
            "bin-05 Corner bracket 60 mm, because it is off its scale, for 2 h"
        )
        keep_picture(page, "tasks")
        with write(fleet.engine) as session:
            session.execute(update(CountTaskRow).values(closed_at_ms=NOW_MS, closed_by="stocktake"))
        expect(page.locator("#tasks")).to_have_count(0)


def test_a_new_count_appears_by_itself(fleet: Fleet, look: Look) -> None:
    with fleet.served() as server, look(server.url) as seen:
        page = seen.page
        is_live(page)
        pieces = card_of(page, "bin-01").locator(".pieces strong")
        readout = card_of(page, "bin-01").locator(".readout")
        point_at_the_end(page, "bin-01")
        expect(readout).to_contain_text("08:15:")
        expect(pieces).not_to_have_text("12")
        page.evaluate("document.body.dataset.loadedOnce = 'yes'")
        with write(fleet.engine) as session:
            bin = session.query(BinRow).filter_by(bin="bin-01").one()
            add_counts(session, bin, [Told(NOW_MS + 600_000, 12, bound=1)])
        fleet.clock.at_ms += 601_000
        expect(pieces).to_have_text("12")
        expect(card_of(page, "bin-01")).to_contain_text("1 s ago")
        expect(readout).to_contain_text("12 (11 to 13)")
        assert page.evaluate("document.body.dataset.loadedOnce") == "yes", "the page was not loaded anew"
        keep_picture(page, "after-a-count")


def brings_counts(answer: Response) -> bool:
    return "/counts?after=" in answer.url and bool(answer.json()["items"])


def test_counts_are_fetched_once_and_then_only_what_came_since(fleet: Fleet, look: Look) -> None:
    with fleet.served() as server, look(server.url) as seen:
        is_live(seen.page)
        with seen.page.expect_response(lambda answer: "/counts?after=" in answer.url) as followed:
            pass
        assert followed.value.json()["items"] == []
        with write(fleet.engine) as session:
            bin = session.query(BinRow).filter_by(bin="bin-02").one()
            add_counts(session, bin, [Told(NOW_MS, 381)])
        with seen.page.expect_response(brings_counts) as news:
            pass
        assert [count["pieces"] for count in news.value.json()["items"]] == [381]
        first = [request.url for request in seen.requests if "newest=true" in request.url]
        assert len(first) == len(set(first))


def test_an_order_and_what_becomes_of_it_appear_by_themselves(fleet: Fleet, look: Look) -> None:
    with fleet.served() as server, look(server.url) as seen:
        page = seen.page
        is_live(page)
        newest = page.locator(".orders tbody tr").first
        expect(newest).to_contain_text("not yet")
        with write(fleet.engine) as session:
            session.execute(update(OrderLineRow).values(state="sent").where(OrderLineRow.state == "unsent"))
            session.execute(
                update(ReplenishmentOrderRow)
                .values(state="sent", sent_at_ms=NOW_MS)
                .where(ReplenishmentOrderRow.order_no == "RO-000003")
            )
        expect(newest).to_contain_text("2026-11-23 08:15:30")
        expect(newest.locator(".state")).to_have_text("sent")


def test_a_bin_that_is_loaded_later_gets_its_card_and_chart(empty_fleet: Fleet, look: Look) -> None:
    with empty_fleet.served() as server, look(server.url) as seen:
        page = seen.page
        expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        expect(page.locator("#empty")).to_contain_text("kanbin load seed.yaml")
        keep_picture(page, "empty")
        with write(empty_fleet.engine) as session:
            tell(session)
        expect(page.locator(".card")).to_have_count(7)
        expect(page.locator(".chart canvas").first).to_be_visible()


def test_a_bin_that_goes_away_takes_its_chart_along_and_the_others_stay(fleet: Fleet, look: Look) -> None:
    with fleet.served() as server, look(server.url) as seen:
        page = seen.page
        is_live(page)
        page.evaluate("document.querySelector('.chart[data-bin=\"bin-02\"] canvas').dataset.kept = 'yes'")
        with write(fleet.engine) as session:
            gone = session.query(BinRow).filter_by(bin="bin-01").one()
            session.query(CountRow).filter_by(bin_id=gone.id).delete()
            session.delete(gone)
        expect(page.locator(".card")).to_have_count(6)
        expect(page.locator('.chart[data-bin="bin-02"] canvas')).to_have_attribute("data-kept", "yes")
        expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        seen.complaints[:] = [said for said in seen.complaints if "404" not in said]  # asked for once before it knew


def test_changed_levels_move_the_marks(fleet: Fleet, look: Look) -> None:
    with fleet.served() as server, look(server.url) as seen:
        page = seen.page
        is_live(page)
        coming = card_of(page, "bin-01").locator(".coming")
        before = coming.get_attribute("width")
        with write(fleet.engine) as session:
            session.execute(update(StockRow).values(qty_on_order=150).where(StockRow.item_id == 1))
        expect(card_of(page, "bin-01").locator(".facts")).to_contain_text("On order150")
        assert coming.get_attribute("width") != before


def test_when_the_fleet_is_gone_the_page_says_so_and_recovers(fleet: Fleet, look: Look) -> None:
    with ExitStack() as stack:
        with fleet.served() as server:
            seen = stack.enter_context(look(server.url))
            is_live(seen.page)
        words = seen.page.locator("#connection")
        expect(words).to_contain_text("No answer from the fleet since")
        expect(words).to_have_attribute("role", "status")
        expect(card_of(seen.page, "bin-01")).to_be_visible()
        keep_picture(seen.page, "gone")
        with write(fleet.engine) as session:
            bin = session.query(BinRow).filter_by(bin="bin-03").one()
            add_counts(session, bin, [Told(NOW_MS + 1_000, 77)])
        stack.enter_context(fleet.served(server.port))
        expect(words).to_have_text("Live")
        expect(card_of(seen.page, "bin-03").locator(".pieces strong")).to_have_text("77")
        seen.page.close()
        seen.complaints[:] = [said for said in seen.complaints if not is_about_the_connection(said)]


def is_about_the_connection(said: str) -> bool:
    return "ERR_CONNECTION" in said or "Failed to fetch" in said


def test_the_page_can_be_used_by_keyboard_alone(told_fleet: Fleet, look: Look) -> None:
    with told_fleet.served() as server, look(server.url) as seen:
        page = seen.page
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#live")).to_be_focused()


def test_without_javascript_the_figures_are_still_there(told_fleet: Fleet, look: Look) -> None:
    with told_fleet.served() as server, look(server.url, java_script_enabled=False) as seen:
        page = seen.page
        expect(page.locator(".card")).to_have_count(7)
        expect(page.locator("noscript p")).to_be_visible()
