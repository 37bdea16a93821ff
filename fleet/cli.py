# SPDX-License-Identifier: Apache-2.0
"""The command `kanbin`: the only one that puts the fleet together and runs it."""

import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from dashboards.cli import dashboards_app
from fleet.bootstrap import Fleet, StartError, until_told_to_stop, unusable
from fleet.clock import SystemClock
from fleet.commands.bin import bin_app
from fleet.commands.count import count
from fleet.commands.epc import epc
from fleet.commands.recount import recount
from fleet.commands.store import DataDir, stop
from fleet.db import open_engine, upgrade, write
from fleet.seed.load import Change, load
from fleet.seed.model import Seed, SeedError
from fleet.seed.read import read_seed
from fleet.settings import Settings, SettingsError, load_settings
from tools.energy.cli import energy
from tools.simulate.cli import demo, simulate
from tools.technician.cli import compile_program

app = typer.Typer(
    help="Bins that weigh themselves and order in time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a local may be a key
)
app.command()(demo)
app.command()(count)
app.command()(recount)
app.command()(energy)
app.command()(epc)
bin_app.command("compile")(compile_program)
app.add_typer(bin_app, name="bin")
app.add_typer(simulate, name="simulate")
app.add_typer(dashboards_app, name="dashboards")

_errors = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def serve(
    data_dir: DataDir = None,
    coap_host: Annotated[str | None, typer.Option(help="Address on which devices are heard.")] = None,
    coap_port: Annotated[int | None, typer.Option(help="UDP port on which devices are heard.")] = None,
    http_host: Annotated[str | None, typer.Option(help="Address of the page and the API: loopback.")] = None,
    http_port: Annotated[int | None, typer.Option(help="TCP port of the page and the API.")] = None,
) -> None:
    """Run the fleet service until Ctrl-C."""
    settings = _settings(
        data_dir=data_dir, coap_host=coap_host, coap_port=coap_port, http_host=http_host, http_port=http_port
    )
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # its plug-ins introduce themselves at every start
    try:
        uvloop.run(_serve(settings))
    except StartError as error:
        stop(str(error))


@app.command("load")
def load_command(
    seed_file: Annotated[Path, typer.Argument(help="YAML with items, sites, bins, devices and levels.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Load master data from a seed file; loading it again changes nothing."""
    file = _settings(data_dir=data_dir).database_file
    is_new = not file.exists()
    try:
        seed = read_seed(seed_file)
        with TemporaryDirectory() as nowhere:  # where a dry run without a database has one for a moment
            changes = _load(seed, Path(nowhere, "kanbin.sqlite") if dry_run and is_new else file, dry_run)
    except SeedError as error:
        stop(str(error))
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}; choose a folder that can be written: --data-dir or KANBIN_DATA_DIR")
    except SQLAlchemyError as error:
        stop(unusable(file, error))
    for change in changes:
        typer.echo(str(change))
    new = " (a new database)" if is_new else ""
    typer.echo(f"dry run: nothing was changed in {file}{new}" if dry_run else f"into {file}{new}")


def _load(seed: Seed, file: Path, dry_run: bool) -> list[Change]:
    url = f"sqlite:///{file}"
    upgrade(url)
    engine = open_engine(url)
    try:
        with write(engine) as session:
            return load(session, seed, now_ms=SystemClock().now_ms(), dry_run=dry_run)
    finally:
        engine.dispose()


async def _serve(settings: Settings) -> None:
    fleet = Fleet(settings)
    await fleet.start()
    _errors.print(f"Kanbin hears devices on UDP {settings.coap_port}; the page is at {fleet.page_url}")
    try:
        await until_told_to_stop()
    finally:
        await fleet.stop()


def _settings(**given: object) -> Settings:
    try:
        return load_settings(**given)
    except SettingsError as error:
        stop(str(error))


def main() -> None:
    """The console script."""
    app()
