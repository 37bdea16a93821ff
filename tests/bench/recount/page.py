# SPDX-License-Identifier: Apache-2.0
"""What was measured, as Markdown."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.bench.commit import commit
from tests.bench.recount.run import INTERRUPTED, Run


@dataclass(frozen=True)
class Store:
    """What was counted again, and how big its file is."""

    class_name: str
    bins: int
    days: float
    distinct: int
    counts: int
    size_bytes: int
    build_s: float


def page(store: Store, jobs: int, runs: Sequence[Run]) -> str:
    """The page to be committed."""
    return "\n".join(
        (
            "# Counting again, measured",
            f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}, Python {platform.python_version()}. Written by "
            "`make bench-recount`.",
            "",
            f"{store.bins:,} bins {store.class_name}, {store.days:g} days of readings each: {store.counts:,} counts, a "
            f"SQLite file of {store.size_bytes / 1e9:.2f} GB, built in {store.build_s:,.0f} s. {store.distinct} bins "
            "were simulated and counted live, all others are copies of them, side by side in the log. "
            f"`kanbin recount --jobs {jobs}` counted all of it again and compared each count with the stored one.",
            "",
            "| run | from | to | counts | seconds | CPU seconds | counts a second | counts a CPU second |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
            *(_row(store, number, run) for number, run in enumerate(runs, 1)),
            "",
            "A CPU second is one of one core: everything is in it, the start of the processes, SQL, the comparison.",
            f"Differing counts: 0 of {store.counts:,}.",
            "",
        )
    )


def _row(store: Store, number: int, run: Run) -> str:
    how = "interrupted by Ctrl-C" if run.code == INTERRUPTED else "to the end"
    to = run.counted_before + run.counted
    shares = (f"{counted / store.counts:.1%}" for counted in (run.counted_before, to))
    figures = (run.counted, run.wall_s, run.cpu_s, run.counted / run.wall_s, run.counted / run.cpu_s)
    return f"| {number}, {how} | {' | '.join((*shares, *(f'{figure:,.0f}' for figure in figures)))} |"
