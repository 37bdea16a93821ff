# SPDX-License-Identifier: Apache-2.0
"""What tests of the fleet's rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fleet.db import open_engine
from tests.fleet.migrated import migrated
from tests.fleet.plant import build


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Engine]:
    """A migrated database on disk with the small plant loaded."""
    engine = open_engine(migrated(tmp_path / "fleet.db"))
    build(engine, tmp_path)
    yield engine
    engine.dispose()
