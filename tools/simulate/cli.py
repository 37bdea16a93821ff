# SPDX-License-Identifier: Apache-2.0
"""`kanbin demo` and `kanbin simulate`: the command lines of what is simulated."""

from pathlib import Path
from typing import Annotated

import typer

from tools.simulate.until import ALLOWED

simulate = typer.Typer(help="Make recordings of bins that do not exist.", no_args_is_help=True)


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
    shelf: Annotated[bool, typer.Option(help="One more device, with eight bins.")] = True,
    reader: Annotated[bool, typer.Option(help="A reader, before which packages with tags come and go.")] = True,
    influx: Annotated[
        str | None, typer.Option(help="Address of an InfluxDB to fill, for Grafana. Default: a file.")
    ] = None,
) -> None:
    """Show the whole circle: virtual bins report, the fleet counts and orders, a vendor refills."""
    from tools.simulate.demo import run  # late, so that other commands do not need the extra `demo`

    raise typer.Exit(run(bins, speed, until, json_summary, data, http_port, coap_port, seed, influx, shelf, reader))


@simulate.command()
def trace(
    class_name: Annotated[
        str | None, typer.Option("--class", help="What kind of bin; --list shows all.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trace.")] = 1,
    days: Annotated[float, typer.Option(min=0.1, max=3660, help="How long.")] = 365,
    out: Annotated[
        str, typer.Option(help="File for the readings, as `kanbin count` takes them; - is the output.")
    ] = "-",
    truth: Annotated[
        str | None, typer.Option(help="File for what really happened, with the true counts; - is the output.")
    ] = None,
    scan_refills: Annotated[bool, typer.Option("--scan-refills", help="Somebody scans each refill.")] = False,
    list_classes: Annotated[bool, typer.Option("--list", help="Show the classes with their parameters.")] = False,
) -> None:
    """Write what a bin on a load cell sends in a year, made from physics and a seed, with the truth beside it."""
    from tools.simulate.trace.command import run  # late, so that other commands do not wait for numpy

    raise typer.Exit(run(class_name, seed, days, out, truth, scan_refills, list_classes))
