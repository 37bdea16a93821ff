# SPDX-License-Identifier: Apache-2.0
"""What happens to readings and tag events once they are safe: counted, booked and, at a level, ordered.

Counting, ledger, order and the counter's place in the log move in one transaction, so a crash at any instant leaves
each reading either not counted yet or counted once. Sending orders comes after, from the order outbox.
"""

import logging
import threading
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from fleet.clock import Clock, is_due
from fleet.counting.checkpoints import close_silent, may_go
from fleet.counting.checkpoints import forget_old as forget_checkpoints
from fleet.counting.evidence import forget_old as forget_evidence
from fleet.counting.recount import bins_recounted
from fleet.counting.recount import drop as drop_recounts
from fleet.counting.rewrite import rewrite_some
from fleet.counting.service import count_new_readings
from fleet.counting.store import counted_up_to
from fleet.counting.tasks import forget_old as forget_tasks
from fleet.counting.tasks import look_after_bins
from fleet.db import read, write
from fleet.orders.numbers import continue_numbers
from fleet.orders.relay import relay_outbox
from fleet.orders.service import forget_old as forget_orders
from fleet.orders.service import replenish
from fleet.orders.store import policies
from fleet.readings.gaps import READING_GAPS
from fleet.readings.service import find_old as find_old_readings
from fleet.readings.service import forget as forget_readings
from fleet.readings.tables import ReadingRow
from fleet.series.levels import first_not_collected, last_collected
from fleet.stock.service import close_ledger
from fleet.tags import service as tags
from fleet.tags.log import TAG_GAPS
from fleet.tags.log import forget_old as forget_tag_events
from fleet.tags.model import Patience

READINGS_A_TURN = 200  # a transaction stays short, so that acks do not wait long for the one write lock
IDLE_WAKE_S = 5.0  # looks by itself this often: orders that could not be sent are tried again
RELAY_EVERY_MS = 5_000
LOOK_EVERY_MS = 60_000
RETENTION_EVERY_MS = 3_600_000
FORGOTTEN_A_TURN = 1_000
CLOSED_A_TURN = 100
REWRITTEN_A_TURN = 200
RECOUNTS_KEEP_DAYS = 7  # one that nobody goes on with holds old readings no longer
BOOKS_KEEP_DAYS = 730  # older movements are folded into one an item and location, older received orders go
_DAY_MS = 86_400_000

_log = logging.getLogger("kanbin.worker")


class Worker:
    """One thread that carries new readings down to orders. `wake` it whenever readings were committed."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        orders_folder: Path,
        readings_keep_days: int,
        tag_patience: Patience = Patience(),  # noqa: B008  (frozen)
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._orders_folder = orders_folder
        self._readings_keep_days = readings_keep_days
        self._tag_patience = tag_patience
        self._awake = threading.Event()
        self._stopping = False
        self._is_rewriting = True
        self._trouble: str | None = None
        self._relay_due_ms = self._look_due_ms = self._retention_due_ms = clock.now_ms()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begins with whatever a former run left uncounted or unsent, above every order number ever used."""
        continue_numbers(self._engine, self._orders_folder)
        self._awake.set()
        self._thread.start()

    def wake(self) -> None:
        """Says that there are new readings; may be called from any thread."""
        self._awake.set()

    def stop(self) -> None:
        """Ends after the transaction in hand."""
        self._stopping = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def is_well(self) -> bool:
        """Whether readings are being counted: the thread runs and its last turn went through."""
        return self._thread.is_alive() and self._trouble is None

    def _run(self) -> None:
        while not self._stopping:
            self._awake.wait(IDLE_WAKE_S)
            self._awake.clear()
            try:
                if self.turn():
                    self._awake.set()  # there may be more
                self._trouble = None
            except Exception as error:  # the thread must outlive whatever it meets: all bins depend on it
                self._say(error)

    def turn(self) -> int:
        """Counts, sends orders, looks after bins, forgets what is old, each as it is due; how many readings it took."""
        now_ms = self._clock.now_ms()
        with write(self._engine) as session:
            pairs, counted = count_new_readings(session, now_ms, READINGS_A_TURN, policies)
            due = replenish(session, pairs, now_ms)
        taken, due_by_tags = self._take_tags(now_ms)
        due += due_by_tags
        for order_no in due:
            _log.info("order %s is due", order_no)
        if due or is_due(now_ms, self._relay_due_ms, RELAY_EVERY_MS):
            self._relay_due_ms = now_ms + RELAY_EVERY_MS
            relay_outbox(self._engine, self._orders_folder, now_ms)
        if is_due(now_ms, self._look_due_ms, LOOK_EVERY_MS):
            self._look_due_ms = now_ms + LOOK_EVERY_MS
            self._look_after_bins(now_ms)
            self._look_after_tags(now_ms)
            self._is_rewriting = True
        rewritten = self._rewrite() if self._is_rewriting else 0
        if is_due(now_ms, self._retention_due_ms, RETENTION_EVERY_MS) and not self._forget_some(now_ms):
            self._retention_due_ms = now_ms + RETENTION_EVERY_MS
        return counted + taken + rewritten

    def _take_tags(self, now_ms: int) -> tuple[int, list[str]]:
        """Books what tags did; how many events and stays it took, and the orders that are due for it."""
        with write(self._engine) as session:
            pairs, taken = tags.take_new_events(session, now_ms, READINGS_A_TURN, self._tag_patience)
            return taken, replenish(session, pairs, now_ms)

    def _look_after_bins(self, now_ms: int) -> None:
        """Asks people to count what the scales cannot, and no longer where they can again."""
        with write(self._engine) as session:
            raised = look_after_bins(session, now_ms)
        for bin, reason in raised:
            _log.warning("bin %s is to be counted by hand: %s", bin, reason)

    def _look_after_tags(self, now_ms: int) -> None:
        """Ends the stays of tags nobody speaks of any more; levels that were changed may call for orders."""
        with write(self._engine) as session:
            tags.end_missed(session, READINGS_A_TURN, self._tag_patience)
            due = replenish(session, tags.weigh(session), now_ms)
        for order_no in due:
            _log.info("order %s is due", order_no)

    def _rewrite(self) -> int:
        """Goes on with what an interrupted recount left to be put in place, a little each turn; how many counts."""
        with write(self._engine) as session:
            rewritten = rewrite_some(session, REWRITTEN_A_TURN)
        self._is_rewriting = rewritten > 0
        return rewritten

    def _forget_some(self, now_ms: int) -> bool:
        """Deletes what is old, one short transaction; whether there may be more of it."""
        before_ms = now_ms - self._readings_keep_days * _DAY_MS
        drop_recounts(self._engine, touched_before_ms=now_ms - RECOUNTS_KEEP_DAYS * _DAY_MS)
        with write(self._engine) as session:
            silent = close_silent(session, before_ms, CLOSED_A_TURN)
        with read(self._engine) as session:  # looking takes longer than deleting, and is not to keep devices waiting
            recounted = bins_recounted(session)
            behind = may_go(ReadingRow, before_ms)
            done, waiting = counted_up_to(session), first_not_collected(session)
            done = done if waiting is None else min(done, waiting - 1)
            old = find_old_readings(session, before_ms, done, FORGOTTEN_A_TURN, behind)
        with write(self._engine) as session:
            if bins_recounted(session) != recounted:
                return True  # a recount needs some of them after all
            gone = {
                forget_readings(session, old),
                READING_GAPS.forget_old(session, before_ms, FORGOTTEN_A_TURN),
                TAG_GAPS.forget_old(session, before_ms, FORGOTTEN_A_TURN),
                forget_checkpoints(session, before_ms, FORGOTTEN_A_TURN),
                forget_tasks(session, before_ms, FORGOTTEN_A_TURN),
                forget_evidence(session, before_ms, FORGOTTEN_A_TURN, last_collected(session)),
                forget_tag_events(session, before_ms, FORGOTTEN_A_TURN),
                forget_orders(session, now_ms - BOOKS_KEEP_DAYS * _DAY_MS, FORGOTTEN_A_TURN),
            }
            close_ledger(session, now_ms - BOOKS_KEEP_DAYS * _DAY_MS)
        return FORGOTTEN_A_TURN in gone or silent == CLOSED_A_TURN

    def _say(self, error: Exception) -> None:
        """Says a trouble once, not at every turn that meets it again."""
        trouble = f"{type(error).__name__}: {error}"
        if trouble != self._trouble:
            is_known = isinstance(error, SQLAlchemyError | OSError)
            _log.error("nothing is counted just now, trying again: %s", trouble, exc_info=not is_known)
        self._trouble = trouble
