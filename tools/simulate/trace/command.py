# SPDX-License-Identifier: Apache-2.0
"""`kanbin simulate trace`: makes a trace, writes it, and says on standard error how far it is."""

import os
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.progress import Progress

from tools.simulate.trace.classes import CLASSES
from tools.simulate.trace.describe import describe
from tools.simulate.trace.make import make_trace
from tools.simulate.trace.write import STANDARD_OUTPUT, reading_lines, truth_lines, write_lines

FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130

_errors = Console(stderr=True, highlight=False, soft_wrap=True)


def run(
    class_name: str | None,
    seed: int,
    days: float,
    out: str,
    truth: str | None,
    scan_refills: bool,
    list_classes: bool,
) -> int:
    """Returns the exit code."""
    if list_classes:
        sys.stdout.writelines(f"{line}\n" for line in describe())
        return 0
    if class_name not in CLASSES:
        said = "is missing" if class_name is None else f"there is no {class_name!r}"
        return _refuse(f"--class: {said}; choose one of {', '.join(CLASSES)}", WRONG_USE)
    if truth is not None and os.path.abspath(truth) == os.path.abspath(out):
        return _refuse(f"--truth: {truth} is where --out goes; name another file", WRONG_USE)
    try:
        return _write(class_name, seed, days, out, truth, scan_refills)
    except KeyboardInterrupt:
        return _refuse("interrupted; files not yet complete were not written", INTERRUPTED)


def _write(class_name: str, seed: int, days: float, out: str, truth: str | None, scan_refills: bool) -> int:
    with Progress(console=_errors, transient=True, disable=not _errors.is_terminal) as progress:
        task = progress.add_task(f"{days:g} days of {class_name}", total=None)
        made = make_trace(class_name, seed, days)
        packs = made.config["packs_per_refill"] if scan_refills else None
        lines = progress.track(reading_lines(made, packs), total=len(made.t_s), task_id=task)
        targets: list[tuple[str, str, Iterable[str]]] = [("--out", out, lines)]
        if truth is not None:
            targets.append(("--truth", truth, truth_lines(made)))
        for option, path, wanted in targets:
            try:
                write_lines(path, wanted)
            except BrokenPipeError:  # who reads us has read enough, as `head` does; typer ends the command quietly
                raise
            except OSError as error:
                return _refuse(f"{option}: {path}: {error.strerror}; name a file that can be written", FAILED)
    if STANDARD_OUTPUT not in (out, truth):
        _errors.print(f"{len(made.t_s):,} readings, {len(made.activities):,} activities")
    return 0


def _refuse(sentence: str, code: int) -> int:
    _errors.print(f"kanbin: {sentence}", style="red", markup=False)
    return code
