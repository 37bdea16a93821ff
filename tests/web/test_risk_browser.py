# SPDX-License-Identifier: Apache-2.0
"""The pages about stock and risk in a real Chromium, on the small plant with its unusual names."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.servers.influxd import Influxd
from tests.web import small_plant
from tests.web.chromium import AXE, STICKING_OUT
from tests.web.conftest import DESKTOP, Fleet, Look, influx_series, new_fleet, sqlite_series
from tests.web.small_plant import ACME_1, MINUTE_MS, ODD_ITEM, SCREW, WASHER, risk, status, stock, with_first_of_all
from tests.web.story import NOW_MS

PHONE = {"width": 390, "height": 844}
PAGES = re.compile(r"^http://[^/]+/risk")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the small plant is shown, from SQLite."""
    folder = tmp_path_factory.mktemp("plant")
    for fleet in new_fleet(folder):
        with sqlite_series(folder) as store:
            small_plant.tell(store)
            fleet.series = store
            with fleet.served() as server:
                yield server.url


def is_live(page: Page) -> None:
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")


def to_the_item(page: Page, item: str) -> None:
    """Follows the link in the risk list, and waits for both charts."""
    page.get_by_role("link", name=item).click()
    expect(page.locator("h1")).to_have_text(item)
    is_live(page)
    expect(page.locator("#stock-chart canvas")).to_be_visible()
    expect(page.locator("#used-chart canvas")).to_be_visible()


def colours_of(page: Page, chart: str) -> int:
    """How many colours a chart has: a blank one has a single one."""
    count: int = page.evaluate(
        """chart => {
          const canvas = document.querySelector(`${chart} canvas`);
          const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        }""",
        chart,
    )
    return count


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_the_first_page_to_the_chart_of_an_item(
    url: str, look: Look, viewport: dict[str, int], scheme: str
) -> None:
    with look(url, viewport, scheme) as seen:
        page = seen.page
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Stock and risk").click()
        is_live(page)
        expect(page.locator("#risks tbody tr")).to_have_count(4)
        expect(page.get_by_role("img", name="Items by days of cover")).to_be_visible()
        to_the_item(page, SCREW[3])
        assert colours_of(page, "#stock-chart") > 3
        assert colours_of(page, "#used-chart") > 3
        page.get_by_role("link", name="Stock and risk of plant-1").click()
        expect(page.locator("#summary")).to_contain_text("10 items at 1 site")


def test_an_item_of_an_unusual_name_has_its_chart(url: str, look: Look) -> None:
    with look(f"{url}risk") as seen:
        to_the_item(seen.page, ODD_ITEM[3])
        expect(seen.page.locator(".summary")).to_contain_text(f"{ODD_ITEM[2]}, {ODD_ITEM[1]}, {ODD_ITEM[0]}")


def lines_at(page: Page, *shares: float) -> list[list[float]]:
    """How high the line of the stock chart is so far to the right (0 to 1), each in shares of the chart's height."""
    heights: list[list[float]] = page.evaluate(
        """shares => {
          const canvas = document.querySelector('#stock-chart canvas');
          const {offsetLeft, offsetTop, offsetWidth, offsetHeight} = document.querySelector('#stock-chart .u-over');
          const {data, width, height} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          const rows = Array.from({length: height}, (_, y) => y);
          const isLine = at => Math.hypot(data[at] - 0x0f, data[at + 1] - 0x6b, data[at + 2] - 0x5c) < 20;
          return shares.map(share => {
            const x = Math.round(offsetLeft + share * (offsetWidth - 1));
            return rows.filter(y => isLine(4 * (y * width + x))).map(y => 1 - (y - offsetTop) / offsetHeight);
          });
        }""",
        shares,
    )
    return heights


def test_stock_is_drawn_as_steps(url: str, look: Look) -> None:
    with look(f"{url}risk") as seen:
        to_the_item(seen.page, SCREW[3])
        before, since = lines_at(seen.page, 0.5, 0.85)
        assert before == [], "nothing was told of it yet"
        assert since == pytest.approx([40 / 65] * 2, abs=0.02), "as high as told 20 days ago"
        over = seen.page.locator("#stock-chart .u-over")
        box = over.bounding_box()
        assert box
        over.hover(position={"x": box["width"] * 0.8, "y": 20})
        expect(seen.page.locator("#stock-chart .readout")).to_have_text("2026-11-03  40")


def test_stock_that_nothing_was_told_of_since_is_carried_on_to_now(url: str, look: Look) -> None:
    with look(f"{url}risk") as seen:
        to_the_item(seen.page, WASHER[3])
        assert lines_at(seen.page, 0.99) == [pytest.approx([1 / 1.08] * 2, abs=0.02)]


def test_the_page_is_narrowed_by_its_menus(url: str, look: Look) -> None:
    with look(f"{url}risk", PHONE) as seen:
        page = seen.page
        page.locator("summary", has_text="All sites").click()
        page.get_by_role("link", name="plant-2, acme").click()
        expect(page.locator("#summary")).to_contain_text("10 items at 1 site")
        expect(page.locator("summary")).to_have_text(["acme", "plant-2"])
        page.locator("summary", has_text="acme").click()
        page.get_by_role("link", name="All customers").click()
        expect(page.locator("#summary")).to_contain_text("24 items at 3 sites")


@pytest.mark.parametrize("path", ["risk", "item"])
def test_nothing_sticks_out_sideways_however_wide_the_window_is(url: str, look: Look, path: str) -> None:
    with look(f"{url}risk") as seen:
        page = seen.page
        if path == "item":
            to_the_item(page, ODD_ITEM[3])
        for width in (320, 360, 390, 768, 800, 801, 900, 1024, 1120, 1121, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.reload()
            is_live(page)
            for menu in page.locator("summary").all():
                menu.click()
                assert page.evaluate(STICKING_OUT) == [], f"at {width} px"
            assert page.evaluate(STICKING_OUT) == [], f"at {width} px"


def test_without_javascript_the_figures_and_the_choices_are_still_there(url: str, look: Look) -> None:
    with look(f"{url}risk", PHONE, java_script_enabled=False) as seen:
        page = seen.page
        expect(page.locator("noscript p")).to_be_visible()
        expect(page.locator("#risks tbody tr")).to_have_count(4)
        expect(page.locator("#cover rect")).to_have_count(6)
        page.locator("summary", has_text="All customers").click()
        page.get_by_role("link", name="acme", exact=True).click()
        expect(page.locator("#summary")).to_contain_text("20 items at 2 sites")
        page.get_by_role("link", name=SCREW[3]).click()
        expect(page.locator("#now")).to_contain_text("On order100")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_against_accessibility(url: str, look: Look, viewport: dict[str, int], scheme: str) -> None:
    with look(f"{url}risk", viewport, scheme, bypass_csp=True) as seen:
        page = seen.page
        is_live(page)
        assert broken_rules(page) == []
        to_the_item(page, SCREW[3])
        assert broken_rules(page) == []


def broken_rules(page: Page) -> list[tuple[str, str]]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")
    assert found["passes"]
    return [(broken["id"], broken["nodes"][0]["html"]) for broken in found["violations"]]


def often(page: Page) -> None:
    """Has the page fetch what is new every second instead of every half minute."""
    page.route(PAGES, lambda route: route.fulfill(response=(told := route.fetch()), body=hurried(told.text())))


def hurried(text: str) -> str:
    return text.replace('hx-trigger="every 30s"', 'hx-trigger="every 1s"').replace(
        'data-poll-s="30"', 'data-poll-s="1"'
    )


def test_new_figures_appear_by_themselves(empty_fleet: Fleet, tmp_path: Path, look: Look) -> None:
    with sqlite_series(tmp_path) as store:
        empty_fleet.series = store
        with empty_fleet.served() as server, look(f"{server.url}risk") as seen:
            page = seen.page
            often(page)
            page.reload()
            expect(page.locator("#empty")).to_contain_text("kanbin load seed.yaml")
            store.write(with_first_of_all([status(ACME_1, items_out=1), risk(ACME_1, 1, SCREW[3], 0, "out")]))
            expect(page.locator("#summary")).to_contain_text("1 item at 1 site")
            store.write(with_first_of_all([risk(ACME_1, 1, "nut-m8", 0, "out", at_ms=NOW_MS)]))
            expect(page.locator("#risks tbody tr")).to_contain_text("nut-m8")


def test_an_item_that_is_told_of_later_gets_its_chart(empty_fleet: Fleet, tmp_path: Path, look: Look) -> None:
    with sqlite_series(tmp_path) as store:
        empty_fleet.series = store
        with empty_fleet.served() as server, look(f"{server.url}risk") as seen:
            page = seen.page
            often(page)
            page.goto(f"{server.url}risk/item?customer=acme&site=plant-1&stocking_location=line-1&item=screw-m4x12")
            expect(page.locator("#unknown")).to_be_visible()
            expect(page.locator("#stock-chart")).to_have_text("No stock in this time")
            store.write([stock(SCREW, NOW_MS - MINUTE_MS, qty_on_hand=12, standing=3)])
            expect(page.locator("#now")).to_contain_text("12")
            expect(page.locator("#stock-chart canvas")).to_be_visible()


def test_a_store_that_comes_back_is_shown_again(empty_fleet: Fleet, tmp_path: Path, look: Look) -> None:
    with Influxd(tmp_path / "influx") as server, influx_series(server) as store:
        store.prepare()
        store.write([status(ACME_1, items_healthy=1)])
        empty_fleet.series = store
        server.kill()
        with empty_fleet.served() as served, look(f"{served.url}risk") as seen:
            page = seen.page
            often(page)
            page.reload()
            expect(page.locator("#down")).to_contain_text("cannot be read just now")
            is_live(page)
            server.start()
            expect(page.locator("#summary")).to_contain_text("1 item at 1 site")


def test_when_the_fleet_is_gone_the_page_says_so_and_recovers(empty_fleet: Fleet, tmp_path: Path, look: Look) -> None:
    with sqlite_series(tmp_path) as store, ExitStack() as stack:
        store.write([status(ACME_1, items_healthy=1)])
        empty_fleet.series = store
        with empty_fleet.served() as server:
            seen = stack.enter_context(look(f"{server.url}risk"))
            often(seen.page)
            seen.page.reload()
            is_live(seen.page)
        words = seen.page.locator("#connection")
        expect(words).to_contain_text("No answer from the fleet since")
        stack.enter_context(empty_fleet.served(server.port))
        expect(words).to_have_text("Live")
        seen.page.close()
        seen.complaints[:] = [said for said in seen.complaints if not is_about_the_connection(said)]


def is_about_the_connection(said: str) -> bool:
    return "ERR_CONNECTION" in said or "Failed to fetch" in said
