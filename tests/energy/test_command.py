# SPDX-License-Identifier: Apache-2.0
"""`kanbin energy` as it is typed."""

import json

import pytest
from boards import CHANNELS
from typer.testing import CliRunner

from fleet.cli import app
from tools.energy.figures import AS_SOLD, CHIP_SLEEP_UA

WHOLE = ["energy", "--interval", "10m", "--report", "1h", "--battery", "2600mAh"]


def said(*options: str) -> str:
    found = CliRunner().invoke(app, [*WHOLE, *options])
    assert found.exit_code == 0, found.stderr
    return found.stdout


def mistake(*options: str) -> str:
    found = CliRunner().invoke(app, ["energy", *options])
    assert found.exit_code == 2
    assert found.stdout == ""
    return found.stderr.strip()


def test_it_knows_the_boards_of_the_firmware() -> None:
    assert set(CHIP_SLEEP_UA) == set(AS_SOLD) == set(CHANNELS)


def test_the_table_has_a_bar_for_each_term_and_says_what_dominates() -> None:
    lines = said().splitlines()
    rows = [line for line in lines if line.rstrip().endswith("#")]
    assert [row.split()[0] for row in rows] == ["boot", "program", "weighing", "reports", "sleep"]
    assert "Most goes into program" in said()
    assert "years" in said()


def test_json_says_the_same_as_the_table() -> None:
    found = json.loads(said("--json"))
    assert found["dominant"] == "program"
    assert f"{found['days']['low']:,.0f} to {found['days']['high']:,.0f} days" in said()
    total = sum(term["mah_a_day"]["low"] for term in found["terms"])
    assert total == pytest.approx(found["mah_a_day"]["low"], abs=0.001)
    assert sum(term["share"] for term in found["terms"]) == pytest.approx(1, abs=0.001)


def test_a_board_as_it_is_sold_empties_the_battery_within_weeks() -> None:
    found = json.loads(said("--as-sold", "--json"))
    assert found["days"]["high"] < 30
    assert found["dominant"] == "sleep"


def test_what_was_measured_takes_the_place_of_what_was_assumed() -> None:
    sleep = json.loads(said("--sleep-current", "0.1mA", "--json"))["terms"][-1]
    assert sleep["mah_a_day"] == {"low": 2.4, "high": 2.4}
    assert (sleep["basis"], sleep["source"]) == ("given", "--sleep-current")


def test_quantities_may_be_written_in_any_of_their_units() -> None:
    asked = ["energy", "--json", "--interval", "600s", "--report", "60 m", "--battery", "2.6Ah"]
    assert CliRunner().invoke(app, asked).stdout == said("--json")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--interval", "10"], "--interval: '10' needs a unit, such as 10m"),
        (["--interval", "soon"], "--interval: 'soon' is no quantity; write a number and a unit, such as 10m"),
        (["--interval", "10min"], "--interval: 'min' is not one of the units s, m, h, d"),
        (["--interval", "0m"], "--interval: '0m' must be more than nothing and finite, such as 10m"),
        (["--interval", "5s"], "--interval: 5s is too short to sleep in; from 10s on, or use the mains"),
        (["--report", "5m"], "--report: 5m is shorter than --interval 10m; give the same or longer"),
        (["--report", "8d"], "--report: 8d is longer than a week, which is what a bin keeps; give 7d or less"),
        (["--battery", "2600"], "--battery: '2600' needs a unit, such as 2600mAh"),
        (["--battery", "-1mAh"], "--battery: '-1mAh' is no quantity; write a number and a unit, such as 2600mAh"),
        (["--sleep-current", "35"], "--sleep-current: '35' needs a unit, such as 35uA"),
        (["--board", "uno"], "--board: there is no 'uno'; choose one of esp32_wroom, esp32_s3, esp32_c3"),
        (
            ["--as-sold", "--sleep-current", "1mA"],
            "--as-sold: says nothing beside --sleep-current; leave one of them out",
        ),
    ],
)
def test_a_mistake_names_the_option_and_the_remedy(options: list[str], sentence: str) -> None:
    assert mistake(*options) == f"kanbin: {sentence}"
