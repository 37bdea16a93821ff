# SPDX-License-Identifier: Apache-2.0
"""`kanbin demo`: the command line of the demonstration."""

from pathlib import Path
from typing import Annotated

import typer

from tools.simulate.until import ALLOWED


def demo(
    bins: Annotated[int, typer.Option(min=1, max=50, help="How many virtual bins.")] = 5,
    speed: Annotated[int, typer.Option(min=1, max=200, help="How many times faster than life.")] = 20,
    until: Annotated[str | None, typer.Option(help=f"End by itself: {ALLOWED}. Default: on Ctrl-C.")] = None,
    json_summary: Annotated[
        bool, typer.Option("--json", help="A summary in JSON as the last line: what was sent, stored and lost.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="Folder to keep everything in, still empty. Default: a temporary one.")
    ] = None,
    http_port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port of the page.")] = 8080,
    coap_port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port of the fleet.")] = 5683,
    seed: Annotated[int, typer.Option(help="The same seed gives the same story.")] = 1,
) -> None:
    """Show the whole circle: virtual bins report, the fleet counts and orders, a vendor refills."""
    from tools.simulate.demo import run  # late, so that other commands do not need the extra `demo`

    raise typer.Exit(run(bins, speed, until, json_summary, data, http_port, coap_port, seed))
