# SPDX-License-Identifier: Apache-2.0
"""The project speaks of itself alone: no registry's address, no machine's path, no secret in what is committed."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {
    "a package registry's host": re.compile(
        rb"(pypi|pythonhosted|npmjs|registry\.npm|deb\.debian|crates)\.(org|com|io)"
    ),
    "a machine's path": re.compile(rb"(?<![\w.$}])/(work|root|farm|Users)/"),
    "a lock's download address": re.compile(rb'"resolved"\s*:'),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY"),
}


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    return [ROOT / name for name in listed if name and (ROOT / name).is_file() and name != "tests/house/test_speech.py"]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_holds(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode()}"
        for path in committed_files()
        if (match := FORBIDDEN[what].search(path.read_bytes()))
    ]
    assert not found


def test_nothing_of_other_projects_is_committed() -> None:
    """Other people's code comes through pip and npm at set-up."""
    names = [str(path.relative_to(ROOT)) for path in committed_files()]
    assert not [name for name in names if "node_modules/" in name or "/vendor/" in name or name.endswith(".min.js")]
    assert "uv.lock" not in names


def test_nothing_that_is_committed_points_elsewhere() -> None:
    """A link in the place of an ignored folder takes that folder away when it is merged, with all that is in it."""
    listed = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not [line for line in listed.splitlines() if line.startswith("120000")]
