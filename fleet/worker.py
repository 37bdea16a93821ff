# SPDX-License-Identifier: Apache-2.0
"""What happens to readings once they are safe: counted, booked and, where a level is reached, ordered.

Counting, ledger, order and the counter's place in the log move in one transaction, so a crash at any instant leaves
each reading either not counted yet or counted once. Sending orders comes after, from the order outbox.
"""

import logging
import threading
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from fleet.clock import Clock
from fleet.counting.service import count_new_readings
from fleet.counting.store import cursor
from fleet.db import write
from fleet.orders.relay import relay_outbox
from fleet.orders.service import replenish
from fleet.readings.service import forget_old
from fleet.stock.service import close_ledger

READINGS_A_STEP = 200  # a transaction stays short, so that acks do not wait long for the one write lock
IDLE_WAKE_S = 5.0  # looks by itself this often: orders that could not be sent are tried again
RETENTION_EVERY_MS = 3_600_000
READINGS_FORGOTTEN_A_STEP = 1_000
LEDGER_KEEP_DAYS = 730  # older movements are folded into one opening movement an item and location
_DAY_MS = 86_400_000

_log = logging.getLogger("kanbin.worker")


class Worker:
    """One thread that carries new readings down to orders. `wake` it whenever readings were committed."""

    def __init__(self, engine: Engine, clock: Clock, orders_folder: Path, readings_keep_days: int) -> None:
        self._engine = engine
        self._clock = clock
        self._orders_folder = orders_folder
        self._readings_keep_days = readings_keep_days
        self._awake = threading.Event()
        self._stopping = False
        self._retention_due_ms = clock.now_ms()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begins with whatever a former run left uncounted or unsent."""
        self._awake.set()
        self._thread.start()

    def wake(self) -> None:
        """Says that there are new readings; may be called from any thread."""
        self._awake.set()

    def stop(self) -> None:
        """Ends after the transaction in hand."""
        self._stopping = True
        self._awake.set()
        self._thread.join()

    def step(self) -> int:
        """Counts at most READINGS_A_STEP readings and fires the orders they call for; returns how many it counted."""
        now_ms = self._clock.now_ms()
        with write(self._engine) as session:
            changed, counted = count_new_readings(session, now_ms, READINGS_A_STEP)
            for order_no in replenish(session, changed, now_ms):
                _log.info("order %s is due", order_no)
        return counted

    def _run(self) -> None:
        while not self._stopping:
            self._awake.wait(IDLE_WAKE_S)
            self._awake.clear()
            try:
                while not self._stopping and self.step():
                    pass
                relay_outbox(self._engine, self._orders_folder, self._clock.now_ms())
                self._forget_when_due()
            except (SQLAlchemyError, OSError) as error:
                _log.error("the store or the orders folder fails, trying again in %d s: %s", IDLE_WAKE_S, error)

    def _forget_when_due(self) -> None:
        now_ms = self._clock.now_ms()
        if now_ms < self._retention_due_ms:
            return
        self._retention_due_ms = now_ms + RETENTION_EVERY_MS
        before_ms = now_ms - self._readings_keep_days * _DAY_MS
        forgotten = READINGS_FORGOTTEN_A_STEP
        while forgotten == READINGS_FORGOTTEN_A_STEP and not self._stopping:
            with write(self._engine) as session:
                counted_up_to_id = cursor(session).last_reading_id
                forgotten = forget_old(session, before_ms, counted_up_to_id, READINGS_FORGOTTEN_A_STEP)
        with write(self._engine) as session:
            close_ledger(session, now_ms - LEDGER_KEEP_DAYS * _DAY_MS)
