# SPDX-License-Identifier: Apache-2.0
"""`make bench-counting`: counters side by side over simulated years, as Markdown. Figures, never a pass or a fail."""

import json
import platform
import signal
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.bench.commit import commit
from tests.bench.counting.bins import Outcome, Task, count_bin
from tests.bench.counting.counters import NAMES, OURS
from tests.bench.counting.table import Table
from tools.simulate.trace import CLASSES

INTERRUPTED = 130  # what a shell says of a program that was ended by Ctrl-C


def seeds_of(text: str) -> list[int]:
    """`1-3,7` is 1, 2, 3 and 7. Raises ValueError for anything else."""
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        some = range(int(first), int(last if dash else first) + 1)
        if not some:
            raise ValueError(f"there is none from {part}")
        seeds += some
    return seeds


def count_bins(tasks: list[Task], jobs: int, lines: TextIO | None) -> tuple[list[Outcome], bool]:
    """The outcomes of all bins, and whether they are all; Ctrl-C ends the work and leaves those that are complete."""
    console, outcomes = Console(stderr=True), list[Outcome]()
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    pool = get_context("spawn").Pool(jobs, signal.signal, (signal.SIGINT, signal.SIG_IGN))
    with pool, Progress(*columns, console=console) as progress:
        bar = progress.add_task("bins", total=len(tasks))
        try:
            for done in pool.imap_unordered(count_bin, tasks):
                outcomes += done
                progress.update(bar, advance=1, description=f"{done[0].class_name} {done[0].seed}")
                for outcome in done:
                    if outcome.failure:
                        progress.console.print(
                            f"{outcome.class_name} {outcome.seed} {outcome.counter}: {outcome.failure}", markup=False
                        )
                    if lines:
                        print(json.dumps(outcome.as_json(), allow_nan=False), file=lines, flush=True)
        except KeyboardInterrupt:
            return outcomes, False
    return outcomes, True


def report(outcomes: list[Outcome], seeds: str, days: float, counters: list[str]) -> str:
    """The page to be committed."""
    classes = dict.fromkeys(outcome.class_name for outcome in outcomes)
    return "\n".join(
        (
            "# Counting, measured",
            f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}, seeds {seeds}, {days:g} simulated days a bin, "
            f"Python {platform.python_version()}. Written by `make bench-counting`.",
            "",
            "Means over the bins of a class; shares are of clean time, in which nobody has a hand in the bin. **Bold**:"
            " ours misses the goal. *perfect* is told the truth at each reading and nothing in between: no counter of "
            "these readings can do better.",
            "",
            Table(outcomes, counters).markdown() if classes else "No bin was completed.\n",
        )
    )


def main(
    class_names: Annotated[list[str] | None, typer.Option("--class", help="again for more; none: all classes")] = None,
    seeds: Annotated[str, typer.Option(help="like 1-5 or 1,3; develop on 1 to 50, report 101 and up")] = "101-110",
    days: Annotated[float, typer.Option(min=1)] = 365.0,
    jobs: Annotated[int, typer.Option(min=1, help="bins counted at once")] = 2,
    counters: Annotated[str, typer.Option(help=f"some of {','.join(NAMES)}")] = "naive,median,ours,perfect",
    ours: Annotated[str, typer.Option(help="module:Class of the counter called ours")] = OURS,
    out: Annotated[Path | None, typer.Option(help="a Markdown file to write")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="a file for one JSON line a bin and counter")] = None,
) -> None:
    """Runs counters side by side over seeded bins and prints how exact they were."""
    chosen, names = class_names or list(CLASSES), counters.split(",")
    try:
        numbers = seeds_of(seeds)
    except ValueError as error:
        raise typer.BadParameter(f"--seeds {seeds}: {error}; give 1-5 or 1,3") from None
    if unknown := [name for name in chosen if name not in CLASSES]:
        raise typer.BadParameter(f"--class {unknown[0]}: take one of {', '.join(CLASSES)}")
    if unknown := [name for name in names if name not in NAMES]:
        raise typer.BadParameter(f"--counters {unknown[0]}: take some of {', '.join(NAMES)}")
    if "ours" in names:
        import_module(ours.partition(":")[0])  # better now than in every worker
    tasks = [Task(name, seed, days, tuple(names), ours) for seed in numbers for name in chosen]
    with ExitStack() as stack:
        lines = stack.enter_context(json_file.open("w")) if json_file else None
        outcomes, is_complete = count_bins(tasks, jobs, lines)
    page = report(outcomes, seeds if is_complete else f"{seeds} (interrupted)", days, names)
    print(page, end="")
    if out:
        out.write_text(page)
    if not is_complete:
        sys.exit(INTERRUPTED)
    if any(outcome.failure for outcome in outcomes):
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
