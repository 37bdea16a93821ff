# SPDX-License-Identifier: Apache-2.0
"""What commands share: the fleet's store, or a sentence why it cannot be opened; and moments as people write them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from fleet.bootstrap import unusable
from fleet.db import open_engine, upgrade
from fleet.settings import SettingsError, load_settings

DataDir = Annotated[Path | None, typer.Option(help="Folder for everything the fleet keeps.", show_default=False)]

_errors = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def opened(data_dir: Path | None) -> Iterator[Engine]:
    """The store in a data folder, at the newest revision. What goes wrong ends the command with a sentence."""
    try:
        settings = load_settings(data_dir=data_dir)
    except SettingsError as error:
        stop(str(error))
    file = settings.database_file
    if not file.exists():
        stop(f"{file}: there is no such database; choose its folder: --data-dir or KANBIN_DATA_DIR")
    try:
        upgrade(settings.url)
        engine = open_engine(settings.url)
        try:
            yield engine
        finally:
            engine.dispose()
    except SQLAlchemyError as error:
        stop(unusable(file, error))


def moment_ms(option: str, said: str) -> int:
    """UTC milliseconds of an ISO 8601 moment; without an offset it is UTC. Ends the command when it is none."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        stop(f"{option}: {said!r} is no moment; give one like 2026-11-23T08:15:30Z, or 2026-11-23 for its beginning")
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def stop(sentence: str, code: int = 1) -> NoReturn:
    """Ends the command with what is wrong and what to do."""
    _errors.print(f"kanbin: {sentence}", style="red")
    raise typer.Exit(code)
