# SPDX-License-Identifier: Apache-2.0
"""One bin's counting: its counter, what the ledger holds for it, and what it was last told. No I/O."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from fleet.counting.bayes import BayesCounter
from fleet.counting.counter import CORRECT, OK, UNCERTAIN, BinSetup, Count, Counter, KnowsZero
from fleet.counting.memory import Memory
from fleet.stock.model import Cause


class Make(Protocol):
    """A class of counters."""

    def __call__(self, setup: BinSetup) -> Counter:
        """One that has counted nothing yet."""
        ...

    def load(self, setup: BinSetup, memory: bytes) -> Counter:
        """One as it was dumped. Raises ValueError."""
        ...


COUNTER: Make = BayesCounter
"""The make of counter that counts; the only place that names it."""

STOCKTAKE = "stocktake"
REFILL = "refill"

Change = tuple[int, Cause]
"""Pieces to book and why."""


class Reading(Protocol):
    """What the cell of a bin said, and when: `taken_at_ms` is None where the fleet could not tell."""

    epoch: int
    boot_count: int
    uptime_s: int
    raw: int
    temp_cc: int | None
    received_at_ms: int
    taken_at_ms: int | None


class Word(Protocol):
    """What somebody said of a bin: `kind` is stocktake (`quantity` in pieces) or refill (in packs)."""

    kind: str
    quantity: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Told:
    """The count after an input, and the moment it is of (UTC milliseconds)."""

    at_ms: int
    count: Count


@dataclass(frozen=True, slots=True)
class Fed:
    """What came of one input: the count (None: it said nothing), what to book, and a trouble not met before."""

    told: Told | None
    changes: list[Change]
    trouble: Exception | None = None


class Tally:
    """Feeds a bin's readings and evidence to its counter. `pieces` is what the ledger holds for the bin, None: nothing.

    `setup` is what the counter was last given. Raises whatever the counter stumbles over: `begin_anew` then.
    """

    def __init__(
        self,
        memory: Memory | None = None,
        counter: bytes | None = None,
        pieces: int | None = None,
        make: Make | None = None,
    ) -> None:
        self.memory = Memory() if memory is None else memory
        self.pieces = pieces
        self.setup = self.memory.bin_setup()
        self._make = COUNTER if make is None else make
        self._dump = counter
        self._counter: Counter | None = None
        self._put_down: Count | None = None  # the last answer after which the counter could put down what it believes
        self.given: BinSetup | None = None
        """The setup that came with the last reading."""
        self.raised_at_ms: int | None = None
        """When a rise that is believed only now was first seen; None when the last input ended no unrest."""

    def read(self, reading: Reading, setup_at: Callable[[int], BinSetup]) -> Told:
        """The count after a reading, by the setup of its moment; a reading that comes late brings no old setup back."""
        at_ms = self._date(reading)
        t_s = at_ms / 1000
        counter = self._counter_for(setup_at(max(at_ms, self.memory.newest_at_ms or at_ms)), t_s)
        temp_c = None if reading.temp_cc is None else reading.temp_cc / 100
        return self._note(Told(at_ms, counter.update(t_s, reading.raw, temp_c)), reading.taken_at_ms)

    def stocktake(self, at_ms: int, count: int) -> Told:
        """The count after somebody counted. Before the first reading it is what counting begins with."""
        counter = self._restored()
        self.memory.doubt_since_ms = None
        if counter is None:
            self.memory.initial_count = count
            return Told(at_ms, Count(count, float(count), 0.0, count, count, OK, False, False))
        return self._note(Told(at_ms, counter.stocktake(at_ms / 1000, count)), at_ms)

    def refill(self, at_ms: int, packs: int) -> Told | None:
        """The count after somebody said that packs went in; None before the first reading, when it says nothing."""
        counter = self._restored()
        if counter is None:
            return None
        return self._note(Told(at_ms, counter.refill(at_ms / 1000, packs)), at_ms)

    def begin_anew(self, trouble: str, at_ms: int) -> tuple[Told, bool]:
        """Forgets a counter that stumbled, but not the pieces; the count, and whether the trouble is a new one."""
        is_new = trouble != self.memory.trouble
        boot, doubt_since_ms = self.memory.boot, self.memory.doubt_since_ms
        self._counter = self._dump = self.setup = None
        self.memory = Memory(is_rescaled=True, trouble=trouble, boot=boot, doubt_since_ms=doubt_since_ms)
        told = self._note(Told(at_ms, Count(self.pieces, None, None, None, None, UNCERTAIN, False, False)), None)
        self.memory.trouble = trouble
        return told, is_new

    def changes(self, count: Count, is_stocktake: bool = False) -> list[Change]:
        """What to book, so that the ledger holds what is believed; nothing on a doubt, unless a person has counted."""
        if count.pieces is None or not (count.is_evidence or is_stocktake):
            return []
        memory, before = self.memory, self.pieces
        self.pieces = count.pieces
        is_rescaled, memory.is_rescaled = memory.is_rescaled, False
        corrected, memory.corrected = memory.corrected, 0
        if before is None:
            return [(count.pieces, Cause.FIRST)]
        delta = count.pieces - before
        if is_stocktake:
            booked = [(delta, Cause.COUNTED)]
        elif is_rescaled:
            booked = [(delta, Cause.RESCALED)]
        else:
            booked = [(corrected, Cause.CORRECTED), (delta - corrected, Cause.HANDLED)]
        return [(pieces, cause) for pieces, cause in booked if pieces]

    def dump(self) -> bytes | None:
        """What the counter remembers, None while there is none."""
        return self._dump if self._counter is None else self._counter.dump()

    def copy(self) -> "Tally":
        """The same as it is now; what either is told from here on is nothing to the other."""
        return Tally(replace(self.memory), self.dump(), self.pieces, self._make)

    def setup_given(self) -> BinSetup | None:
        """The setup that the counter was last given, as it was given; None while there is none."""
        return None if self.setup is None else replace(self.setup, initial_count=None)

    def is_order_due(self, point: int) -> bool:
        """Whether the counter decides, on its last input, that no more than so many pieces are left."""
        counter = self._restored()
        return counter is not None and self.memory.is_evidence and counter.is_order_due(point)

    def p_at_or_below(self, pieces: int) -> float:
        """The probability that no more than so many pieces are left; 0 while nothing was counted."""
        counter = self._restored()
        return 0.0 if counter is None else counter.p_at_or_below(pieces)

    def zero_g(self) -> float | None:
        """How far the zero of the cell has gone since it was calibrated, in grams; None where nobody knows."""
        counter = self._restored()
        return counter.zero_g if isinstance(counter, KnowsZero) else None

    def _date(self, reading: Reading) -> int:
        """When a reading was taken. Uptimes tell it where the fleet could not: it was before the device's last boot."""
        memory = self.memory
        boot = [reading.epoch, reading.boot_count]
        if reading.taken_at_ms is not None:
            at_ms = reading.taken_at_ms
        elif memory.boot is not None and memory.boot[:2] == boot:
            at_ms = min(memory.boot[2] + 1000 * reading.uptime_s, reading.received_at_ms)
        else:  # of a boot nobody has heard of: right after what came before
            at_ms = reading.received_at_ms if memory.newest_at_ms is None else memory.newest_at_ms
        memory.boot = [*boot, at_ms - 1000 * reading.uptime_s]
        return at_ms

    def _counter_for(self, setup: BinSetup, t_s: float) -> Counter:
        """The counter, told of a setup that is another than the last one; a new one where there is none."""
        if setup is self.given and self._counter is not None:
            return self._counter
        self.given = setup
        counter = self._restored()
        if counter is None:
            setup = replace(setup, initial_count=self.memory.initial_count)
            self.memory.initial_count = None
            counter = self._counter = self._make(setup)
            self._take_up(setup)
        elif self.setup is None or replace(setup, initial_count=self.setup.initial_count) != self.setup:
            self._gather(counter.recalibrate(t_s, setup))
            self._take_up(setup)
        return counter

    def _take_up(self, setup: BinSetup) -> None:
        self.setup, self.memory.setup = setup, asdict(setup)

    def _restored(self) -> Counter | None:
        if self._counter is None and self._dump is not None:
            try:
                if self.setup is not None:
                    self._counter = self._make.load(self.setup, self._dump)
            except ValueError:
                pass  # another make of counter remembered
            if self._counter is None:
                self._dump = self.setup = None
                self.memory.is_rescaled = True
        return self._counter

    def _note(self, told: Told, taken_at_ms: int | None) -> Told:
        memory, count = self.memory, told.count
        if count is not self._put_down:  # the same answer: nothing is believed since that was not put down already
            self.dump()  # what a counter cannot put down it must not believe
            self._put_down = count
        self._gather(count)
        memory.trouble = None
        if memory.newest_at_ms is not None and told.at_ms < memory.newest_at_ms:
            return told  # it came late and says nothing of now
        memory.newest_at_ms = told.at_ms
        memory.newest_taken_at_ms = taken_at_ms
        memory.newest_state, memory.is_evidence = count.state, count.is_evidence
        memory.mean, memory.sd = count.mean, count.sd
        self.raised_at_ms = memory.restless_since_ms if count.is_evidence else None
        if count.is_evidence or count.state not in (OK, UNCERTAIN):
            memory.restless_since_ms = None
        elif memory.restless_since_ms is None:
            memory.restless_since_ms = told.at_ms
        if count.is_evidence:
            memory.doubt_since_ms = None
        elif memory.doubt_since_ms is None:
            memory.doubt_since_ms = told.at_ms
        if count.state != OK and not count.is_evidence:
            memory.well_since_ms = None
        elif memory.well_since_ms is None and count.is_evidence:
            memory.well_since_ms = told.at_ms
        return told

    def _gather(self, count: Count) -> None:
        self.memory.corrected += sum(event.delta for event in count.events if event.kind == CORRECT)


def feed_reading(tally: Tally, reading: Reading, setup_at: Callable[[int], BinSetup]) -> Fed:
    """Counts a reading. Whatever goes wrong is this bin's alone: its counting begins anew, its count is in doubt."""
    try:
        told = tally.read(reading, setup_at)
        return Fed(told, tally.changes(told.count))
    except Exception as error:
        at_ms = reading.received_at_ms if reading.taken_at_ms is None else reading.taken_at_ms
        return _begun_anew(tally, error, at_ms)


def feed_word(tally: Tally, word: Word) -> Fed:
    """Takes what somebody said; what goes wrong is this bin's alone, as with a reading."""
    try:
        is_stocktake = word.kind == STOCKTAKE
        told = tally.stocktake(word.at_ms, word.quantity) if is_stocktake else tally.refill(word.at_ms, word.quantity)
        return Fed(None, []) if told is None else Fed(told, tally.changes(told.count, is_stocktake))
    except Exception as error:
        return _begun_anew(tally, error, word.at_ms)


def _begun_anew(tally: Tally, error: Exception, at_ms: int) -> Fed:
    told, is_new = tally.begin_anew(f"{type(error).__name__}: {error}", at_ms)
    return Fed(told, [], error if is_new else None)
