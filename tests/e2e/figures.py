# SPDX-License-Identifier: Apache-2.0
"""What a soak run found, written where the documentation shows it."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
FOLDER = TOP / "docs" / "figures"


def record(name: str, figures: dict[str, Any]) -> None:
    """Write docs/figures/<name>.json with date and commit."""
    commit = _git("rev-parse", "--short", "HEAD")
    if _git("status", "--porcelain", "--", ".", ":!docs/figures"):
        commit += "-dirty"
    FOLDER.mkdir(parents=True, exist_ok=True)
    head = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "commit": commit}
    (FOLDER / f"{name}.json").write_text(json.dumps(head | figures, indent=2) + "\n")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=TOP, capture_output=True, text=True, check=True).stdout.strip()
