# SPDX-License-Identifier: Apache-2.0
"""Files and functions stay small enough to read in one go: one noun or one verb a file."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
SOURCES = sorted(
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if (ROOT / name).exists()
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_go(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= FILE_LINES_MAX, f"{lines} lines: find the second noun in it and give it a file of its own"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {node.name: n for node in functions if (n := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX}
    assert not long, f"longer than {FUNCTION_LINES_MAX} lines: {long}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_file_states_its_licence_and_its_purpose(path: Path) -> None:
    text = path.read_text()
    if not text.strip():
        return
    assert text.startswith("# SPDX-License-Identifier: Apache-2.0\n"), "the first line names the licence"
    assert ast.get_docstring(ast.parse(text)), "the module's docstring says what the file is for"


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "base", "manager", "misc"])
def test_no_file_is_named_after_nothing(name: str) -> None:
    assert not [path for path in SOURCES if path.stem == name], "say what it is about instead"
