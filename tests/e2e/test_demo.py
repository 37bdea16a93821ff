# SPDX-License-Identifier: Apache-2.0
"""The demonstration: the whole circle in one command, and nothing left behind, however it ends."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.kanbin_demo import KanbinDemo
from tests.eventually import eventually

PAGE = "the page is at"


@pytest.fixture(scope="module")
def until_order(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """The data of a demonstration that ended by itself, with nobody left, and its summary."""
    folder = tmp_path_factory.mktemp("until-order")
    with KanbinDemo(folder, "--until", "order", "--json") as demo:
        assert demo.end() == 0, "\n".join(demo.said)
        assert demo.children() == []
    return folder, json.loads(demo.said[-1])


def test_a_demo_until_order_ends_by_itself_with_an_order_and_nothing_lost(
    until_order: tuple[Path, dict[str, int]],
) -> None:
    folder, summary = until_order
    assert summary["orders"] >= 1
    assert summary["sent"] == summary["stored"] > 100
    assert (summary["lost"], summary["duplicated"]) == (0, 0)
    order = json.loads(next((folder / "fleet" / "orders").glob("*.json")).read_text())
    assert order["lines"][0]["qty"] > 0


def test_bins_are_counted_by_hand_first_and_then_for_sure_and_their_devices_say_how_they_are(
    until_order: tuple[Path, dict[str, int]],
) -> None:
    folder, _ = until_order
    with closing(sqlite3.connect(folder / "fleet" / "kanbin.sqlite")) as store:
        said = dict(store.execute("SELECT bin, quantity FROM count_evidence JOIN bins ON bins.id = bin_id"))
        sure = store.execute(
            "SELECT DISTINCT bin FROM counts JOIN bins ON bins.id = bin_id WHERE state='ok' AND is_evidence"
        )
        assert {bin for (bin,) in sure} == said.keys()
        devices = store.execute("SELECT device_id, reset_cause, rssi_dbm, plan_version FROM device_health").fetchall()
    assert sorted(devices) == [(device, 1, -55, 0) for device in range(1, 6)]
    assert said == {"bin-01": 305, "bin-02": 560, "bin-03": 270, "bin-04": 90, "bin-05": 56}


def test_a_shelf_of_eight_and_a_reader_of_tags_are_on_the_page(tmp_path: Path) -> None:
    with KanbinDemo(tmp_path, "--bins", "1", "--speed", "60", full=True) as demo:
        demo.listen_for(PAGE)
        demo.listen_for("shelf-01-8")
        asyncio.run(eventually(lambda: went_away(demo), within_s=60))
        shown = {page: demo.get(page).text for page in ("/", "/tags")}
        devices = demo.get("/api/v1/devices").json()["items"]
        demo.signal(signal.SIGINT)
        assert demo.end() == 0
    assert [f"shelf-01-{channel}" in shown["/"] for channel in range(1, 9)] == [True] * 8
    assert "reader-01" in shown["/tags"]
    assert "Set of hinges" in shown["/tags"] or "hinge-set" in shown["/tags"]
    faults = {device["device"]: [cell["fault"] for cell in device["cell_faults"] or []] for device in devices}
    assert faults["shelf-01"] == ["ok"] * 8
    with closing(sqlite3.connect(tmp_path / "fleet" / "kanbin.sqlite")) as store:
        booked = dict(
            store.execute(
                "SELECT movements.kind, sum(on_hand_delta) FROM movements JOIN items ON items.id = item_id "
                "WHERE item = 'hinge-set' GROUP BY movements.kind"
            )
        )
        temperatures = store.execute("SELECT count(*) FROM readings WHERE temp_cc IS NOT NULL").fetchone()[0]
    assert booked["receipt"] >= 24 * 3
    assert booked["usage"] <= -24
    assert temperatures > 8


def went_away(demo: KanbinDemo) -> bool:
    """Whether a package was taken from before the reader, and booked."""
    events = demo.get("/api/v1/tag-events?limit=1000").json()["items"]
    stock = {row["item"]: row["qty_on_hand"] for row in demo.get("/api/v1/stock?limit=1000").json()["items"]}
    return any(event["kind"] == "left" for event in events) and 0 < stock.get("hinge-set", 0) < 24 * 5


def test_ctrl_c_ends_a_demo_and_everybody_in_it_and_keys_were_for_their_owner_only(tmp_path: Path) -> None:
    with KanbinDemo(tmp_path, "--bins", "2") as demo:
        demo.listen_for(PAGE)
        secrets = [tmp_path / "seed.yaml", tmp_path / "bin-01" / "flash" / "kanbin.json"]
        assert [path.stat().st_mode & 0o777 for path in secrets] == [0o600, 0o600]
        key = json.loads(secrets[1].read_text())["master_secret"]
        assert len(demo.children()) == 3
        demo.signal(signal.SIGINT)
        assert demo.end() == 0
        assert demo.children() == []
    assert key not in "\n".join(demo.said)


def test_a_killed_demo_takes_everybody_along(tmp_path: Path) -> None:
    with KanbinDemo(tmp_path, "--bins", "2") as demo:
        demo.listen_for(PAGE)
        demo.signal(signal.SIGKILL)
        demo.end()
        asyncio.run(eventually(lambda: demo.children() == []))


def test_a_fleet_that_dies_ends_the_demo_with_its_last_lines(tmp_path: Path) -> None:
    with KanbinDemo(tmp_path, "--bins", "1") as demo:
        demo.listen_for(PAGE)
        os.kill(demo.fleet(), signal.SIGKILL)
        assert demo.end() == 1
        assert "the fleet was ended by signal 9. Its last lines:" in "\n".join(demo.said)
        assert demo.children() == []


def test_a_port_in_use_is_named_with_the_option_that_moves_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with KanbinDemo(tmp_path, "--http-port", port) as demo:
            assert demo.end() == 2
    assert demo.said == [f"TCP port {port}, for the page, is in use; choose another by --http-port"]
