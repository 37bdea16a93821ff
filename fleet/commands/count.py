# SPDX-License-Identifier: Apache-2.0
"""`kanbin count`: any recorded trace counted, line by line."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fleet.commands.lines import comes_within, read_lines
from fleet.counting.counter import BinSetup, Counter
from fleet.counting.recording import LINE_BYTES_MAX, LineError, Recording
from fleet.counting.tally import COUNTER

WAIT_AFTER_END_S = 1.0  # for another bin, where the stream stays open after a line that says end
MISTAKEN = 2
INTERRUPTED = 130  # as a shell has it: 128 and the signal's number
READER_GONE = 141


def count(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="Lines of JSON. Default: standard input.", show_default=False),
    ] = None,
    progress: Annotated[bool, typer.Option("--progress", help="Show on stderr how far it is; needs a FILE.")] = False,
) -> None:
    """Count a recorded trace: lines of JSON in, a line for each reading out. Exit code 2: some lines were wrong."""
    if progress and file is None:
        raise typer.BadParameter("needs a FILE, whose length is known", param_hint="--progress")
    try:
        with ExitStack() as stack:
            stream = stack.enter_context(file.open("rb")) if file else cast(BufferedReader, sys.stdin.buffer)
            advance = stack.enter_context(_bar(file)) if progress and file else _no_bar
            is_good = _count(stream, advance)
            sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit(_hush(INTERRUPTED)) from None
    except BrokenPipeError:
        raise typer.Exit(_hush(READER_GONE)) from None
    except OSError as error:
        _hush(1)
        typer.echo(f"kanbin: {error.strerror}; give a FILE that can be read, and room for the answers", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if is_good else MISTAKEN)


def _count(stream: BufferedReader, advance: Callable[[int], None]) -> bool:
    """Whether all lines were good."""
    recording = Recording(_make_counter)
    is_good = True

    def before_waiting(size: int) -> bool:
        sys.stdout.flush()
        advance(size)
        return not recording.is_ended or comes_within(stream, WAIT_AFTER_END_S)

    for number, line in enumerate(read_lines(stream, LINE_BYTES_MAX, before_waiting), start=1):
        try:
            answer = recording.answer(line)
        except LineError as error:
            is_good = False
            sys.stderr.write(json.dumps({"error": str(error), "line": number}, separators=(",", ":")) + "\n")
        else:
            if answer is not None:
                sys.stdout.write(answer + "\n")
    return is_good


def _make_counter(setup: BinSetup) -> Counter:
    return COUNTER(setup)


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[int], None]]:
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as shown:
        task = shown.add_task(file.name, total=file.stat().st_size)
        yield lambda size: shown.advance(task, size)


def _no_bar(size: int) -> None:
    """Nobody wants to see it."""


def _hush(code: int) -> int:
    """Writes what can still be written; that it cannot be is no news any more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
