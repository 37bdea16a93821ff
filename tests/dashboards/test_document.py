# SPDX-License-Identifier: Apache-2.0
"""What docs/grafana.md says of boards, alerts, variables and files is so; its example is a board."""

import re
from pathlib import Path
from typing import Any

import pytest

from dashboards import alerts
from dashboards import board as boards
from dashboards.boards import all_boards
from dashboards.output import files
from tests.dashboards import lint

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "grafana.md").read_text()


def rows_under(header: str) -> list[list[str]]:
    """The cells of each line of the table with this header."""
    table = PAGE.split(header)[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_it_names_all_boards_and_no_other() -> None:
    assert sorted(row[0] for row in rows_under("| board | shows |")) == sorted(made.title for made in all_boards())


def test_it_names_all_alerts_with_their_pace_and_their_limits() -> None:
    said = {row[0]: row for row in rows_under("| rule | fires when | looks every |")}
    pace = {"minute": 60, "10 minutes": 600}
    for group in alerts.groups():
        for alert in group.alerts:
            _, fires, every = said.pop(alert.title)
            assert pace[every] == group.every_s
            assert alert.limit <= 1 or f"{alert.limit:g}" in fires
    assert not said


def test_it_names_each_variable_that_the_files_take_from_grafanas_environment() -> None:
    wanted = {
        name
        for path, text in files().items()
        if path.startswith(("provisioning/datasources", "provisioning/dashboards"))
        for name in re.findall(r"\$(\w+)", text)
    }
    said = {row[0].strip("`") for row in rows_under("| variable | what it is |")}
    assert said == wanted | {"GF_PATHS_PROVISIONING"}
    for shown in re.findall(r"```\n((?:\w+=.*\n)+)```", PAGE):
        assert {line.split("=")[0] for line in shown.splitlines()} == said


@pytest.fixture
def example() -> Any:
    """The board that the page shows."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    room: dict[str, Any] = {}
    exec(code, room)
    return boards.rendered(room["board"]())


@pytest.mark.parametrize("rule", lint.BOARD_RULES, ids=lambda rule: rule.__name__)
def test_the_example_keeps_to_all_rules(example: lint.Json, rule: Any) -> None:
    assert list(rule(example)) == []
