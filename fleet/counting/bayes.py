# SPDX-License-Identifier: Apache-2.0
"""Counts one bin by weighing explanations: whatever moves the level is a pick, a refill, a hand, an object, or drift.

The number of pieces changes at changes of the level alone, so that no drift can move it. Each explanation knows how
heavy the contents are and where the zero is (two numbers with a covariance); the piece weight is their ratio, learnt
from refills of known packs and from every pick. Explanations that come to another number of pieces stay alive until
the evidence decides.
"""

from math import hypot
from typing import Self

from fleet.counting import counter as words
from fleet.counting.belief import COARSE_ROOM, ROOM
from fleet.counting.counter import BinSetup, Count, Event
from fleet.counting.estimate import Estimate
from fleet.counting.hypothesis import Alien
from fleet.counting.level import GATE, READING_NOISE_LEAST, noise_before
from fleet.counting.packing import pack, unpack
from fleet.counting.watch import Mode

RAW_MAX, RAW_MIN = 0x7FFFFF, -0x800000
STUCK_AFTER = 3  # readings the same to the last bit as the one before: no cell is that quiet
SURE = 0.95  # so probable a count must be to be called ok
SURE_WITHOUT_THERMOMETER, SURE_ASLEEP = 0.99, 0.995  # the same without a thermometer, and of a bin that sleeps
PLAIN = 0.3  # so probable may a hand on the bin be while orders are still decided
# States of a bin that is weighed: orders are decided in them, at rest.
TOLD = (words.OK, words.UNCERTAIN, words.FOREIGN, words.FAULT_NOISY)
EVIDENCE = 0.9
FINE = 6.0  # a piece so many standard deviations of a handling heavy can be told exactly; a lighter one within 1 %
ORDER_SURE, ORDER_LIKELY, LIKELY_AFTER_S = 0.9, 0.5, 400.0
CALM_S = 250.0  # a hand that pulls at the bin is gone by then
BIG_PICK, BIG_PICK_ASLEEP = 1.5, 6.0  # times the usual one: may be a hand; a bin that sleeps hardly ever meets one
GUESSED_AT_MOST = 3.0  # times the usual one, a pick told while a hand is still in the bin
ASLEEP_S = 600.0  # a device with so long a heartbeat sleeps between, and tells changes late
NOT_HANDLED_SIGMA2, NOT_HANDLED_PIECES = 81.0, 0.3
ALONE = 0.99  # so probable must a change be that a single reading tells
RESTLESS_S, NOISY_S = 30.0, 180.0
BURST_S = 15.0  # readings no further apart belong together
LULL = 7  # readings without a change to report: the device is about to fall silent
SURE_IN_LULL = 0.9  # so probable must a change be then
HAND_STAYS = 3.0  # times the variance of a lull: how far from the contents it may be while a hand is still in the bin
NOISE_WINDOW, NOISE_WINDOW_MOST = 100, 250  # readings that are averaged: more of them where the noise is strong
VAGUE = 0.6  # of a piece: a mean with such an error tells nothing
RUN_IN_NOISE = 7  # readings that agree: fewer do so by chance when there are many
FADE_EVERY_S = 20.0
BOUNDS = 0.95


class BayesCounter:
    """One bin. Deterministic: the same readings and evidence give the same counts, bit for bit, also from a `dump`."""

    def __init__(self, setup: BinSetup) -> None:
        self._known = Estimate(setup)
        self._set_up(setup)
        self._events: list[Event] = []
        self._resting: Count | None = None  # the last count, while nothing has happened since
        self._dt_s = 0.0
        if setup.initial_count is not None:
            self._known.watch.pieces, self._known.watch.is_told = float(setup.initial_count), 1.0

    def _set_up(self, setup: BinSetup) -> None:
        self._setup = setup
        self._sleeps = setup.heartbeat_s >= ASLEEP_S
        self._has_bursts = not self._sleeps or setup.send_delta_g is not None
        self._least_noise2 = (READING_NOISE_LEAST / setup.counts_per_gram) ** 2
        refill_g = setup.pack_size * setup.packs_per_refill * setup.apw_g
        noise_g = hypot(noise_before(setup.counts_per_gram, setup.send_delta_g), 6e-5 * (setup.bin_weight_g + refill_g))
        self._is_fine = setup.apw_g >= FINE * noise_g
        self._known.belief.room = ROOM if self._is_fine else COARSE_ROOM

    # --- readings ---

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        """The count after this reading; one that is older than the last one changes nothing."""
        watch = self._known.watch
        if t_s < watch.t_s:
            return self._held()
        dt_s = 0.0 if watch.t_s != watch.t_s else t_s - watch.t_s
        watch.t_s, self._dt_s = t_s, dt_s
        before_raw = watch.raw
        watch.see(raw, STUCK_AFTER)
        if raw >= RAW_MAX or raw <= RAW_MIN:
            if watch.mode == Mode.REST:
                self._known.disturb()
            self._known.clear_runs()
            return self._held(words.FAULT_SATURATED)
        if watch.same >= STUCK_AFTER:
            return self._held(words.FAULT_STUCK)
        reading_g = self._setup.net_g(raw)
        drift_g = self._known.drift.pass_time(dt_s, temp_c, self._load_g(dt_s, before_raw))
        if watch.mode == Mode.REST and not self._known.noise.is_on:
            return self._follow(dt_s, reading_g, drift_g)
        return self._look(dt_s, reading_g)

    def _load_g(self, dt_s: float, before_raw: float) -> float | None:
        """All that has pressed on the cell since the last reading, for its creep; one reading alone tells no load."""
        mode, run = self._known.watch.mode, self._known.run
        if mode == Mode.NEW:
            return None
        net_g = self._known.level.g
        if mode != Mode.REST:
            if dt_s < 5:
                net_g = self._setup.net_g(before_raw)
            elif run.readings >= 2:
                net_g = run.mean_g
        return net_g + self._setup.bin_weight_g

    def _follow(self, dt_s: float, reading_g: float, drift_g: float) -> Count:
        """At rest so far: the same level still, or the beginning of something."""
        watch = self._known.watch
        if self._known.level.follow(watch.t_s, dt_s, reading_g, drift_g, self._least_noise2):
            self._known.drift.learn(watch.t_s, self._known.level.g, self._setup.cell_capacity_g)
            return self._rest()
        self._known.disturb()
        self._resting = None
        return self._look(dt_s, reading_g)

    def _look(self, dt_s: float, reading_g: float) -> Count:
        """Handled, or lifted: whether the readings agree again."""
        watch, level, run = self._known.watch, self._known.level, self._known.run
        if watch.mode == Mode.REST:  # of a noisy cell, by the mean of many readings: none of them is at rest
            watch.mode = float(Mode.MOVING)
            self._known.drift.forget_reference()
        if watch.mode == Mode.MOVING:
            if dt_s > 60 and self._was_nothing(reading_g):
                return self._rest()
            if watch.same:
                return self._held()  # a copy of the last reading is no second witness
            if dt_s > BURST_S and run.readings and run.last_s > watch.moving_s and self._has_bursts:
                # a device falls silent when the load is quiet: what it said last was at rest
                sure = 0.0 if run.readings >= 2 else ALONE
                self._settle(run.last_s, run.mean_g, level.rest_var(run.readings), sure)
                if watch.mode == Mode.REST:
                    return self._follow(dt_s, reading_g, 0.0)
        if watch.mode != Mode.NEW:
            watch.peak_g = max(watch.peak_g, abs(reading_g - level.g))
        self._join_runs(reading_g)
        self._join_lull(dt_s)
        self._decide(dt_s)
        self._average(dt_s, reading_g)
        return self._rest() if watch.mode == Mode.REST else self._held()

    def _was_nothing(self, reading_g: float) -> bool:
        """Back at the old level after one reading elsewhere: a spike, or a noisy hour, of which the noise is learnt."""
        level = self._known.level
        if self._known.watch.is_counted:
            return False
        off2 = (reading_g - level.g) ** 2
        if off2 >= min(NOT_HANDLED_SIGMA2 * level.noise2, (NOT_HANDLED_PIECES * self._setup.apw_g) ** 2):
            return False
        level.noise2 += 0.1 * max(0.0, off2 - level.noise2)
        level.seen_s = self._known.watch.t_s
        self._known.watch.mode = float(Mode.REST)
        return True

    def _join_runs(self, reading_g: float) -> None:
        watch, level = self._known.watch, self._known.level
        for run in (self._known.run, self._known.loose):
            if not run.agrees(watch.t_s, reading_g, level):
                if run is self._known.run and run.readings >= (4 if self._is_brief(run.last_s) else RUN_IN_NOISE):
                    self._settle(run.last_s, run.mean_g, level.rest_var(run.readings))
                    if watch.mode == Mode.REST:
                        self._known.disturb()
                run.clear()
            run.add(watch.t_s, reading_g)

    def _join_lull(self, dt_s: float) -> None:
        lull, send_delta_g = self._known.lull, self._setup.send_delta_g
        if send_delta_g is None or self._known.watch.mode != Mode.MOVING:
            return
        if dt_s > BURST_S:
            lull.clear()
        lull.add(int(self._known.watch.raw), send_delta_g * self._setup.counts_per_gram)

    def _is_brief(self, t_s: float) -> bool:
        return not t_s - self._known.watch.moving_s >= RESTLESS_S

    def _decide(self, dt_s: float) -> None:
        """Takes a new level as soon as the run is long enough, or short and its explanation clear."""
        watch, level, run, loose = self._known.watch, self._known.level, self._known.run, self._known.loose
        if watch.mode == Mode.REST:
            return
        number = run.readings
        least = 3 if dt_s > 5 or self._is_brief(watch.t_s) else RUN_IN_NOISE
        if (number >= least and run.span_s >= 1.5) or (number >= 2 and dt_s > 5):
            sure = 0.0 if number >= 8 or dt_s > 5 else 0.995 if number > 3 else 0.998
            if self._known.lull.readings >= LULL:
                sure = min(sure, SURE_IN_LULL)
            self._settle(watch.t_s, run.mean_g, level.rest_var(number), sure)
        elif not self._has_bursts and dt_s >= 300:
            self._settle(watch.t_s, run.mean_g, level.rest_var(number), is_glimpse=True)
        elif loose.readings >= 8 and loose.span_s < 60:
            self._settle(watch.t_s, loose.mean_g, 2 * level.noise2 + level.wander2)
            loose.clear()
        elif watch.mode == Mode.MOVING and self._known.lull.readings == LULL:
            self._guess()

    def _average(self, dt_s: float, reading_g: float) -> None:
        """A noisy cell never comes to rest; the mean of a few minutes tells a change all the same."""
        watch, level, noise = self._known.watch, self._known.level, self._known.noise
        if watch.mode != Mode.MOVING or dt_s > BURST_S or watch.t_s - watch.moving_s < NOISY_S:
            noise.end()
            return
        noise.add(reading_g)
        vague_var = (VAGUE * self._setup.apw_g) ** 2
        is_worth_more = vague_var < noise.mean_var < vague_var * NOISE_WINDOW_MOST / NOISE_WINDOW
        if noise.readings < (NOISE_WINDOW_MOST if is_worth_more else NOISE_WINDOW):
            return
        before_g, mean_g, var = noise.last_g, noise.mean_g, noise.mean_var + level.wander2
        noise.next_window()
        if var > vague_var or not (mean_g - before_g) ** 2 < GATE * var:
            return  # nothing to count by, or not the same twice: somebody is there
        if (mean_g - level.g - self._known.drift.moved_g) ** 2 < GATE * (var + level.var):
            watch.mode = float(Mode.REST)
        else:
            self._settle(watch.t_s, mean_g, var)

    def _guess(self) -> None:
        """The device falls silent with a hand still in the bin: tells a likely pick, which the next rest confirms."""
        watch, level, lull = self._known.watch, self._known.level, self._known.lull
        if watch.guessed or watch.is_counted or not self._known.belief.hypotheses:
            return
        var = level.rest_var(lull.readings) + HAND_STAYS * lull.var_raw / self._setup.counts_per_gram**2
        change = self._known.guess(watch.t_s, self._setup.net_g(lull.mean_raw), var, SURE)
        if change and abs(change) <= GUESSED_AT_MOST * self._known.habits.pick_pieces + 2:
            self._events.append(Event(self._kind(change), change))
            watch.pieces += change
            watch.guessed = float(change)

    def _settle(self, t_s: float, level_g: float, var: float, sure: float = 0.0, is_glimpse: bool = False) -> None:
        change = self._known.settle(t_s, level_g, var, sure, is_glimpse)
        if change is not None:
            self._change(change)

    # --- counts ---

    def _change(self, change: int) -> None:
        """The pieces told follow the most probable change, and are corrected where the belief is another by now."""
        watch = self._known.watch
        self._resting = None
        before = int(watch.pieces)
        change -= int(watch.guessed)
        watch.guessed = 0.0
        pieces = self._known.belief.prefer(before + change)
        if change:
            self._events.append(Event(self._kind(change), change))
        if pieces != before + change:
            more = pieces - before - change
            self._events.append(Event(words.REFILL if self._is_refill(more) else words.CORRECT, more))
        watch.pieces = float(pieces)

    def _is_refill(self, change: int) -> bool:
        return change >= 0.5 * self._setup.pack_size

    def _kind(self, change: int) -> str:
        return words.PICK if change < 0 else words.REFILL if self._is_refill(change) else words.RETURN

    def _rest(self) -> Count:
        """The count at rest."""
        watch, belief = self._known.watch, self._known.belief
        is_late = False
        if belief.p_alien > 1e-9:
            since_s = watch.t_s - watch.weighed_s
            if since_s > FADE_EVERY_S:
                watch.weighed_s = watch.t_s
                belief.fade_aliens(watch.t_s, since_s)
                self._resting = None
                is_late = True  # what changes now was done before: time alone has told
        else:
            watch.weighed_s = watch.t_s
        if self._resting is not None and not self._events and belief.p_alien <= 1e-9:
            return self._resting
        pieces = belief.prefer(int(watch.pieces))
        watch.guessed = 0.0
        if pieces != watch.pieces:
            more = pieces - int(watch.pieces)
            self._events.append(Event(self._kind(more) if is_late else words.CORRECT, more))
            watch.pieces = float(pieces)
        watch.say(self._state(pieces))
        told = self._count(is_settled=True)
        if not told.events:
            self._resting = told
        return told

    def _state(self, pieces: int) -> str:
        watch, belief = self._known.watch, self._known.belief
        if self._known.noise.is_on:
            return words.FAULT_NOISY
        best = belief.best
        if best.alien and belief.p_alien > 0.5:
            is_long = best.alien == Alien.OBJECT or watch.t_s - best.alien_since_s > CALM_S
            return words.FOREIGN if is_long else words.UNCERTAIN
        tolerance = 0.0 if self._is_fine else max(1.0, 0.01 * pieces)
        sure = SURE_ASLEEP if self._sleeps else SURE if self._known.drift.has_temperature else SURE_WITHOUT_THERMOMETER
        return words.OK if belief.p_within(pieces, tolerance) >= sure else words.UNCERTAIN

    def _held(self, state: str | None = None) -> Count:
        """The count while nothing can be said: what was told before, and why."""
        watch = self._known.watch
        self._resting = None
        if state is not None:
            watch.say(state)
        elif watch.mode == Mode.MOVING and watch.t_s - watch.moving_s > RESTLESS_S:
            is_long = self._dt_s <= BURST_S and watch.t_s - watch.moving_s > NOISY_S
            is_noisy = is_long and self._known.run.readings < RUN_IN_NOISE
            if watch.said not in (words.FAULT_OPEN, words.OVERLOADED):
                watch.say(words.FAULT_NOISY if is_noisy else words.UNCERTAIN)
        return self._count(is_settled=False)

    def _count(self, *, is_settled: bool) -> Count:
        watch, belief = self._known.watch, self._known.belief
        events, self._events = tuple(self._events), []
        if watch.pieces != watch.pieces:
            return Count(None, None, None, None, None, watch.said, False, False, events)
        pieces = int(watch.pieces)
        if not belief.hypotheses:
            return Count(pieces, None, None, None, None, watch.said, False, False, events)
        mean, sd = belief.moments()
        low, high = belief.bounds(BOUNDS)
        is_near = belief.p_within(pieces, max(2.0, 0.05 * pieces)) >= EVIDENCE
        is_evidence = is_settled and is_near and belief.p_pressed <= PLAIN
        return Count(pieces, mean, sd, min(low, pieces), max(high, pieces), watch.said, is_settled, is_evidence, events)

    def p_at_or_below(self, pieces: int) -> float:
        """The probability that no more than so many pieces are left, after the last update."""
        if not self._known.belief.hypotheses:
            return float(self._known.watch.pieces <= pieces)
        return min(1.0, self._known.belief.p_at_or_below(pieces))

    def is_order_due(self, reorder_point: int) -> bool:
        """Whether, on the evidence of the last update, no more than the reorder point is left; never on a doubt."""
        watch, belief = self._known.watch, self._known.belief
        if watch.mode != Mode.REST or watch.said not in TOLD or belief.p_pressed > PLAIN:
            return False
        calm_s = watch.t_s - watch.settled_s
        big = (BIG_PICK_ASLEEP if self._sleeps else BIG_PICK) * self._known.habits.pick_pieces + 2
        if watch.change < -big and calm_s < CALM_S:
            return False
        p = belief.p_at_or_below(reorder_point)
        return p > ORDER_SURE or (p > ORDER_LIKELY and belief.p_alien <= PLAIN and calm_s > LIKELY_AFTER_S)

    # --- evidence from elsewhere ---

    def refill(self, t_s: float, packs: int) -> Count:
        """Somebody scanned a refill of so many packs: they go in about now, or went in just before."""
        self._known.scan(t_s, packs)
        return self._again()

    def stocktake(self, t_s: float, count: int) -> Count:
        """Somebody counted the pieces in the bin. The rest of the evidence must give way."""
        watch = self._known.watch
        if watch.pieces == watch.pieces and int(watch.pieces) != count:
            self._events.append(Event(words.CORRECT, count - int(watch.pieces)))
        watch.pieces, watch.is_told = float(count), 1.0
        self._known.know(t_s, count)
        return self._again()

    def recalibrate(self, t_s: float, setup: BinSetup) -> Count:
        """The same pieces from now on weighed by another setup: a new calibration, another bin, a new piece weight.

        Pieces that nothing but their weight has told so far are counted anew.
        """
        watch = self._known.watch
        before = watch.pieces
        self._known.recalibrate(t_s, setup)
        self._set_up(setup)
        if before == before and watch.pieces != before:
            self._events.append(Event(words.CORRECT, int(watch.pieces) - int(before)))
        return self._again()

    def _again(self) -> Count:
        self._resting = None
        if self._known.watch.mode == Mode.REST:
            return self._rest()
        return self._count(is_settled=False)

    @property
    def zero_g(self) -> float:
        """How far the zero has gone since `tare_raw` was taken, in grams, by the likeliest explanation."""
        known = self._known
        return known.belief.best.zero_g + known.drift.moved_g + known.level.moved_g if known.belief.hypotheses else 0.0

    # --- memory ---

    def dump(self) -> bytes:
        """All that the counter remembers, at most 1,000 bytes; a counter made of it goes on bit for bit alike."""
        return pack(self._known)

    @classmethod
    def load(cls, setup: BinSetup, memory: bytes) -> Self:
        """The counter that `dump` was of. Raises ValueError for anything else."""
        counter = cls(setup)
        unpack(memory, counter._known)
        return counter
