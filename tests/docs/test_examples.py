# SPDX-License-Identifier: Apache-2.0
"""What a page shows of a command is what the command says."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet.cli import app
from fleet.counting import counter

ROOT = Path(__file__).resolve().parents[2]
SHOWN = re.compile(r"^ {4}kanbin (?P<command>.+)\n\n```\n(?P<output>(?:.*\n)*?)```\n", re.MULTILINE)
EVENTS = {counter.PICK, counter.REFILL, counter.RETURN, counter.CORRECT}
FIGURES = {"sd", "p_at_or_below_reorder"}  # of a count: they may move while counting gets better


def examples(page: str) -> list[tuple[str, str]]:
    """Each command that the page shows with its output, and what it really says."""
    shown = list(SHOWN.finditer((ROOT / "docs" / page).read_text()))
    assert shown, "no command with its output"
    return [(example["output"], CliRunner().invoke(app, shlex.split(example["command"])).output) for example in shown]


@pytest.fixture(autouse=True)
def _at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_page_about_cells_shows_what_bin_check_says() -> None:
    for shown, said in examples("counting.md"):
        assert said == shown


def test_the_page_about_batteries_shows_what_energy_says() -> None:
    for shown, said in examples("energy.md"):
        assert said == shown


def steady(answers: str) -> list[dict[str, Any]]:
    """Answers without the figures that may move."""
    return [
        {name: value for name, value in json.loads(line).items() if name not in FIGURES}
        for line in answers.splitlines()
    ]


def test_the_page_about_recordings_shows_what_count_says() -> None:
    for shown, said in examples("count.md"):
        assert steady(said) == steady(shown)


def test_it_names_each_status_a_count_may_have() -> None:
    row = next(line for line in (ROOT / "docs" / "count.md").read_text().splitlines() if line.startswith("| `status`"))
    words = {value for name, value in vars(counter).items() if name.isupper() and isinstance(value, str)}
    assert set(re.findall(r"`([a-z_]+)`", row)) == words - EVENTS | {"status"}


def test_it_shows_a_mistake_as_it_is_told() -> None:
    text = (ROOT / "docs" / "count.md").read_text()
    (told,) = re.findall(r"^ {4}(\{\"error\".*)$", text, re.MULTILINE)
    config = json.dumps(
        {"type": "config", "tare_raw": 0, "counts_per_g": 1, "capacity_g": 1, "bin_weight_g": 0, "apw_g": 1}
    )
    lines = [config.replace("}", ', "reorder_point": 1}'), *3 * ['{"type":"reading","t":1}']]
    said = CliRunner().invoke(app, ["count"], input="\n".join(lines)).stderr
    assert told in said.splitlines()
