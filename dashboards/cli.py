# SPDX-License-Identifier: Apache-2.0
"""`kanbin dashboards`: the command line of the boards."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

EXTRA_PARTS = ("grafana_foundation_sdk", "httpx")

dashboards_app = typer.Typer(help="Grafana boards and alert rules: write them, or push them.", no_args_is_help=True)
_errors = Console(stderr=True, highlight=False, soft_wrap=True)


@dashboards_app.command()
def build(
    out: Annotated[Path | None, typer.Option(help="Folder to write to. Default: grafana, beside the sources.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 if a file differs.")] = False,
) -> None:
    """Write the boards and the provisioning files that Grafana loads."""
    folder = out or Path(__file__).parent / "grafana"
    try:
        from dashboards import output  # late, so that other commands do not need the extra `grafana`

        if check:
            found = output.differences(folder)
            for line in found:
                typer.echo(line)
            raise typer.Exit(1 if found else 0)
        for path in output.write(folder):
            typer.echo(path)
    except ModuleNotFoundError as error:
        _explain(error)
    except OSError as error:
        _stop(f"{error.filename}: {error.strerror}; choose a folder that can be written: --out")


@dashboards_app.command()
def push(
    url: Annotated[str, typer.Option(help="Where Grafana is: http://127.0.0.1:3000.")],
    token: Annotated[
        str, typer.Option(envvar="GRAFANA_TOKEN", help="Token of a service account.", show_default=False)
    ] = "",
) -> None:
    """Put folders, boards and alert rules into a running Grafana, in place of what it has of them."""
    if not token:
        _stop("no token: make a service account in Grafana, and give its token: --token or GRAFANA_TOKEN")
    try:
        from dashboards.push import PushError, push_all  # late, as above
    except ModuleNotFoundError as error:
        _explain(error)
    try:
        for line in push_all(url, token):
            typer.echo(line)
    except PushError as error:
        _stop(str(error))


def _explain(error: ModuleNotFoundError) -> NoReturn:
    part = (error.name or "").split(".")[0]
    if part not in EXTRA_PARTS:
        raise error
    _stop(f"{part} is not installed; it comes with the extra `grafana`: pip install 'kanbin[grafana]'")


def _stop(sentence: str) -> NoReturn:
    _errors.print(f"kanbin: {sentence}", style="red", markup=False)
    raise typer.Exit(1)
