# SPDX-License-Identifier: Apache-2.0
"""What is learnt about one bin, its parts and the people at it: slowly, and from its own readings alone."""

from math import exp, log

from fleet.counting.counter import BinSetup
from fleet.counting.single import Singles

KEEP_SHIFT = 0.6  # how much of the off-centre shift a handling leaves as it was
FILLINGS = (0.001, 0.02, 0.1, 0.3, 0.6)  # chances, each considered, that a refill is not exactly its packs
MISFILLS = ((1, 0.35), (-1, 0.35), (2, 0.15), (-2, 0.15))  # by how many pieces, and how likely of those that are not
LEARN_SHIFT, LEARN_PIECES, LEARN_PICK = 0.04, 0.08, 1 / 40
SHIFT_BETWEEN = (2e-5, 5e-4)  # of the load
PIECE_CV_BETWEEN = (0.003, 0.06)
LOTS_REMEMBERED = 20


class Habits:
    """Learnt numbers of one bin; all of them single floats (`round`), so that they can be packed.

    `shift2`: variance of the off-centre shift as a share of the load, squared. `piece_cv2`: squared coefficient of
    variation from piece to piece. `pick_pieces`: mean size of a pick. `lot_g`, `lots`, `lot_cv2`: mean piece weight of
    the lots, how many of them stand behind it, and how they scatter. `f0` to `f4`: how probable each of FILLINGS is.
    """

    __slots__ = ("f0", "f1", "f2", "f3", "f4", "lot_cv2", "lot_g", "lots", "pick_pieces", "piece_cv2", "shift2")

    def __init__(self, setup: BinSetup) -> None:
        self.shift2 = 6e-5**2
        self.piece_cv2 = 0.015**2
        self.pick_pieces = 5.0
        self.lot_g = setup.apw_g
        self.lots = 1.0
        self.lot_cv2 = 0.018**2
        self.f0, self.f1, self.f2, self.f3, self.f4 = 0.75, 0.1, 0.06, 0.05, 0.04
        self.round()

    def round(self) -> None:
        """Brings what was learnt to what is packed."""
        SINGLES.round(self)

    @property
    def misfill(self) -> float:
        """The chance that a refill is not exactly its packs: a geometric mean, so that it rises on evidence only."""
        weights = (self.f0, self.f1, self.f2, self.f3, self.f4)
        return exp(sum(weight * log(chance) for chance, weight in zip(FILLINGS, weights, strict=True)))

    def log_pick(self, pieces: int, gap_s: float) -> float:
        """Log probability that so many pieces were taken, or put back, in a gap of so many seconds: mostly few."""
        mean = self.pick_pieces * (1.0 + gap_s / 3600.0)
        often, seldom = 1.0 / mean, 1.0 / (3.0 * mean)
        return log(0.98 * often * exp(-often * (pieces - 1)) + 0.02 * seldom * exp(-seldom * (pieces - 1)) + 1e-12)

    def learn_handling(self, surprise: float, total: float, pieces: float, load_g: float, taken: float) -> None:
        """From one change that is well explained: squared error (g^2), the variance expected, and of it that from piece
        to piece; the load (g) and how many pieces were taken. Steps along the gradient of the likelihood."""
        excess = min(surprise / total - 1.0, 4.0)
        shift = (1 - KEEP_SHIFT**2) * self.shift2 * load_g * load_g / total
        low, high = PIECE_CV_BETWEEN
        self.piece_cv2 = min(max(self.piece_cv2 * (1 + LEARN_PIECES * excess * pieces / total), low**2), high**2)
        low, high = SHIFT_BETWEEN
        self.shift2 = min(max(self.shift2 * (1 + LEARN_SHIFT * excess * shift), low**2), high**2)
        if taken > 0.5:
            self.pick_pieces += (taken - self.pick_pieces) * LEARN_PICK

    def learn_lot(self, piece_g: float) -> None:
        """From a refill of known pieces: what one weighs. What is not near the usual is no lot but a mistake."""
        if not 0.5 < piece_g / self.lot_g < 2.0:
            return
        if self.lots > 1:
            off2 = (piece_g / self.lot_g - 1) ** 2 / (1 + 1 / self.lots)
            self.lot_cv2 += (min(off2, 9 * self.lot_cv2) - self.lot_cv2) / (5 + self.lots)
        self.lots = min(self.lots + 1, LOTS_REMEMBERED)
        self.lot_g += (piece_g - self.lot_g) / self.lots

    def learn_filling(self, p_misfill: float) -> None:
        """From a refill that has been used up: how probable it is by now that it was not exactly its packs (Bayes)."""
        chance = self.misfill
        p_misfill = min(max(p_misfill, 1e-6), 1 - 1e-6)
        ratio = p_misfill / (1 - p_misfill) * (1 - chance) / chance
        weights = (self.f0, self.f1, self.f2, self.f3, self.f4)
        raised = [max(1e-4, w * (1 - f + f * ratio)) for f, w in zip(FILLINGS, weights, strict=True)]
        total = sum(raised)
        self.f0, self.f1, self.f2, self.f3, self.f4 = (weight / total for weight in raised)


SINGLES = Singles(*Habits.__slots__)
