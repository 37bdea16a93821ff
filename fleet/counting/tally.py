# SPDX-License-Identifier: Apache-2.0
"""One bin's counting between two saves: its counter, what the ledger holds for it, and what it was last told."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from fleet.counting.counter import STALE_AFTER_MS, Count, Counter, Reading, Scale
from fleet.counting.median import MedianCounter
from fleet.stock.model import Cause

Make = Callable[[Scale], Counter]
"""Makes a counter that has counted nothing yet."""


class Tally:
    """Feeds a bin's readings to its counter, and begins with a new counter when the scale is another.

    `pieces` is what the ledger holds for the bin, None before the first count.
    """

    def __init__(self, memory: dict[str, Any] | None, pieces: int | None, make: Make = MedianCounter) -> None:
        self.pieces = pieces
        self._make = make
        self._memory = memory or {}
        self._scale: dict[str, Any] | None = self._memory.get("scale")
        self._is_rescaled: bool = self._memory.get("rescaled", False)
        self._trouble: str | None = self._memory.get("trouble")
        self._counter: Counter | None = None
        self._newest: dict[str, Any] = {}

    def count(self, reading: Reading, scale: Scale, taken_at_ms: int | None) -> Count:
        """The count after this reading by this scale. Raises whatever the counter stumbles over."""
        count = self._counter_for(scale).update(reading)
        self._newest = {"taken_at_ms": taken_at_ms, "is_evidence": count.is_evidence}
        self._trouble = None
        return count

    def begin_anew(self, trouble: str) -> bool:
        """Forgets a counter that stumbled, but not the pieces; whether the trouble is another than the last one."""
        is_new = trouble != self._trouble
        self._counter, self._memory, self._scale, self._newest = None, {}, None, {}
        self._is_rescaled, self._trouble = True, trouble
        return is_new

    def change(self, count: Count) -> tuple[int, Cause] | None:
        """How many pieces the count differs from the ledger's, and why; None when there is nothing to book."""
        if not count.is_evidence or count.pieces is None:
            return None
        cause = Cause.RESCALED if self._is_rescaled else Cause.HANDLED
        self._is_rescaled = False
        if self.pieces is None:
            delta, cause = count.pieces, Cause.FIRST
        else:
            delta = count.pieces - self.pieces
        self.pieces = count.pieces
        return (delta, cause) if delta or cause is Cause.FIRST else None

    def memory(self) -> dict[str, Any]:
        """All that is to be kept until the next save, fit for JSON."""
        state = self._memory.get("counter") if self._counter is None else self._counter.state()
        return {
            "scale": self._scale,
            "rescaled": self._is_rescaled,
            "counter": state,
            "newest": self._newest,
            "trouble": self._trouble,
        }

    def _counter_for(self, scale: Scale) -> Counter:
        said = asdict(scale)
        if self._counter is not None and said == self._scale:
            return self._counter
        counter: Counter = self._make(scale)
        if said == self._scale:
            self._is_rescaled |= not _is_restored(counter, self._memory.get("counter"))
        else:
            self._is_rescaled |= self._scale is not None
        self._counter, self._scale = counter, said
        return counter


def read_memory(text: str) -> dict[str, Any]:
    """What `Tally.memory` gave, from its JSON; of what cannot be read, that the next count is by a new counter."""
    try:
        memory = json.loads(text)
        newest = memory["newest"]
        is_ours = isinstance(newest, dict) and isinstance(newest.get("taken_at_ms"), int | None)
    except (ValueError, LookupError, TypeError, RecursionError):
        is_ours = False
    return memory if is_ours else {"rescaled": True, "newest": {}}


def is_in_doubt(memories: list[dict[str, Any] | None], now_ms: int) -> bool:
    """Whether any of a pair's bins lacks a fresh, settled and good count, so that their sum is no evidence."""
    return not all(memory is not None and _is_good(memory["newest"], now_ms) for memory in memories)


def _is_good(newest: dict[str, Any], now_ms: int) -> bool:
    taken_at_ms = newest.get("taken_at_ms")
    return bool(newest.get("is_evidence")) and taken_at_ms is not None and now_ms - taken_at_ms <= STALE_AFTER_MS


def _is_restored(counter: Counter, state: Any) -> bool:
    try:
        counter.restore(state)
    except ValueError:
        return False  # another make of counter remembered: this one begins anew, the ledger keeps the pieces
    return True
