# SPDX-License-Identifier: Apache-2.0
"""Counts many bins again at once, each in one of several processes; what is finished is in the store at once."""

import gc
import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from threading import Thread

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from fleet.counting.recount import COUNTING, Progress, RecountError, recount_some
from fleet.counting.service import LevelsOf
from fleet.db import open_engine

TELL_EVERY_S = 0.25
COUNTS_A_PROCESS = 20_000  # as many are made in the second that another process takes to begin
# Counting makes and drops thousands of small things that refer to nothing in a circle: to look for circles as often as
# is usual takes a quarter of the time.
OBJECTS_BEFORE_GC = 50_000

_log = logging.getLogger("kanbin.counting")


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def recount_all(
    engine: Engine,
    bins: Sequence[Progress],
    jobs: int,
    now_ms: Callable[[], int],
    levels_of: LevelsOf,
    on_counted: Callable[[int], None],
) -> None:
    """Counts these bins again up to their newest counts, so many at once; tells how many counts more were made.

    Few counts are made in this process, as they are with one job.

    An error of one bin ends it, and so does whatever interrupts it: all processes are gone when this returns, and a
    chunk is either kept or not begun. `now_ms` and `levels_of` must be known by name in another process. Raises
    RecountError, with the bin, and SQLAlchemyError.
    """
    bins = [one for one in bins if one.phase == COUNTING]
    left = sum(one.total - one.counted for one in bins)
    jobs = min(jobs, len(bins), 1 + left // COUNTS_A_PROCESS)
    if jobs > 1:
        _recount_in_processes(engine, bins, jobs, now_ms, levels_of, on_counted)
        return
    with _garbage_collected_seldom():
        for one in bins:
            try:
                _recount_bin(engine, one.bin_id, now_ms, levels_of, on_counted)
            except Exception as error:
                raise _of_bin(one.bin, error) from error


@contextmanager
def _garbage_collected_seldom() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_BEFORE_GC, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _recount_bin(
    engine: Engine,
    bin_id: int,
    now_ms: Callable[[], int],
    levels_of: LevelsOf,
    on_counted: Callable[[int], None],
    is_stopped: Callable[[], bool] = lambda: False,
) -> None:
    has_more = True
    while has_more and not is_stopped():
        counted, has_more = recount_some(engine, bin_id, now_ms(), levels_of)
        on_counted(counted)


def _of_bin(bin: str, error: BaseException) -> BaseException:
    """The error to raise for one that came of a bin."""
    if isinstance(error, SQLAlchemyError):
        return error  # of the store, which is everybody's
    if isinstance(error, BrokenProcessPool):
        return RecountError(
            "a process that was counting has been killed; is there enough memory? What was counted is kept: `kanbin "
            "recount` goes on, by fewer processes at once with --jobs"
        )
    if isinstance(error, RecountError):
        return RecountError(f"{bin}: {error}")
    _log.error("bin %s cannot be counted again", bin, exc_info=error)
    return RecountError(f"{bin}: {type(error).__name__}: {error}; what was counted is kept")


@dataclass(frozen=True)
class _Work:
    """What a process is given once; the bins come one by one."""

    url: str
    now_ms: Callable[[], int]
    levels_of: LevelsOf
    counted: "Synchronized[int]"
    stop: Event


def _recount_in_processes(
    engine: Engine,
    bins: Sequence[Progress],
    jobs: int,
    now_ms: Callable[[], int],
    levels_of: LevelsOf,
    on_counted: Callable[[int], None],
) -> None:
    context = get_context("spawn")  # a fork would share the engine's open file
    url = engine.url.render_as_string(hide_password=False)
    work = _Work(url, now_ms, levels_of, context.Value("q", 0), context.Event())
    executor = ProcessPoolExecutor(jobs, context, _begin, (work,))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited: Ctrl-C is this process's alone
    try:
        names = {executor.submit(_recount_next, one.bin_id): one.bin for one in bins}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        _follow(names, work.counted, on_counted)
    finally:
        work.stop.set()
        executor.shutdown(cancel_futures=True)


def _follow(names: dict[Future[None], str], counted: "Synchronized[int]", on_counted: Callable[[int], None]) -> None:
    """Tells how far they are until all are done, or one of them fails."""
    waiting, told = set(names), 0
    while waiting:
        done, waiting = wait(waiting, TELL_EVERY_S, FIRST_COMPLETED)
        by_now = counted.value
        on_counted(by_now - told)
        told = by_now
        for each in done:
            error = each.exception()
            if error is not None:
                raise _of_bin(names[each], error) from error


_work: _Work
_engine: Engine


def _begin(work: _Work) -> None:
    """Once in each process."""
    global _work, _engine
    _work, _engine = work, open_engine(work.url)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Nobody else would tell a process that waits for a bin that none will come."""
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def _recount_next(bin_id: int) -> None:
    """Counts a bin, in such a process."""
    with _garbage_collected_seldom():
        _recount_bin(_engine, bin_id, _work.now_ms, _work.levels_of, _add, _work.stop.is_set)


def _add(counted: int) -> None:
    with _work.counted.get_lock():
        _work.counted.value += counted
