# SPDX-License-Identifier: Apache-2.0
"""What is believed of one bin: a few hypotheses, weighed against each other at every change of the level."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import exp, log, sqrt
from struct import Struct

from fleet.counting.changes import OBJECT_MOST_G, Change, children
from fleet.counting.counter import BinSetup
from fleet.counting.habits import KEEP_SHIFT, Habits
from fleet.counting.hypothesis import HALF_LOG_2PI, HAND_AT_MOST_S, POURED_AT_MOST, Alien, Hypothesis
from fleet.counting.single import rounded

ROOM, COARSE_ROOM = 558, 320  # bytes for hypotheses
PLAIN_ROOM, ALIEN_ROOM = 31, 43  # what one of them takes when packed
FORGET = 16.0  # logarithm of how much less probable than the best a hypothesis may become
TRUST = 0.6  # between hypotheses evidence counts so much: errors of cells are not independent, those of models never
UNKNOWN = 12.0  # logarithm of how improbable it is that the past is misunderstood altogether
UNKNOWN_ALIEN = 9.0  # the same while something seems to rest on the bin, which time may prove wrong
BESIDE = (-2, -1, 1, 2)
LATE = 0.33  # against what is there: that a stocktake speaks of pieces not weighed yet
LIKELY_OFF = 0.2  # no piece weight is further off than that
HAND_FADES_S = 15.0
OBJECT_LONG_S, OBJECT_FADES_S, OBJECT_FADES_LATE_S = 30000.0, 10800.0, 1800.0
CLEAR, CLEARLY = 0.4, 2.0  # another count must be so probable, and so many times more so, to replace the one told
POSSIBLE = 0.02
WIDEST_GAP = 12  # between likely numbers of pieces, which is filled
LIKELY, RISES_AT_MOST = 6.0, 1.0  # logarithms
LEAST_VAR = 1e-9
_FLOAT, _FLOATS = Struct("<f"), Struct("<7f")


class Belief:
    """Hypotheses, best first, and from them how probable each number of pieces is.

    All their numbers are kept in single precision, so that what is packed is what goes on. `room` is how many bytes
    they may take when packed: ROOM, or less where a piece is too light for more of them to be of any use. `p_alien` is
    the probability that something else is on the bin; `p_pressed` that it is no object which lies still beside pieces
    that are weighed: a hand, or pieces that somebody has said to be there before they are.
    """

    def __init__(self) -> None:
        self.hypotheses: list[Hypothesis] = []
        self.room = ROOM
        self.odds: dict[int, float] = {}
        self.p_alien = self.p_pressed = 0.0

    @property
    def best(self) -> Hypothesis:
        """The most probable hypothesis."""
        return self.hypotheses[0]

    def settle(self) -> None:
        """Brings weights to a sum of one, forgets what is hopeless, rounds to what is packed."""
        self._share()
        for each in self.hypotheses:
            _round(each)
        self.weigh()

    def _share(self) -> None:
        self.hypotheses.sort(key=lambda each: -each.log_weight)
        top = self.hypotheses[0].log_weight
        self._keep([each for each in self.hypotheses if each.log_weight > top - FORGET])
        whole = top + log(sum(exp(each.log_weight - top) for each in self.hypotheses))
        for each in self.hypotheses:
            each.log_weight -= whole

    def _keep(self, likely: list[Hypothesis]) -> None:
        """Keeps as many as there is room for, among them the best with nothing, a hand and an object on the bin each:

        however many numbers of pieces a refill may come to, it may also have been a hand, and the other way round.
        """
        firsts = {each.alien: each for each in reversed(likely)}
        if Alien.NOTHING not in firsts:  # time may prove all of them wrong
            firsts |= {each.alien: each for each in reversed(self.hypotheses) if not each.alien}
        others = [each for each in likely if each is not firsts[each.alien]]
        room, kept = self.room, []
        for each in [*firsts.values(), *others]:
            room -= ALIEN_ROOM if each.alien else PLAIN_ROOM
            if room < 0:
                break
            kept.append(each)
        self.hypotheses = sorted(kept, key=lambda each: -each.log_weight)

    def weigh(self) -> None:
        """Makes `odds`, `p_alien` and `p_pressed` from the hypotheses."""
        self.odds = {}
        self.p_alien = self.p_pressed = 0.0
        for each in self.hypotheses:
            p = exp(each.log_weight)
            self.odds[each.pieces] = self.odds.get(each.pieces, 0.0) + p
            if each.alien:
                self.p_alien += p
                if each.alien == Alien.HAND or not 0 < each.alien_g < OBJECT_MOST_G:
                    self.p_pressed += p

    def for_each(self, update: Callable[[Hypothesis], float]) -> None:
        """Applies an update that returns a log likelihood, and weighs anew."""
        for each in self.hypotheses:
            each.log_weight += TRUST * update(each)
        self.settle()

    def fade_aliens(self, t_s: float, dt_s: float) -> None:
        """Time speaks against a hand or an object that is still there."""
        for each in self.hypotheses:
            age_s = t_s - each.alien_since_s
            if each.alien == Alien.HAND and age_s > HAND_AT_MOST_S:
                each.log_weight -= min(dt_s, age_s - HAND_AT_MOST_S) / HAND_FADES_S
            elif each.alien == Alien.OBJECT:
                each.log_weight -= dt_s / (OBJECT_FADES_S if age_s < OBJECT_LONG_S else OBJECT_FADES_LATE_S)
        self._share()
        for each in self.hypotheses:  # all else is as it was, and rounded
            (each.log_weight,) = rounded(_FLOAT, (each.log_weight,))
        self.weigh()

    def explain(self, change: Change, setup: BinSetup, habits: Habits) -> list[Hypothesis]:
        """All explanations of a change, not taken up yet."""
        explanations: list[Hypothesis] = []
        for parent in self.hypotheses:
            ours = list(children(parent, change, setup, habits))
            cut = (1 - TRUST) * (max(each.log_weight for each in ours) - parent.log_weight)
            for each in ours:
                each.log_weight -= cut
            explanations += ours
        return explanations

    def take(self, explanations: list[Hypothesis]) -> None:
        """Goes on with these: those that come to the same are one."""
        merged: dict[tuple[int, Alien], Hypothesis] = {}
        for each in explanations:
            key = (each.pieces, each.alien)
            other = merged.get(key)
            if other is not None:
                high, low = (each, other) if each.log_weight > other.log_weight else (other, each)
                high.log_weight += log(1.0 + exp(low.log_weight - high.log_weight))
                each = high
            merged[key] = each
        self.hypotheses = list(merged.values())
        self._fill_gaps()
        self.settle()

    def _fill_gaps(self) -> None:
        """What was left out for want of room comes back when its neighbours speak for it.

        Log weights of neighbouring numbers lie on a parabola, as all evidence is normal: three of them tell the next.
        """
        least = max(each.log_weight for each in self.hypotheses) - LIKELY
        plain = {each.pieces: each for each in self.hypotheses if not each.alien and each.log_weight > least}
        for number, above in pairwise(sorted(plain)):
            last, second, third = plain[number], plain.get(number - 1), plain.get(number - 2)
            if not 1 < above - number <= WIDEST_GAP or second is None or third is None:
                continue
            fresh = last.copy()
            fresh.pieces += 1
            fresh.contents_g += last.contents_g - second.contents_g
            fresh.zero_g += last.zero_g - second.zero_g
            rise = 2 * (last.log_weight - second.log_weight) - (second.log_weight - third.log_weight)
            fresh.log_weight += min(rise, RISES_AT_MOST)
            others = [each for each in self.hypotheses if each.alien or each.pieces != fresh.pieces]
            self.hypotheses = [*others, fresh]

    def prefer(self, pieces: int) -> int:
        """The count to tell: the one told so far, unless another is much more probable."""
        ours = self.odds.get(pieces, 0.0)
        best, p_best = max(self.odds.items(), key=lambda item: item[1])
        if best != pieces and (ours < POSSIBLE or (p_best > CLEAR and p_best > CLEARLY * ours)):
            return best
        return pieces

    def p_at_or_below(self, pieces: int) -> float:
        """Probability that no more than so many pieces are there."""
        return sum(p for number, p in self.odds.items() if number <= pieces)

    def p_within(self, pieces: int, tolerance: float) -> float:
        """Probability that the pieces are no further than that from these."""
        return sum(p for number, p in self.odds.items() if abs(number - pieces) <= tolerance)

    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the pieces."""
        mean = sum(number * p for number, p in self.odds.items())
        return mean, sqrt(max(0.0, sum(p * (number - mean) ** 2 for number, p in self.odds.items())))

    def bounds(self, share: float) -> tuple[int, int]:
        """The pieces that leave half of the rest of this share on either side."""
        tail = (1 - share) / 2
        below = 0.0
        low: int | None = None
        high = 0
        for number, p in sorted(self.odds.items()):
            below += p
            high = number
            if low is None and below > tail:
                low = number
            if below >= 1 - tail:
                break
        return (high if low is None else low), high


def by_weight(pieces: int, level_g: float, zero_g: float, var_zero: float, habits: Habits) -> Hypothesis:
    """So many pieces, explained by the level, a zero and the usual piece weight; its weight is the likelihood."""
    mean_g = pieces * habits.lot_g
    var_contents = habits.lot_cv2 * mean_g * mean_g + pieces * habits.piece_cv2 * habits.lot_g**2
    error_g = level_g - zero_g - mean_g
    total = var_zero + var_contents
    found_zero_g = zero_g + var_zero / total * error_g
    both = var_zero * var_contents / total
    fresh = Hypothesis(pieces, level_g - found_zero_g, found_zero_g, both, -both, both)
    fresh.log_weight = -0.5 * (error_g * error_g / total + log(total)) - HALF_LOG_2PI
    return fresh


def known(pieces: int, level_g: float, zero_g: float, var_zero: float) -> Hypothesis:
    """Certainly so many pieces: what lies between the level and the zero is their weight."""
    if not pieces:
        return Hypothesis(0, 0.0, level_g, LEAST_VAR, 0.0, var_zero)
    return Hypothesis(pieces, level_g - zero_g, zero_g, 2 * var_zero, -var_zero, var_zero)


def told(
    pieces: int, level_g: float, zero_g: float, var_zero: float, piece_g: float, piece_cv2: float
) -> list[Hypothesis]:
    """A person says how many pieces there are: what lies on the scale is they, or not quite yet.

    `piece_g` is what one weighs, `piece_cv2` how well that is known (squared coefficient of variation).

    What was taken or put may not have been weighed yet, or is still to come: then the level is off by it for now, as by
    something that rests on the bin, and the next change is nothing but that.
    """
    late = known(pieces, zero_g + pieces * piece_g, zero_g, var_zero)
    late.var_contents += piece_cv2 * (pieces * piece_g / (1 - KEEP_SHIFT)) ** 2  # the level without them was never seen
    late.alien, late.alien_g = Alien.OBJECT, level_g - zero_g - pieces * piece_g
    late.log_weight = log(LATE)
    there = known(pieces, level_g, zero_g, var_zero)
    off = abs(late.alien_g) / piece_g
    if off < 0.5:
        return [there]
    if off >= max(LIKELY_OFF * pieces, 1.0):
        return [late]
    late.alien = Alien.HAND  # what is on its way is there within minutes
    return [there, late]


def anew(best: Hypothesis, level_g: float, zero_g: float, var_zero: float, habits: Habits) -> list[Hypothesis]:
    """Explanations by the weight alone, in case that the past was misunderstood: each as improbable as that is."""
    near = round((level_g - zero_g) / habits.lot_g)
    numbers = {near - 1, near, near + 1, *((near - 3, near + 3) if best.alien else (best.pieces + m for m in BESIDE))}
    fresh = [by_weight(pieces, level_g, zero_g, var_zero, habits) for pieces in sorted(numbers) if pieces >= 0]
    for each in fresh:
        more = each.pieces - best.pieces
        each.log_weight += best.log_weight - (UNKNOWN_ALIEN if best.alien else UNKNOWN) + log(habits.lot_g)
        each.change = best.change + more
        each.poured = min(max(best.poured + more, 0), POURED_AT_MOST) if abs(more) < 3 else best.poured
    return fresh


def odds_of_changes(explanations: Sequence[Hypothesis]) -> tuple[dict[int, float], dict[int, float]]:
    """How probable each change of the pieces is: by all explanations, and by those in which nothing else came.

    What rested on the bin before, and still does, is no doubt of the change.
    """
    top = max(each.log_weight for each in explanations)
    weights = [exp(each.log_weight - top) if each.log_weight > top - 20 else 0.0 for each in explanations]
    whole = sum(weights)
    everything: dict[int, float] = {}
    plain: dict[int, float] = {}
    for each, weight in zip(explanations, weights, strict=True):
        everything[each.change] = everything.get(each.change, 0.0) + weight / whole
        if each.surprise >= 0.0 or not each.alien:
            plain[each.change] = plain.get(each.change, 0.0) + weight / whole
    return everything, plain


def _round(each: Hypothesis) -> None:
    numbers = (
        each.contents_g,
        each.zero_g,
        each.var_contents if each.var_contents > LEAST_VAR else LEAST_VAR,
        each.covariance,
        each.var_zero if each.var_zero > LEAST_VAR else LEAST_VAR,
        each.log_weight,
        each.alien_g,
    )
    (
        each.contents_g,
        each.zero_g,
        each.var_contents,
        each.covariance,
        each.var_zero,
        each.log_weight,
        each.alien_g,
    ) = rounded(_FLOATS, numbers)
