# SPDX-License-Identifier: Apache-2.0
"""The technician's commands."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NoReturn

import typer

from tools.technician.compile import CompileError, compile_to
from tools.technician.program import BOARDS, OTHERS_OF, STARTERS, program

WRONG_USE = 2


def compile_program(
    folder: Annotated[Path, typer.Argument(help="Where the files go: a new folder, or an empty one.")],
    board: Annotated[str, typer.Option(help=f"Board: {', '.join(BOARDS)}.")] = "esp32_wroom",
    app: Annotated[str, typer.Option(help=f"What the device is: {', '.join(OTHERS_OF)}.")] = "weigh_bin",
) -> None:
    """Compile what a device needs of the firmware, to be copied onto a board with a stock image."""
    try:
        if folder.exists() and any(folder.iterdir()):
            _stop(f"{folder}: is not empty, and a board runs whatever lies on it; name a new folder", WRONG_USE)
        sources = program(app, board)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as nearby:
            made = Path(nearby, "made")  # whole before it is there: Ctrl-C leaves nothing
            with typer.progressbar(compile_to(made, sources, STARTERS), len(sources), "compiling") as written:
                total = sum(file.stat().st_size for file in written)
            made.replace(folder)
    except ValueError as error:
        _stop(str(error), WRONG_USE)
    except CompileError as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"{error.filename}: {error.strerror}; run this in a checkout, and choose a folder that can be written")
    typer.echo(f"{len(sources)} files, {total / 1000:.1f} KB for a {app} on an {board}, in {folder}")


def _stop(why: str, code: int = 1) -> NoReturn:
    typer.secho(f"kanbin: {why}", fg="red", err=True)
    raise typer.Exit(code)
