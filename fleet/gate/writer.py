# SPDX-License-Identifier: Apache-2.0
"""The one thread that writes what the gate takes in: many small jobs, one durable transaction for all that wait.

Group commit is adaptive: while one transaction is on its way to the disk the next jobs gather, so that a single
message is committed at once and a crowd shares its fsync.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from fleet import db

T = TypeVar("T")
Job = Callable[[Session], T]

BATCH_WEIGHT_MAX = 1_000
QUEUE_WEIGHT_MAX = 20_000

_log = logging.getLogger(__name__)


class StoreUnavailableError(Exception):
    """Nothing can be stored just now: the queue is full, or the database does not take it."""


@dataclass(slots=True)
class _Waiting:
    job: Job[Any]
    weight: int
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = None


class Writer:
    """Runs jobs in durable transactions on one thread; a job's future is resolved after its commit, never before.

    A job gets the session, must be repeatable (it runs again alone when its batch fails), and weighs about as much
    as it writes rows. `on_committed` is called on the writer's thread after every commit and must return at once.
    """

    def __init__(
        self, engine: Engine, on_committed: Callable[[], None], queue_weight_max: int = QUEUE_WEIGHT_MAX
    ) -> None:
        self._engine = engine
        self._on_committed = on_committed
        self._queue_weight_max = queue_weight_max
        self._queue: deque[_Waiting] = deque()
        self._queued_weight = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="kanbin-gate-writer", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Takes no more jobs, commits those that wait, and returns when the thread has ended (may take a moment)."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def submit(self, job: Job[T], weight: int = 1) -> asyncio.Future[T]:
        """Queues `job`; the future (of the running loop) gives what it returned or raised, after the commit.

        StoreUnavailableError, at once when the queue is full, by the future when the database fails.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(job, weight, loop, loop.create_future())
        with self._changed:
            if self._stopping or self._queued_weight + weight > self._queue_weight_max:
                raise StoreUnavailableError("the queue is full" if not self._stopping else "stopping")
            self._queue.append(waiting)
            self._queued_weight += weight
            self._changed.notify()
        return waiting.done

    def _run(self) -> None:
        while batch := self._take():
            self._commit(batch)

    def _take(self) -> list[_Waiting]:
        """Everything that waits, up to BATCH_WEIGHT_MAX; waits for the first; empty when stopping and all is done."""
        with self._changed:
            while not self._queue and not self._stopping:
                self._changed.wait()
            batch: list[_Waiting] = []
            weight = 0
            while self._queue and (not batch or weight + self._queue[0].weight <= BATCH_WEIGHT_MAX):
                batch.append(self._queue.popleft())
                weight += batch[-1].weight
            self._queued_weight -= weight
            return batch

    def _commit(self, batch: list[_Waiting]) -> None:
        """One transaction for all; when one of them spoils it, one transaction each, so that only that one fails."""
        try:
            with db.write(self._engine) as session:
                for waiting in batch:
                    waiting.result = waiting.job(session)
        except (OperationalError, InterfaceError) as error:  # the store's fault: trying one by one would not help
            _log.error("the store takes nothing: %s", error.orig)
            self._resolve(batch, StoreUnavailableError("the database failed"))
        except Exception as error:
            if len(batch) == 1:
                self._resolve(batch, error)
            else:
                for waiting in batch:
                    self._commit([waiting])
        else:
            self._resolve(batch, None)
            self._tell_committed()

    def _resolve(self, batch: list[_Waiting], error: Exception | None) -> None:
        for loop in {waiting.loop for waiting in batch}:
            own = [waiting for waiting in batch if waiting.loop is loop]
            try:
                loop.call_soon_threadsafe(_set_results, own, error)
            except RuntimeError:  # the loop was closed meanwhile: nobody waits any more
                _log.debug("nobody waits for %d jobs any more", len(own))

    def _tell_committed(self) -> None:
        try:
            self._on_committed()
        except Exception:
            _log.exception("on_committed failed")


def _set_results(batch: list[_Waiting], error: Exception | None) -> None:
    for waiting in batch:
        if waiting.done.done():  # cancelled: whoever asked has gone
            continue
        if error is None:
            waiting.done.set_result(waiting.result)
        else:
            waiting.done.set_exception(error)
