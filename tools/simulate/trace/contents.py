# SPDX-License-Identifier: Apache-2.0
"""The pieces in a bin: how many, and what they really weigh."""

import numpy as np

from tools.simulate.trace.classes import BinClass

APW_ERROR = 0.005  # the configured piece weight to the mean of the first lot, 1 sd
RECENT_PIECES = 200  # more than so many of what was taken nobody brings back


class Contents:
    """Weights mix evenly: whoever takes pieces takes them of all lots in the bin."""

    def __init__(self, bin_class: BinClass, random: np.random.Generator) -> None:
        self._class = bin_class
        self._random = random
        self.pieces = bin_class.initial_count
        self.out = 0  # pieces that were taken and may come back
        lot_g = self._lot_g()
        self.mass_g = self._weigh(self.pieces, lot_g)
        self.apw_g = float(f"{lot_g * (1 + APW_ERROR * random.standard_normal()):.5g}")

    def take(self, pieces: int) -> float:
        """Grams of so many pieces, at most those that are there. The rest weighs what is left."""
        mean_g = self.mass_g / self.pieces
        share = pieces / self.pieces
        spread_g = self._class.piece_cv * mean_g * (pieces * (1 - share)) ** 0.5
        mass_g = self.mass_g if pieces == self.pieces else pieces * mean_g + spread_g * self._random.standard_normal()
        self.pieces -= pieces
        self.mass_g -= mass_g
        self.out = min(self.out + pieces, RECENT_PIECES)
        return float(mass_g)

    def give_back(self, pieces: int) -> float:
        """Grams of pieces that were taken before."""
        mass_g = self._weigh(pieces, self.mass_g / self.pieces if self.pieces else self._class.piece_g)
        self.out -= pieces
        self._add(pieces, mass_g)
        return mass_g

    def fill(self) -> list[tuple[int, float]]:
        """The packs of one refill, all of one new lot: pieces and grams of each."""
        lot_g = self._lot_g()
        packs = []
        for _ in range(self._class.packs_per_refill):
            error = self._class.pack_filling * self._random.standard_normal()
            pieces = max(1, round(self._class.pack_size * (1 + error)))
            packs.append((pieces, self._weigh(pieces, lot_g)))
            self._add(*packs[-1])
        self.out = 0
        return packs

    def _add(self, pieces: int, mass_g: float) -> None:
        self.pieces += pieces
        self.mass_g += mass_g

    def _lot_g(self) -> float:
        return float(self._class.piece_g * (1 + self._class.lot_shift * self._random.standard_normal()))

    def _weigh(self, pieces: int, mean_g: float) -> float:
        return float(mean_g * (pieces + self._class.piece_cv * pieces**0.5 * self._random.standard_normal()))
