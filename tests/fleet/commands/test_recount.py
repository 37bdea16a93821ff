# SPDX-License-Identifier: Apache-2.0
"""`kanbin recount` counts again, can be interrupted, and goes on."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from fleet.cli import app
from fleet.counting import recount as recounting
from fleet.counting import recount_all
from fleet.counting.service import count_new_readings
from fleet.counting.tables import RecountRow
from fleet.db import read, write
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.stock.tables import StockRow
from tests.fleet.plant import NOW_MS, PAIR, SimulatedBin, seed_data, store_readings

ALL_THE_SAME = "47 counts of 1 bin: all as they were\n"


@pytest.fixture
def counted(plant: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A bin of 100 pieces of 5 g, which in truth weigh 4 g; by now that is known."""
    monkeypatch.setenv("KANBIN_DATABASE_URL", f"sqlite:///{tmp_path}/fleet.db")
    monkeypatch.setattr(recounting, "COUNTS_A_CHUNK", 10)
    bin = SimulatedBin(pieces=100)
    data: Any = seed_data()
    data["items"][0]["apw_g"] = "4.0"
    with write(plant) as session:
        store_readings(session, [*bin.burst(), *bin.heartbeats(30)])
        count_new_readings(session, NOW_MS + bin.uptime_s * 1000, 1000)
        load(session, parse_seed(data, tmp_path), now_ms=NOW_MS + bin.uptime_s * 1000)
    return plant


def kanbin_recount(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["recount", *arguments])


def on_hand(engine: Engine) -> int:
    with read(engine) as session:
        return session.get_one(StockRow, PAIR).qty_on_hand


def test_without_anything_to_apply_it_says_that_all_is_as_it_was(counted: Engine) -> None:
    done = kanbin_recount()
    assert done.exit_code == 0, done.output
    assert done.stdout == ALL_THE_SAME
    assert on_hand(counted) == 100


def test_a_piece_weight_is_applied_backwards(counted: Engine) -> None:
    done = kanbin_recount("--bin", "bin-1", "--since", "2026-09-21", "--apply")
    assert done.exit_code == 0, done.output
    assert re.search(r"^bin-1: \d+ of 47 counts came out otherwise$", done.stdout, re.M)
    assert on_hand(counted) == 125
    assert kanbin_recount().stdout == ALL_THE_SAME


def test_what_ctrl_c_interrupts_goes_on_where_it_was(counted: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks: list[int] = []
    original = recounting.recount_some

    def interrupted(*given: Any) -> tuple[int, bool]:
        if len(chunks) == 2:
            raise KeyboardInterrupt
        counted, has_more = original(*given)
        chunks.append(counted)
        return counted, has_more

    with monkeypatch.context() as patched:
        patched.setattr(recount_all, "recount_some", interrupted)
        stopped = kanbin_recount("--bin", "bin-1", "--since", "2026-09-21", "--apply")
    assert stopped.exit_code == 130
    assert "`kanbin recount` goes on where it was" in stopped.output
    assert on_hand(counted) == 100, "nothing of it is in force"
    with read(counted) as session:
        assert session.get_one(RecountRow, 1).counted == sum(chunks) == 20
    refused = kanbin_recount("--bin", "bin-1")
    assert refused.exit_code == 1
    assert "--anew" in refused.output
    done = kanbin_recount()
    assert re.search(r"^bin-1: \d+ of 47 counts came out otherwise$", done.stdout, re.M)
    assert on_hand(counted) == 125


def test_several_bins_are_counted_at_once(counted: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recount_all, "COUNTS_A_PROCESS", 1)
    data: Any = seed_data()
    data["stocking_locations"].append({"stocking_location": "line-2", "site": "plant-1"})
    data["devices"].append({"device": "dev-2", "kid": "0002", "master_secret": "ff" * 16})
    data["bins"].append({**data["bins"][0], "bin": "bin-2", "device": "dev-2", "stocking_location": "line-2"})
    with write(counted) as session:
        load(session, parse_seed(data, tmp_path), now_ms=NOW_MS)
        store_readings(session, list(SimulatedBin(pieces=50, seed=2).burst()), device_id=2)
        count_new_readings(session, NOW_MS + 10_000_000, 1000)
    done = kanbin_recount("--jobs", "2")
    assert done.exit_code == 0, done.output
    assert done.stdout == "64 counts of 2 bins: all as they were\n"


def test_an_unfinished_one_can_be_dropped(counted: Engine) -> None:
    recounting.begin(counted, recounting.Asked(("bin-1",), NOW_MS, is_apply=True), NOW_MS)
    done = kanbin_recount("--anew", "--bin", "bin-1")
    assert done.stdout == ALL_THE_SAME
    assert on_hand(counted) == 100


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--apply",), "--since: is missing"),
        (("--bin", "bin-9"), 'no such bin "bin-9"'),
        (("--since", "soon"), "--since: 'soon' is no moment"),
    ],
)
def test_what_cannot_be_counted_again_is_refused_with_a_remedy(arguments: tuple[str, ...], words: str) -> None:
    refused = kanbin_recount(*arguments)
    assert refused.exit_code == 1
    assert words in refused.output
