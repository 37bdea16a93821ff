# SPDX-License-Identifier: Apache-2.0
"""The virtual board with the app on it, which tests power and listen to."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.started_app import MICROPYTHON, TOP, Start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Powers a board with these settings (a text is the file as it is), running that script; the board is powered off
    at the end.

    The program lies beside the script, or in the `image`.
    """
    boards: list[subprocess.Popen[str]] = []

    def power_on(
        settings: dict[str, object] | str, script: str | Path = "firmware/main.py", image: Path | None = None
    ) -> subprocess.Popen[str]:
        (tmp_path / "kanbin.json").write_text(settings if isinstance(settings, str) else json.dumps(settings))
        folders = [tmp_path / "first", TOP / "tools/simulate/board", *([] if image else [TOP / "firmware"])]
        boards.append(
            subprocess.Popen(
                [image or MICROPYTHON, TOP / script],
                cwd=tmp_path,
                env={**os.environ, "MICROPYPATH": ":".join(map(str, [*folders, ".frozen"])), "KANBIN_SPEED": "200"},
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return boards[-1]

    yield power_on
    for board in boards:
        board.kill()
        board.communicate()
