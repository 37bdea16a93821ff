# SPDX-License-Identifier: Apache-2.0
"""The thread that keeps the time series: collects points, writes what waits, forgets what is old.

It has a thread of its own because a store that does not answer must not keep readings from being counted.
"""

import logging
import threading
from collections.abc import Mapping

from sqlalchemy import Engine

from fleet.clock import Clock, is_due
from fleet.series.collect import collect_news, collect_state
from fleet.series.model import StoreDownError, TimeSeriesStore
from fleet.series.overview import Told
from fleet.series.relay import relay_batch
from fleet.series.schema import Shelf
from fleet.series.standing import DAY_MS

LOOK_EVERY_S = 1.0
STATE_EVERY_MS = 60_000
ALL_EVERY_MS = 3_600_000
RETENTION_EVERY_MS = 3_600_000
FORGOTTEN_A_TURN = 5_000
BATCHES_A_TURN = 50
TRY_AGAIN_FIRST_S, TRY_AGAIN_MOST_S = 1.0, 10.0

_log = logging.getLogger("kanbin.series")


class SeriesWorker:
    """One thread between the relational store and the store of time series."""

    def __init__(self, engine: Engine, store: TimeSeriesStore, clock: Clock, keep_days: Mapping[Shelf, int]) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._keep_days = keep_days
        self._told = Told(ALL_EVERY_MS)
        self._awake = threading.Event()
        self._stopping = False
        self._trouble: str | None = None
        self._is_down = False
        self._is_prepared = False
        self._wait_s = LOOK_EVERY_S
        self._state_due_ms = self._retention_due_ms = clock.now_ms()
        self._thread = threading.Thread(target=self._run, name="series", daemon=True)

    def start(self) -> None:
        """Begins with whatever a former run left."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the batch in hand; what waits is written when the fleet runs again."""
        self._stopping = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def is_down(self) -> bool:
        """Whether what waits is not being written just now."""
        return self._is_down or self._trouble is not None

    def _run(self) -> None:
        while not self._stopping:
            try:
                has_more = self.turn()
                self._wait_s = 0.0 if has_more else LOOK_EVERY_S
                self._say(None)
            except StoreDownError as error:
                self._wait_s = min(TRY_AGAIN_MOST_S, max(TRY_AGAIN_FIRST_S, self._wait_s * 2))
                self._say(f"the time series wait, trying again: {error}")
            except Exception as error:  # the thread must outlive whatever it meets
                self._wait_s = TRY_AGAIN_MOST_S
                if self._say(f"the time series stand still, trying again: {type(error).__name__}: {error}"):
                    _log.error("", exc_info=True)
            self._awake.wait(self._wait_s)

    def turn(self) -> bool:
        """Collects, writes and forgets, each as it is due; whether there is more to do. Raises StoreDownError."""
        now_ms = self._clock.now_ms()
        if is_due(now_ms, self._state_due_ms, STATE_EVERY_MS):
            self._state_due_ms = now_ms + STATE_EVERY_MS
            collect_state(self._engine, self._told, now_ms)
            now_ms = self._clock.now_ms()  # another moment has points of another name
        has_more = collect_news(self._engine, now_ms) > 0
        has_more = self._relay(now_ms) or has_more
        if is_due(now_ms, self._retention_due_ms, RETENTION_EVERY_MS):
            if self._forget(now_ms):
                return True
            self._retention_due_ms = now_ms + RETENTION_EVERY_MS
        return has_more

    def _relay(self, now_ms: int) -> bool:
        """Writes some of what waits; whether there may be more."""
        try:
            if not self._is_prepared:
                self._store.prepare()
                self._is_prepared = True
            has_more = True
            for _ in range(BATCHES_A_TURN):
                has_more = relay_batch(self._engine, self._store, now_ms, self._keep_days) > 0
                if self._stopping or not has_more:
                    break
        except StoreDownError:
            self._is_down, self._is_prepared = True, False
            raise
        self._is_down = False
        return has_more

    def _forget(self, now_ms: int) -> bool:
        """Deletes what is old where the store does not do so by itself; whether there may be more."""
        limits = {shelf: now_ms - days * DAY_MS for shelf, days in self._keep_days.items()}
        gone = [self._store.forget_before(shelf, before_ms, FORGOTTEN_A_TURN) for shelf, before_ms in limits.items()]
        return FORGOTTEN_A_TURN in gone

    def _say(self, trouble: str | None) -> bool:
        """Says a trouble once, not at every turn that meets it again, and when it is over; whether it is new."""
        is_new = trouble != self._trouble
        if is_new and trouble is not None:
            _log.error("%s", trouble)
        elif is_new:
            _log.info("the time series are written again")
        self._trouble = trouble
        return is_new
