# SPDX-License-Identifier: Apache-2.0
"""Runs the real `kanbin recount` on a store: interrupts it part-way, runs it again to the end, reads what it did."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.simulate.process import beside_python, clean_environment

LOOK_EVERY_S = 0.02
INTERRUPTED = 130


@dataclass(frozen=True)
class Run:
    """One run of the command: its exit code and last words, how many counts it made, and what that took.

    `cpu_s` is user and system time, that of all its processes together, their start too.
    """

    code: int
    said: str
    counted: int
    wall_s: float
    cpu_s: float
    counted_before: int = 0


def recount(file: Path, jobs: int, interrupt_at: float | None, on_counted: Callable[[int], None]) -> Run:
    """Runs the command; sends it a SIGINT as soon as such a share of all counts is made again, if any.

    Raises RuntimeError when it fails.
    """
    before = progress(file)[0]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs in the background is born deaf to it
    environment = clean_environment(KANBIN_DATABASE_URL=f"sqlite:///{file}")
    command = (beside_python("kanbin"), "recount", "--jobs", str(jobs))
    cpu_before_s, began_s = _children_s(), time.monotonic()
    process = subprocess.Popen(
        command, cwd=file.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        while not _has_ended(process):
            counted, total = progress(file)
            on_counted(max(before, counted))  # it forgets all about it at its end
            if interrupt_at is not None and before < counted >= interrupt_at * total:
                process.send_signal(signal.SIGINT)
                interrupt_at = None
    finally:
        process.kill()
        said = process.communicate()[0].strip()
    wall_s, cpu_s = time.monotonic() - began_s, _children_s() - cpu_before_s
    if process.returncode not in (0, INTERRUPTED):
        raise RuntimeError(f"kanbin recount ended with {process.returncode}: {said}")
    made = _made(said) if process.returncode == 0 else progress(file)[0]
    return Run(process.returncode, said, made - before, wall_s, cpu_s, before)


def progress(file: Path) -> tuple[int, int]:
    """How many counts are made again, and of how many; none while nothing is counted."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        row = connection.execute("SELECT total(counted), total(total) FROM recounts").fetchone()
    connection.close()
    return int(row[0]), int(row[1])


def _made(said: str) -> int:
    """What the command says at its end: all of them, and all as they were. Raises RuntimeError for anything else."""
    all_the_same = re.search(r"^(\d+) counts of \d+ bins?: all as they were$", said, re.MULTILINE)
    if all_the_same is None:
        raise RuntimeError(f"counts came out otherwise: {said}")
    return int(all_the_same[1])


def _has_ended(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(LOOK_EVERY_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _children_s() -> float:
    """CPU time of the children that have ended, and of theirs."""
    times = os.times()
    return times.children_user + times.children_system
