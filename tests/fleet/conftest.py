# SPDX-License-Identifier: Apache-2.0
"""What tests of the fleet's rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fleet.db import open_engine, upgrade
from tests.fleet.plant import build


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Engine]:
    """A migrated database on disk with the small plant loaded."""
    url = f"sqlite:///{tmp_path}/fleet.db"
    upgrade(url)
    engine = open_engine(url)
    build(engine, tmp_path)
    yield engine
    engine.dispose()
