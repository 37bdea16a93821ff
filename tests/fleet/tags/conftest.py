# SPDX-License-Identifier: Apache-2.0
"""The shelf that tests of tags share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.db import open_engine
from fleet.migrations.schema import metadata
from tests.fleet.plant import build
from tests.fleet.tags.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    engine = open_engine("sqlite:///:memory:")
    metadata().create_all(engine)
    build(engine, tmp_path)
    yield Shelf(engine)
    engine.dispose()
