# SPDX-License-Identifier: Apache-2.0
"""`kanbin bin explain` says how a count came about."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from typer.testing import CliRunner, Result

from fleet.cli import app
from fleet.commands.explain import lines
from fleet.commands.store import moment_ms
from fleet.counting.counter import BinSetup, Count, Event
from fleet.counting.evidence import STOCKTAKE, Evidence, put_down
from fleet.counting.explain import Explanation, Happened
from fleet.counting.service import count_new_readings
from fleet.counting.tables import CountRow, EvidenceRow
from fleet.counting.tally import Told
from fleet.db import write
from tests.fleet.plant import NOW_MS, SimulatedBin, store_readings

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture
def counted(plant: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A day of a bin: 100 pieces, a pick of 5, a stocktake."""
    monkeypatch.setenv("KANBIN_DATABASE_URL", f"sqlite:///{tmp_path}/fleet.db")
    bin = SimulatedBin(pieces=100)
    with write(plant) as session:
        store_readings(session, [*bin.burst(), *bin.heartbeats(2)])
        bin.pieces -= 5
        store_readings(session, [*bin.burst(), *bin.heartbeats(2)])
        count_new_readings(session, NOW_MS + bin.uptime_s * 1000, 1000)
        said = Evidence(STOCKTAKE, 93, "test", "Monday round")
        put_down(session, "bin-1", said, NOW_MS + bin.uptime_s * 1000)
        count_new_readings(session, NOW_MS + bin.uptime_s * 1000, 1000)
    return plant


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["bin", "explain", *arguments])


@pytest.mark.usefixtures("counted")
def test_it_tells_beginning_readings_events_words_belief_and_setup() -> None:
    said = explain("bin-1", "--at", "2026-09-22")
    assert said.exit_code == 0, said.output
    lines = said.output.splitlines()
    assert lines[:4] == [
        "bin-1: M4x12 at line-1, by its newest count of 2026-09-21 14:33:54",
        "  93 pieces ± 0 (93 to 93, 95 times in 100), more than 99 % sure of this very number",
        "  state ok; at rest; evidence: stock is booked on it",
        "how it came about:",
    ]
    assert "counting began with nothing known" in said.output
    assert "since then 38 readings, " in said.output
    assert re.search(r"^  2026-09-21 14:2\d:\d\d  pick -5$", said.output, re.M)
    assert '2026-09-21 14:33:54  stocktake by test: 93 pieces "Monday round"' in said.output
    assert "calibration 1 (empty bin at 100000, 429 counts a gram), 5 g a piece, packs of 50" in said.output
    assert lines[-1] == "made again just now: the same as stored, bit for bit"


@pytest.mark.usefixtures("counted")
def test_of_an_earlier_moment_it_tells_what_was_believed_then() -> None:
    said = explain("bin-1", "--at", "2026-09-21T14:20:00Z")
    assert "  100 pieces ± " in said.output
    assert "what else it might be: " in said.output
    assert "pick" not in said.output


def test_a_count_that_does_not_come_out_again_is_said_to_be_so(counted: Engine) -> None:
    with write(counted) as session:
        session.execute(update(CountRow).where(CountRow.pieces == 100).values(pieces=101))
    assert "made again just now: not the same as stored" in explain("bin-1", "--at", "2026-09-21T14:20:00Z").output


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bin-9",), 'no such bin "bin-9"; there are: bin-1'),
        (("bin-1", "--at", "yesterday"), "--at: 'yesterday' is no moment; give one like"),
        (("bin-1", "--at", "2026-09-01"), "at: nothing is kept that old; give a moment after 2026-09-21T14:13:21"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_a_remedy(arguments: tuple[str, ...], words: str) -> None:
    refused = explain(*arguments)
    assert refused.exit_code == 1
    assert words in refused.output


def test_the_explanation_in_the_document_is_the_commands() -> None:
    def at(day_and_time: str) -> int:
        return moment_ms("at", f"2026-11-{day_and_time}Z")

    word = EvidenceRow(kind="stocktake", quantity=600, said_by="api", note="Monday round")
    told = lines(
        Explanation(
            bin="bin-01",
            item="screw-m4x12",
            stocking_location="line-1",
            told=Told(at("23T08:15:22"), Count(590, 590.0, 0.4, 589, 591, "ok", True, True)),
            base_at_ms=at("22T08:14:10"),
            begins=False,
            pieces_at_base=612,
            readings=341,
            at_rest=322,
            happened=[
                Happened(at("22T09:31:07"), Event("pick", -12), None),
                Happened(at("23T07:02:44"), None, word),
                Happened(at("23T08:05:20"), Event("pick", -10), None),
            ],
            setup=BinSetup(174174, 429.4, 5000, 210, 1.8, 100, 6),
            calibration_version=2,
            p=0.79,
            others=[(589, 0.1), (591, 0.1)],
            is_as_stored=True,
        )
    )
    (shown,) = re.findall(r"^```\n(bin-01: .*?)\n```", (DOCS / "counting.md").read_text(), re.M | re.S)
    assert told == shown.splitlines()


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused = explain("bin-1", "--data-dir", str(tmp_path / "nowhere"))
    assert refused.exit_code == 1
    assert "there is no such database; choose its folder: --data-dir" in refused.output
    assert not (tmp_path / "nowhere").exists()
