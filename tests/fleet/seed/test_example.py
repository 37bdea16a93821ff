# SPDX-License-Identifier: Apache-2.0
"""The seed file that the storekeeper's page shows."""

import shutil
from pathlib import Path

import yaml

from fleet.db import open_engine, write
from fleet.seed.load import load, read_seed
from tests.fleet.migrated import migrated
from tests.fleet.plant import NOW_MS

DOCS = Path(__file__).parents[3] / "docs"


def test_the_example_of_the_storekeepers_page_can_be_loaded(tmp_path: Path) -> None:
    shutil.copy(DOCS / "examples" / "seed.yaml", tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "bin-01").write_text("0f" * 16)
    engine = open_engine(migrated(tmp_path / "fleet.db"))
    with write(engine) as session:
        changes = load(session, read_seed(tmp_path / "seed.yaml"), now_ms=NOW_MS)
    engine.dispose()
    assert {change.outcome for change in changes} == {"created"}
    assert changes[-1].what == "policy screw-m4x12 at line-1"


def test_the_page_shows_the_very_file() -> None:
    shown = (DOCS / "storekeeper.md").read_text().split("```yaml\n")[1].split("```")[0]
    assert yaml.safe_load(shown) == yaml.safe_load((DOCS / "examples" / "seed.yaml").read_text())
