# SPDX-License-Identifier: Apache-2.0
"""One explanation of what a cell says: how many pieces, how heavy they are together, and where the zero is."""

from enum import IntEnum
from math import log, pi

HALF_LOG_2PI = 0.5 * log(2 * pi)
FAR = 10.0  # squared standard deviations beyond which a normal distribution has too thin a tail for what hands do
TAIL_VARIANCE = 9.0
TAIL_LOG_SHARE = -4.6
LEAST_TOTAL = 1e-12  # g^2: rounding may leave less
PIECES_AT_MOST, POURED_AT_MOST = 0xFFFFFF, 65_535  # what is packed has no room for more
HAND_AT_MOST_S = 240.0  # nobody leans on a bin for longer


class Alien(IntEnum):
    """What else rests on a bin."""

    NOTHING = 0
    HAND = 1  # somebody leans on it or pulls at it: over within minutes
    OBJECT = 2  # something was put on it: stays for hours


class Hypothesis:
    """The level of the cell is the contents, plus the zero, plus a shift that every handling draws anew.

    `pieces` is certain within a hypothesis; `contents_g` and `zero_g` are normal, with variances in g^2. `log_weight`
    is the logarithm of its probability. `alien_g` is what else rests on the bin since `alien_since_s`. `poured` is how
    many pieces the last refill is thought to have brought.
    """

    __slots__ = (
        "alien", "alien_g", "alien_since_s", "change", "contents_g", "covariance", "log_weight", "pieces", "poured",
        "surprise", "var_contents", "var_pieces", "var_total", "var_zero", "zero_g",
    )  # fmt: skip

    def __init__(
        self, pieces: int, contents_g: float, zero_g: float, var_contents: float, covariance: float, var_zero: float
    ) -> None:
        self.pieces = min(pieces, PIECES_AT_MOST)
        self.contents_g = contents_g
        self.zero_g = zero_g
        self.var_contents = var_contents
        self.covariance = covariance
        self.var_zero = var_zero
        self.log_weight = 0.0
        self.alien = Alien.NOTHING
        self.alien_g = 0.0
        self.alien_since_s = 0.0
        self.poured = 0
        # of the last change alone: pieces, squared error of its prediction, and of which variances that was made
        self.change = 0
        self.surprise = -1.0
        self.var_total = 0.0
        self.var_pieces = 0.0

    def copy(self) -> "Hypothesis":
        """The same again, as if nothing had changed."""
        other = Hypothesis(self.pieces, self.contents_g, self.zero_g, self.var_contents, self.covariance, self.var_zero)
        other.log_weight, other.poured = self.log_weight, self.poured
        other.alien, other.alien_g, other.alien_since_s = self.alien, self.alien_g, self.alien_since_s
        return other

    def piece_g(self, usual_g: float) -> float:
        """Grams of a piece by this hypothesis; what is usual where it knows none that could be."""
        if self.pieces <= 0:
            return usual_g
        piece_g = self.contents_g / self.pieces
        return piece_g if 0.5 * usual_g < piece_g < 2.0 * usual_g else usual_g

    def see_zero(self, zero_g: float, variance: float) -> float:
        """The zero was seen, or is known so well from elsewhere: a Kalman update. Returns the log likelihood."""
        total = max(self.var_zero + variance, LEAST_TOTAL)
        error_g = zero_g - self.zero_g
        gain_zero, gain_contents = self.var_zero / total, self.covariance / total
        self.zero_g += gain_zero * error_g
        self.contents_g += gain_contents * error_g
        self.var_contents -= gain_contents * self.covariance
        self.covariance -= gain_zero * self.covariance
        self.var_zero -= gain_zero * self.var_zero
        return -0.5 * (error_g * error_g / total + log(total))

    def after(
        self,
        change: int,
        low_g: float,
        high_g: float,
        keep: float,
        var_shift: float,
        var_zero: float,
        added_g: float,
        var_pieces: float,
        log_prior: float,
    ) -> "Hypothesis":
        """This one after `change` pieces came (or went), by which the level went from `low_g` to `high_g`.

        Contents become share x contents + added_g, give or take var_pieces; share follows from the pieces when nothing
        is added. Of the old shift the part `keep` stays, the rest is drawn anew with var_shift, in which the noise of
        the level is contained; the zero walks by var_zero meanwhile. The measurement of the sum has no noise of its
        own, so the shift needs no state: it is level - contents - zero. A Kalman step with correlated process noise.
        """
        share = 1.0 if added_g or not change else 1.0 + change / self.pieces
        by_zero = 1.0 - keep
        by_contents = share - keep
        error_g = high_g - (keep * low_g + by_contents * self.contents_g + by_zero * self.zero_g + added_g)
        contents = self.var_contents * by_contents + self.covariance * by_zero
        zero = self.covariance * by_contents + self.var_zero * by_zero
        total = max(by_contents * contents + by_zero * zero + var_pieces + var_zero + var_shift, LEAST_TOTAL)
        contents = share * contents + var_pieces
        zero += var_zero
        gain_contents, gain_zero = contents / total, zero / total
        surprise = error_g * error_g
        far = surprise / total
        log_likelihood = -0.5 * (far + log(total)) - HALF_LOG_2PI
        if far > FAR:
            tail = -0.5 * (far / TAIL_VARIANCE + log(total)) - HALF_LOG_2PI + TAIL_LOG_SHARE
            log_likelihood = max(log_likelihood, tail)
        child = Hypothesis(
            self.pieces + change,
            share * self.contents_g + added_g + gain_contents * error_g,
            self.zero_g + gain_zero * error_g,
            share * share * self.var_contents + var_pieces - gain_contents * contents,
            share * self.covariance - gain_zero * contents,
            self.var_zero + var_zero - gain_zero * zero,
        )
        child.log_weight = self.log_weight + log_prior + log_likelihood
        child.poured = self.poured
        child.change, child.surprise, child.var_total, child.var_pieces = change, surprise, total, var_pieces
        return child
