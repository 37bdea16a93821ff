# SPDX-License-Identifier: Apache-2.0
"""The schema that migrations make is the schema the code declares."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from fleet import migrations
from fleet.db import open_engine, upgrade
from fleet.migrations.schema import metadata

VERSIONS = Path(migrations.__file__).parent / "versions"
NEWEST = max(path.name for path in VERSIONS.glob("[0-9]*.py"))[:4]


def _definitions(engine: Engine) -> dict[str, list[str]]:
    """Each table's and index's definition, its parts sorted: their order, layout and quotes have no meaning."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {name: _parts(sql) for name, sql in rows if name not in ("alembic_version", "sqlite_sequence")}


def _parts(sql: str) -> list[str]:
    """What stands between the outermost parentheses, at their commas, and what stands around them."""
    before, _, rest = " ".join(sql.replace('"', "").split()).partition("(")
    inside, _, after = rest.rpartition(")")
    parts, depth = [""], 0
    for character in inside:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [before, *sorted(part.strip() for part in parts), after]


def test_the_migrated_schema_is_the_declared_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/migrated.sqlite"
    upgrade(url)
    migrated = open_engine(url)
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata()) == []
    migrated.dispose()


def test_they_agree_in_every_constraint_too(tmp_path: Path) -> None:
    """Alembic's comparison does not look at CHECK constraints; the text of the definitions shows them."""
    upgrade(f"sqlite:///{tmp_path}/migrated.sqlite")
    migrated, declared = (
        open_engine(f"sqlite:///{tmp_path}/migrated.sqlite"),
        open_engine(f"sqlite:///{tmp_path}/d.sqlite"),
    )
    metadata().create_all(declared)
    assert _definitions(migrated) == _definitions(declared)
    migrated.dispose()
    declared.dispose()


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/twice.sqlite"
    upgrade(url)
    upgrade(url)
    engine = open_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [NEWEST]
    engine.dispose()
