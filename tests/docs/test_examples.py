# SPDX-License-Identifier: Apache-2.0
"""What a page shows of a command is what the command says."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli import app

ROOT = Path(__file__).resolve().parents[2]
SHOWN = re.compile(r"^ {4}kanbin (?P<command>.+)\n\n```\n(?P<output>(?:.*\n)*?)```\n", re.MULTILINE)
PAGES = ["counting.md"]


@pytest.mark.parametrize("page", PAGES)
def test_each_command_says_what_the_page_shows(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown = list(SHOWN.finditer((ROOT / "docs" / page).read_text()))
    assert shown, "no command with its output"
    for example in shown:
        said = CliRunner().invoke(app, shlex.split(example["command"]))
        assert said.output == example["output"]
