# SPDX-License-Identifier: Apache-2.0
"""Clocks for processes that count: each asks one before it begins a chunk, so a clock can hold it up, or end it."""

import os
import signal
from fcntl import LOCK_SH, flock
from multiprocessing.synchronize import Semaphore
from pathlib import Path

from tests.fleet.plant import NOW_MS

LATER_MS = NOW_MS + 10**9


def clock() -> int:
    """Holds nobody up."""
    return LATER_MS


def killer() -> int:
    """Ends the process as nothing can be done against."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


class Turnstile:
    """Lets so many chunks through as the semaphore says."""

    def __init__(self, semaphore: Semaphore) -> None:
        self._semaphore = semaphore

    def __call__(self) -> int:
        """Waits for its turn."""
        assert self._semaphore.acquire(timeout=60)
        return LATER_MS


class Barrier:
    """Says which process is here, and lets it through when nobody locks the file any more."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> int:
        """Waits for that."""
        print(os.getpid(), flush=True)
        with self._file.open() as file:
            flock(file, LOCK_SH)
        return LATER_MS
