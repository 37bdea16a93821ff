# SPDX-License-Identifier: Apache-2.0
"""`make bench-recount`: a year of many bins counted again, interrupted once; what that took, as Markdown."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fleet.counting.recount_all import cores
from tests.bench.recount.build import build
from tests.bench.recount.page import Store, page
from tests.bench.recount.run import INTERRUPTED, Run, recount
from tools.simulate.trace import CLASSES


def measured(file: Path, counts: int, jobs: int, interrupt_at: float) -> list[Run]:
    """Counts the store again: a run that is interrupted, and one to the end. Raises RuntimeError unless all agree."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    runs = list[Run]()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("counting again", total=counts)
        while not runs or runs[-1].code == INTERRUPTED:
            at = None if runs else interrupt_at
            runs.append(recount(file, jobs, at, lambda counted: bar.update(task, completed=counted)))
    made = sum(run.counted for run in runs)
    if made != counts:
        raise RuntimeError(f"{made} counts were made again, and there are {counts}")
    return runs


def main(
    class_name: Annotated[str, typer.Option("--class", help="of the simulated bins")] = "sleeping-5g",
    bins: Annotated[int, typer.Option(min=1)] = 1000,
    days: Annotated[float, typer.Option(min=1)] = 365.0,
    distinct: Annotated[int, typer.Option(min=1, help="so many bins are simulated; the others are copies")] = 10,
    jobs: Annotated[int | None, typer.Option(min=1, help="bins counted at once; none: as many as cores")] = None,
    interrupt_at: Annotated[float, typer.Option(min=0, max=1, help="share of the counts made by then")] = 0.4,
    folder: Annotated[Path | None, typer.Option(help="where the store is for so long; none: a temporary one")] = None,
    out: Annotated[Path | None, typer.Option(help="a Markdown file to write")] = None,
) -> None:
    """Builds a store of many bins, and has the real command count it again."""
    if class_name not in CLASSES:
        raise typer.BadParameter(f"--class {class_name}: take one of {', '.join(CLASSES)}")
    with tempfile.TemporaryDirectory(prefix="kanbin-recount-", dir=folder) as nowhere:
        file, began_s, jobs = Path(nowhere, "kanbin.sqlite"), time.monotonic(), jobs or cores()
        print(f"building {bins} bins of {days:g} days in {nowhere}", file=sys.stderr)
        counts = build(file, class_name, bins, days, distinct)
        store = Store(
            class_name, bins, days, min(bins, distinct), counts, file.stat().st_size, time.monotonic() - began_s
        )
        text = page(store, jobs, measured(file, counts, jobs, interrupt_at))
    print(text, end="")
    if out:
        out.write_text(text)


if __name__ == "__main__":
    typer.run(main)
