# SPDX-License-Identifier: Apache-2.0
"""Documents that fail the build when they are false: links, versions, and the commands they tell people to run."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import Typer
from typer.main import get_command
from typer.testing import CliRunner

from fleet.cli import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("hardware/*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", document.read_text())
    local = [target for target in targets if "://" not in target]
    assert not [target for target in local if not (document.parent / target).exists()]


def commands_of(typer_app: Typer, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command as it is typed, group and name: ("serve",), ("bin", "check")."""
    for command in typer_app.registered_commands:
        assert command.callback
        yield (*before, command.name or command.callback.__name__.replace("_", "-"))
    for group in typer_app.registered_groups:
        assert group.typer_instance
        assert group.name
        yield from commands_of(group.typer_instance, (*before, group.name))


COMMANDS = list(commands_of(app))
GROUPS = {command[0] for command in COMMANDS if len(command) > 1}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_named_in_a_document_exists(document: Path) -> None:
    kanbin = r"(?:`|^ {4})(?:\.venv/bin/)?kanbin ([a-z-]+)(?: ([a-z-]+)(?![a-z./-]))?"
    said = re.findall(kanbin, document.read_text(), re.MULTILINE)
    named = {(first, second) if first in GROUPS else (first,) for first, second in said}
    unknown = named - set(COMMANDS) - {(group, "") for group in GROUPS}
    assert not unknown, f"not a command: {unknown}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_named_in_a_document_exists(document: Path) -> None:
    named = set(re.findall(r"(?:`|^ {4})make ([a-z][a-z-]*)", document.read_text(), re.MULTILINE))
    existing = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= existing, f"no such target: {named - existing}"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_option_of_every_command_says_what_it_is_for(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"], terminal_width=200)
    assert shown.exit_code == 0
    found = get_command(app)
    for name in command:
        found = found.commands[name]  # type: ignore[attr-defined]
    assert found.help
    assert not [parameter.name for parameter in found.params if not getattr(parameter, "help", None)]


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert not {page for page in pages if page not in readme}


def test_the_change_log_knows_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{version}]" in changelog or "## [Unreleased]" in changelog
