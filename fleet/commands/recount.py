# SPDX-License-Identifier: Apache-2.0
"""`kanbin recount`: counts bins again from what is kept; with --apply, by what is in force now."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

from fleet.clock import SystemClock
from fleet.commands.store import DataDir, moment_ms, opened, stop
from fleet.counting import recount as recounting
from fleet.counting.recount import Asked, RecountError
from fleet.counting.recount_all import cores, recount_all
from fleet.counting.rewrite import rewrite_some
from fleet.db import read, write
from fleet.listing import UnknownNameError
from fleet.orders.store import policies

REWRITTEN_AT_ONCE = 200
INTERRUPTED = 130  # what a shell says of a command that Ctrl-C ended


def recount(
    bin: Annotated[list[str] | None, typer.Option(help="A bin; repeat it for several. All, unless said.")] = None,
    since: Annotated[
        str | None, typer.Option(help="The moment to begin at (UTC). As early as kept, unless said.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Count by the calibration and piece weight in force now, and keep that.")
    ] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Drop an unfinished recount first.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Bins counted at once, each on a core. As many as there are cores.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Count bins again; Ctrl-C interrupts it, and `kanbin recount` goes on. The service may run meanwhile."""
    asked = Asked(tuple(bin or ()), None if since is None else moment_ms("--since", since), apply)
    with opened(data_dir) as engine:
        try:
            if anew:
                recounting.drop(engine)
            recounting.begin(engine, asked, SystemClock().now_ms(), policies)
            _run(engine, jobs or cores())
        except (RecountError, UnknownNameError) as error:
            stop(str(error))
        except KeyboardInterrupt:
            stop("interrupted; nothing is lost: `kanbin recount` goes on where it was", INTERRUPTED)
        _report(engine)


def _run(engine: Engine, jobs: int) -> None:
    """Counts all bins, and shows how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with read(engine) as session:
        bins = recounting.progress(session)
    with Progress(*columns, console=Console(stderr=True)) as bar:
        total = sum(one.total for one in bins)
        task = bar.add_task("counting", total=total, completed=sum(one.counted for one in bins))
        recount_all(engine, bins, jobs, SystemClock().now_ms, policies, lambda counted: bar.advance(task, counted))
        bar.update(task, description="putting it in place")
        rewritten = 1
        while rewritten:
            with write(engine) as session:
                rewritten = rewrite_some(session, REWRITTEN_AT_ONCE)


def _report(engine: Engine) -> None:
    """Says what came of it, and closes it."""
    with read(engine) as session:
        bins = recounting.progress(session)
    recounting.drop(engine)
    for one in bins:
        if one.differing:
            typer.echo(f"{one.bin}: {one.differing} of {one.counted} counts came out otherwise")
    counted, same = sum(one.counted for one in bins), sum(not one.differing for one in bins)
    where = "" if same == len(bins) else f" in {same} of them"
    typer.echo(f"{counted} counts of {len(bins)} {'bin' if len(bins) == 1 else 'bins'}: all as they were{where}")
