# SPDX-License-Identifier: Apache-2.0
"""All that is known of one bin, and how a new level changes it."""

from math import sqrt

from fleet.counting import counter as words
from fleet.counting.belief import Belief, anew, by_weight, odds_of_changes, told
from fleet.counting.changes import Change
from fleet.counting.counter import BinSetup
from fleet.counting.drift import Drift
from fleet.counting.habits import KEEP_SHIFT, Habits
from fleet.counting.hypothesis import POURED_AT_MOST, Alien, Hypothesis
from fleet.counting.learn import learn_from
from fleet.counting.level import Level, Lull, Noise, Run
from fleet.counting.watch import DAY_S, Mode, Watch

TARE = 20e-6  # of the capacity: how well the zero is known when counting begins
CREEP_AT_LIFT = 2.2e-4  # of the load: what remains of it on a cell just unloaded
BIN_OFF = 5e-4  # of the weight of the bin: how far a cell is off that with and without it
BIN_OFF_GATE = 9.0  # squared standard deviations
CREDIBLE = 25.0  # the same, within which one reading without the bin is believed
HYSTERESIS = 1e-4  # of the load moved
STRAIN = 1e-4  # of the greatest force in a handling: creep that it leaves
WEATHER, WEATHER_S = 20e-6, 28800.0  # of the capacity: what goes unseen in a long gap
TRUST_ZERO_DAYS = 20.0  # the zero last seen counts as one look in so many days
SCAN_WITHIN_S = 900.0
UNDO_WITHIN_S = 1800.0
ANOTHER_CELL = 0.05  # no calibration is mended by so much
LEARNT_CV = 0.003  # how well the piece weight is known that picks and refills have taught
SCANNED = 10.0  # logarithm of how improbable what was not scanned is
WEIGHING = ("tare_raw", "counts_per_gram", "cell_capacity_g", "bin_weight_g", "apw_g")
ASTRAY = 0.5  # of a piece: what readings go astray by though nobody is there
PEAK = 3.0  # standard deviations of the noise that such readings come to
GLIMPSE = 0.8  # so probable must it be that nothing but pieces moved, for one reading to tell
FULL = 1.02  # of the capacity
FIRST_GUESSES = 8  # numbers of pieces considered when nobody has said how many there are
EMPTY = 4e-4  # of the capacity: further below nothing than that is no bin


class Estimate:
    """The parts of what is known, and the steps from one level to the next. Grams and seconds."""

    def __init__(self, setup: BinSetup) -> None:
        cell_g = setup.cell_capacity_g
        self.setup = setup
        self.watch = Watch((TARE * cell_g) ** 2, (BIN_OFF * setup.bin_weight_g) ** 2)
        self.level = Level(setup.counts_per_gram, cell_g, setup.apw_g, setup.send_delta_g)
        self.drift = Drift()
        self.habits = Habits(setup)
        self.run, self.loose, self.lull, self.noise = Run(1.0), Run(4.0), Lull(), Noise()
        self.belief = Belief()

    def settle(self, t_s: float, level_g: float, var: float, sure: float = 0.0, is_glimpse: bool = False) -> int | None:
        """The readings agree on a level: explains it, with `sure` only if one change of the pieces is so probable.

        Returns that change when the level was taken, None when the bin goes on being handled, is lifted or at fault.
        """
        watch = self.watch
        if watch.mode == Mode.NEW:
            return self._begin_if_well(t_s, level_g, var)
        if watch.mode == Mode.MOVING and not watch.is_counted and self._is_back(t_s, level_g):
            return 0
        self._catch_up()
        trouble = self._trouble(level_g, var)
        if trouble is not None:
            watch.say(trouble)
            return None
        is_lifted = watch.mode == Mode.ABSENT
        if is_lifted and not watch.is_zero_seen and watch.absent_g == watch.absent_g:
            self._see_zero()
        if watch.is_counted:
            self._rest_on(t_s, level_g, var)
            self.know(t_s, int(watch.pieces), is_there=True)
            return 0
        drift_g = self.drift.moved_g + self.level.gone_g(max(0.0, t_s - self.level.seen_s))
        change = self._change(t_s, level_g - drift_g, var, is_lifted, is_glimpse)
        explanations = self.belief.explain(change, self.setup, self.habits)
        everything, plain = odds_of_changes(explanations)
        if sure and max(plain.values(), default=0.0) < sure:
            return None
        if is_glimpse and sum(plain.values()) < GLIMPSE:
            return None
        for each in explanations:
            each.zero_g += drift_g
        self._take(t_s, level_g, var, explanations)
        watch.change = float(max(everything.items(), key=lambda item: item[1])[0])
        return int(watch.change)

    def guess(self, t_s: float, level_g: float, var: float, sure: float) -> int:
        """The change of the pieces that a level makes so probable, else 0; nothing is believed by it."""
        if self._is_absent(level_g):
            return 0
        drift_g = self.drift.moved_g + self.level.gone_g(max(0.0, t_s - self.level.seen_s))
        change = self._change(t_s, level_g - drift_g, var, is_lifted=False, is_glimpse=False)
        _, plain = odds_of_changes(self.belief.explain(change, self.setup, self.habits))
        pieces, p = max(plain.items(), key=lambda item: item[1], default=(0, 0.0))
        return pieces if p >= sure else 0

    def _is_back(self, t_s: float, level_g: float) -> bool:
        """Nobody was there, a machine runs nearby: the readings went astray by less than a piece, and are back.

        Then rest goes on as if it had never been over; with each such hour as a change, the zero would gather errors.
        """
        watch, level = self.watch, self.level
        if watch.peak_g >= ASTRAY * self.setup.apw_g:
            return False
        noise2 = (watch.peak_g / PEAK) ** 2
        if not level.follow(t_s, max(0.0, t_s - level.seen_s), level_g, self.drift.moved_g, level.noise2, noise2):
            return False
        self.drift.learn(t_s, level.g, self.setup.cell_capacity_g)
        self.run.clear()
        watch.mode = float(Mode.REST)
        return True

    def _begin_if_well(self, t_s: float, level_g: float, var: float) -> int | None:
        bin_g, cell_g = self.setup.bin_weight_g, self.setup.cell_capacity_g
        if level_g + bin_g > FULL * cell_g:
            self.watch.say(words.OVERLOADED)
        elif level_g > -max(bin_g / 2, EMPTY * cell_g):
            self._begin(t_s, level_g, var)
            return 0
        return None

    def _trouble(self, level_g: float, var: float) -> str | None:
        """Why a level says nothing of the contents; the level of the cell without the bin is noted."""
        watch, bin_g, cell_g = self.watch, self.setup.bin_weight_g, self.setup.cell_capacity_g
        if self._is_absent(level_g):
            if watch.mode != Mode.ABSENT:
                watch.mode = float(Mode.ABSENT)
                watch.absent_g, watch.is_zero_seen = float("nan"), 0.0
            if watch.absent_g != watch.absent_g and (self.run.readings >= 2 or self._is_credible(level_g)):
                watch.absent_g, watch.absent_var = level_g, var
                watch.round()
            return words.ABSENT
        if level_g < -bin_g - EMPTY * cell_g:
            return words.FAULT_OPEN
        return words.OVERLOADED if level_g + bin_g > FULL * cell_g else None

    def _take(self, t_s: float, level_g: float, var: float, explanations: list[Hypothesis]) -> None:
        """Goes on from a new level with these explanations."""
        watch, habits, belief = self.watch, self.habits, self.belief
        load_g = max(self.level.g, level_g, 0.0) + self.setup.bin_weight_g
        learn_from(explanations, belief.hypotheses, habits, load_g, self.setup.pack_size)
        habits.round()
        best = max(explanations, key=lambda each: each.log_weight)
        explanations += anew(best, level_g, watch.zero_g, watch.zero_spread(self.setup.cell_capacity_g), habits)
        belief.take(explanations)
        self._rest_on(t_s, level_g, var)

    def _rest_on(self, t_s: float, level_g: float, var: float) -> None:
        self.level.begin(t_s, level_g, var)
        self.drift.learn(t_s, level_g, self.setup.cell_capacity_g)
        self.run.clear()
        self.watch.mode = float(Mode.REST)
        self.watch.anchored_s = self.watch.settled_s = t_s

    def _change(self, t_s: float, high_g: float, var: float, is_lifted: bool, is_glimpse: bool) -> Change:
        watch, level, cell_g = self.watch, self.level, self.setup.cell_capacity_g
        since_s = self.run.since_s if self.run.readings else t_s
        gap_s = max(0.0, min(t_s, since_s) - level.seen_s)
        load_g = max(level.g, high_g, 0.0) + self.setup.bin_weight_g
        shift = (1 - KEEP_SHIFT**2) * self.habits.shift2 * load_g * load_g
        hysteresis = (HYSTERESIS * (high_g - level.g)) ** 2
        strain = (STRAIN * watch.peak_g * min(1.0, gap_s / 100.0)) ** 2
        var_zero = (TARE * cell_g) ** 2 * gap_s / DAY_S
        weather = 2 * (WEATHER * cell_g) ** 2 * min(1.0, gap_s / WEATHER_S)
        if is_lifted:
            var_zero += (STRAIN * load_g) ** 2 * min(1.0, gap_s / 300.0)
        is_scanned = abs(t_s - watch.scanned_s) <= SCAN_WITHIN_S
        return Change(
            t_s=t_s,
            low_g=level.g,
            high_g=high_g,
            var_shift=shift + var + level.wander2 + hysteresis + strain + weather,
            var_zero=var_zero + (weather if gap_s > 300 else 0.0),
            gap_s=gap_s,
            is_lifted=is_lifted,
            is_glimpse=is_glimpse,
            packs=int(watch.scanned_packs) if is_scanned else None,
            undo=int(-watch.change) if watch.change < 0 and t_s - watch.settled_s <= UNDO_WITHIN_S else 0,
        )

    def _begin(self, t_s: float, level_g: float, var: float) -> None:
        """The first level: its pieces are known, or all that the weight allows is possible."""
        watch, habits = self.watch, self.habits
        var_zero = watch.zero_var / 4 + var
        watch.zero_s = watch.weighed_s = t_s
        if watch.pieces == watch.pieces:
            hypotheses = told(int(watch.pieces), level_g, 0.0, var_zero, habits.lot_g, habits.lot_cv2)
        else:
            around = level_g / habits.lot_g
            wide = max(1.0, 3 * (0.01 * abs(around) + sqrt(var_zero) / habits.lot_g))
            first, last = max(0, int(around - wide)), max(0, int(around + wide)) + 1
            numbers = {max(0, round(around)), *range(first, last + 1, max(1, (last - first) // FIRST_GUESSES))}
            hypotheses = [by_weight(pieces, level_g, 0.0, var_zero, habits) for pieces in sorted(numbers)]
        self.belief.hypotheses = hypotheses
        self.belief.settle()
        self._rest_on(t_s, level_g, var)
        if watch.pieces != watch.pieces:
            watch.pieces = float(max(self.belief.odds.items(), key=lambda item: item[1])[0])

    def _is_absent(self, level_g: float) -> bool:
        """Whether this is the level without the bin, by the zero as believed or as last seen."""
        watch, bin_g, best = self.watch, self.setup.bin_weight_g, self.belief.best
        near_g = EMPTY * self.setup.cell_capacity_g + 3 * sqrt(best.var_zero)
        if bin_g <= 2 * near_g:
            return False
        seen_g = near_g + 2 * sqrt(watch.zero_spread(self.setup.cell_capacity_g))
        return abs(level_g + bin_g - best.zero_g) < near_g or abs(level_g + bin_g - watch.zero_g) < seen_g

    def _is_credible(self, level_g: float) -> bool:
        """Whether one reading alone can be that of the cell without the bin; a bad one may happen to be near it."""
        watch, best, bin_g = self.watch, self.belief.best, self.setup.bin_weight_g
        load_g = max(self.level.g, 0.0) + bin_g
        var = best.var_zero + watch.bin_off_var + (CREEP_AT_LIFT * load_g) ** 2
        return (level_g + bin_g - watch.bin_off_g - best.zero_g) ** 2 < CREDIBLE * var

    def _see_zero(self) -> None:
        """The bin was off the cell: its level was the zero, less what the cell makes of the weight of the bin.

        How far that is off (the span of the cell, its hysteresis, the weight itself) is the same each time, and learnt.
        """
        watch, best, cell_g = self.watch, self.belief.best, self.setup.cell_capacity_g
        zero_g = watch.absent_g + self.setup.bin_weight_g - watch.bin_off_g
        load_g = max(self.level.g, 0.0) + self.setup.bin_weight_g
        var = (CREEP_AT_LIFT * load_g) ** 2 + watch.absent_var + (8e-6 * cell_g) ** 2 + watch.bin_off_var
        watch.zero_g, watch.zero_var, watch.zero_s, watch.is_zero_seen = zero_g, var, watch.t_s, 1.0
        error_g, total = zero_g - best.zero_g - self.drift.moved_g, var + best.var_zero
        if error_g * error_g < BIN_OFF_GATE * total:
            watch.bin_off_g += watch.bin_off_var / total * error_g
            watch.bin_off_var *= 1.0 - watch.bin_off_var / total
        watch.round()
        moved_g, self.drift.moved_g = self.drift.moved_g, 0.0

        def see(each: Hypothesis) -> float:
            each.zero_g += moved_g
            if each.alien:  # what else was on the bin has hardly been lifted with it
                each.alien, each.alien_g = Alien.NOTHING, 0.0
                return -5.0
            return each.see_zero(zero_g, var)

        self.belief.for_each(see)

    def clear_runs(self) -> None:
        """What readings agree on begins anew with the next one."""
        self.run.clear()
        self.loose.clear()
        self.lull.clear()

    def disturb(self) -> None:
        """Rest is over."""
        self.watch.mode = float(Mode.MOVING)
        self.watch.moving_s, self.watch.peak_g = self.watch.t_s, 0.0
        self.clear_runs()
        self.drift.forget_reference()

    def _catch_up(self) -> None:
        """How the level went while it was at rest was the zero's doing: the contents lay still."""
        watch, level, cell_g = self.watch, self.level, self.setup.cell_capacity_g
        if watch.anchored_s == level.seen_s:
            return
        quiet_s = max(0.0, level.seen_s - watch.anchored_s)
        moved_g, moved_var = level.moved_g, level.moved_var
        spread = watch.zero_spread(cell_g) * TRUST_ZERO_DAYS * DAY_S / quiet_s if quiet_s > 60 else 0.0

        def follow(each: Hypothesis) -> float:
            each.zero_g += moved_g
            each.var_zero += moved_var
            return each.see_zero(watch.zero_g, spread) if spread else 0.0

        self.belief.for_each(follow)
        level.anchor()
        watch.anchored_s = level.seen_s

    # --- evidence from elsewhere ---

    def scan(self, t_s: float, packs: int) -> None:
        """A refill was scanned: expected within a quarter of an hour, or weighing what has just been explained."""
        watch = self.watch
        watch.scanned_s, watch.scanned_packs = t_s, float(min(packs, POURED_AT_MOST))
        whole = min(packs * self.setup.pack_size, POURED_AT_MOST)
        is_just_poured = watch.change >= 0.5 * self.setup.pack_size and t_s - watch.settled_s <= SCAN_WITHIN_S
        if self.belief.hypotheses and is_just_poured:
            self.belief.for_each(lambda each: 0.0 if each.poured == whole and not each.alien else -SCANNED)

    def know(self, t_s: float, pieces: int, is_there: bool = False) -> None:
        """The pieces were counted by hand: nothing else is believed. While the bin is handled, of the next level.

        `is_there`: all of them have been weighed, none is on its way.
        """
        watch = self.watch
        if watch.mode != Mode.REST:
            watch.is_counted, watch.guessed = float(watch.mode != Mode.NEW), 0.0
            return
        self._catch_up()
        best = self.belief.best
        piece_g = best.piece_g(self.habits.lot_g)
        cv2 = LEARNT_CV**2 if piece_g != self.habits.lot_g else self.habits.lot_cv2
        self.belief.hypotheses = told(pieces, self.level.g, best.zero_g, best.var_zero, piece_g, cv2)
        if is_there:
            self.belief.hypotheses = self.belief.hypotheses[:1]
        for each in self.belief.hypotheses:
            each.alien_since_s = t_s
        self.belief.settle()
        watch.settled_s, watch.change, watch.is_counted = t_s, 0.0, 0.0

    def recalibrate(self, t_s: float, setup: BinSetup) -> None:
        """The same pieces by another setup. What the next level is they weigh, whatever the raw readings do meanwhile:

        with a mended calibration they go on, with another bin or cell they jump.
        """
        old, self.setup = self.setup, setup
        if all(getattr(old, name) == getattr(setup, name) for name in WEIGHING):
            return
        is_weight_alone = not self.watch.is_told and self.habits.lots <= 1 and self.watch.mode != Mode.NEW
        scale = old.counts_per_gram / setup.counts_per_gram
        if abs(scale - 1) > ANOTHER_CELL:
            scale = 1.0  # not the grams change but the counts of one
        moved_g = (old.tare_raw - setup.tare_raw) / setup.counts_per_gram
        self._rescale(scale, moved_g)
        if setup.apw_g != old.apw_g:
            self.habits.lot_g, self.habits.lots = setup.apw_g, 1.0
            self.habits.round()
        if is_weight_alone:
            self._weigh_anew(t_s)
        elif any(getattr(old, name) != getattr(setup, name) for name in WEIGHING if name != "apw_g"):
            self._expect_the_same(t_s)

    def _rescale(self, scale: float, moved_g: float) -> None:
        """Everything known, in other grams."""
        setup, level = self.setup, self.level
        fresh = Level(setup.counts_per_gram, setup.cell_capacity_g, setup.apw_g, setup.send_delta_g)
        fresh.begin(level.seen_s, level.g * scale + moved_g, level.var * scale * scale)
        fresh.noise2 = level.noise2 * scale * scale
        fresh.rate, fresh.rate2, fresh.var_rate = level.rate * scale, level.rate2, level.var_rate
        self.level = fresh
        self.drift = Drift()
        self.habits.lot_g *= scale
        self.habits.round()
        for each in self.belief.hypotheses:
            each.contents_g *= scale
            each.zero_g = each.zero_g * scale + moved_g
            each.alien_g *= scale
            each.var_contents *= scale * scale
            each.covariance *= scale * scale
            each.var_zero *= scale * scale
        self.clear_runs()

    def _weigh_anew(self, t_s: float) -> None:
        mode, self.watch.pieces, self.watch.guessed = self.watch.mode, float("nan"), 0.0
        self._begin(t_s, self.level.g, self.level.var)
        self.watch.mode = mode

    def _expect_the_same(self, t_s: float) -> None:
        """The next level is that of the pieces told, above a zero that was tared just now."""
        watch, cell_g = self.watch, self.setup.cell_capacity_g
        watch.zero_g, watch.zero_var, watch.zero_s = 0.0, (TARE * cell_g) ** 2, t_s
        watch.bin_off_g, watch.bin_off_var = 0.0, (BIN_OFF * self.setup.bin_weight_g) ** 2
        watch.round()
        if not self.belief.hypotheses:
            return
        for each in self.belief.hypotheses:
            each.zero_g, each.var_zero, each.covariance = 0.0, watch.zero_var, 0.0
        self.belief.settle()
        watch.is_counted, watch.guessed = 1.0, 0.0
        if watch.mode == Mode.REST:
            watch.mode, watch.moving_s, watch.peak_g = float(Mode.MOVING), t_s, 0.0
