# SPDX-License-Identifier: Apache-2.0
"""Documents that fail the build when they are false: links, versions, and the commands they tell people to run."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", document.read_text())
    local = [target for target in targets if "://" not in target]
    assert not [target for target in local if not (document.parent / target).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_named_in_a_document_exists(document: Path) -> None:
    named = set(re.findall(r"`(?:kanbin|\.venv/bin/kanbin) ([a-z]+)", document.read_text()))
    named |= set(re.findall(r"^ {4}(?:\.venv/bin/)?kanbin ([a-z]+)", document.read_text(), re.MULTILINE))
    existing = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    existing |= {group.name for group in app.registered_groups if group.name}
    assert named <= existing, f"not a command: {named - existing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_named_in_a_document_exists(document: Path) -> None:
    named = set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", document.read_text(), re.MULTILINE))
    existing = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= existing, f"no such target: {named - existing}"


def test_every_option_of_every_command_says_what_it_is_for() -> None:
    for command in app.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        shown = CliRunner().invoke(app, [name, "--help"], terminal_width=200)
        assert shown.exit_code == 0
        assert "--help" in shown.output


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert not {page for page in pages if page not in readme}


def test_the_change_log_knows_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{version}]" in changelog or "## [Unreleased]" in changelog
