# SPDX-License-Identifier: Apache-2.0
"""The page as the server writes it."""

import httpx

from fleet.counting.tables import BinRow
from fleet.db import write
from fleet.stock.tables import ItemRow
from fleet.web.page import CARDS_MAX
from tests.web.conftest import Fleet
from tests.web.story import tell


def shown(fleet: Fleet, path: str = "/") -> str:
    with fleet.served() as server:
        answer = httpx.get(server.url.rstrip("/") + path, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_without_bins_the_page_says_how_to_get_some(empty_fleet: Fleet) -> None:
    page = shown(empty_fleet)
    assert "No bins yet" in page
    assert "kanbin load seed.yaml" in page
    assert "No orders yet" in page


def test_a_silent_fleet_is_shown_as_silent(fleet: Fleet) -> None:
    fleet.clock.at_ms += 31 * 60_000
    page = shown(fleet)
    assert page.count("</svg>Silent</p>") == 7
    assert "7 to look at" in page


def test_what_was_typed_in_is_shown_as_text_and_never_as_markup(fleet: Fleet) -> None:
    with write(fleet.engine) as session:
        session.query(ItemRow).filter_by(item="hinge-26").update({"name": "<script>alert(1)</script>"})
        session.query(BinRow).filter_by(bin="bin-01").update({"bin": "\"><img src=x onerror='alert(1)'>"})
    page = shown(fleet)
    assert "&lt;script&gt;alert(1)" in page
    assert "<img src=x" not in page


def test_a_large_fleet_is_shown_page_by_page(empty_fleet: Fleet) -> None:
    with write(empty_fleet.engine) as session:
        tell(session)
        told = session.query(BinRow).first()
        assert told
        for channel in range(1, CARDS_MAX + 1):
            copied = {
                name: getattr(told, name)
                for name in ("device_id", "item_id", "stocking_location_id", "bin_weight_g", "cell_capacity_g")
            }
            session.add(BinRow(bin=f"more-{channel:03}", channel=channel, **copied))
    with empty_fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        first = client.get("/").text
        assert first.count('class="card"') == CARDS_MAX
        assert f'href="/?after={CARDS_MAX}"' in first
        second = client.get(f"/?after={CARDS_MAX}").text
        assert second.count('class="card"') == 7
        assert f'hx-get="/parts/live?after={CARDS_MAX}"' in second


def test_no_address_of_another_host_is_on_the_page(fleet: Fleet) -> None:
    page = shown(fleet)
    assert "http://" not in page
    assert "https://" not in page


def test_a_wrong_parameter_of_the_page_is_named(fleet: Fleet) -> None:
    with fleet.served() as server:
        answer = httpx.get(server.url + "?after=yesterday", trust_env=False)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "after"
