# SPDX-License-Identifier: Apache-2.0
"""A database of the newest schema for each test, migrated once in each process and copied."""

import tempfile
from functools import cache
from pathlib import Path

from fleet.db import upgrade


def migrated(file: Path) -> str:
    """Puts an empty one there; returns its address."""
    file.touch(mode=0o600)
    file.write_bytes(_empty())
    return f"sqlite:///{file}"


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory(prefix="kanbin-migrated-") as folder:
        file = Path(folder) / "fleet.db"
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()
