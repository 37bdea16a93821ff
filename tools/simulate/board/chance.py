# SPDX-License-Identifier: Apache-2.0
"""Seeded random numbers of the simulated world, apart from whatever the firmware draws for itself."""

import math


class Chance:
    """xorshift32 (Marsaglia 2003): small, quick, and the same on every interpreter."""

    def __init__(self, seed):
        self._x = (seed * 2654435761 + 974711) & 0xFFFFFFFF or 1
        for _ in range(8):
            self.bits()

    def bits(self):
        """32 random bits."""
        x = self._x
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self._x = x
        return x

    def fraction(self):
        """A number in [0, 1)."""
        return self.bits() / 4294967296

    def between(self, low, high):
        """A number in [low, high)."""
        return low + (high - low) * self.fraction()

    def bell(self):
        """Nearly normal, mean 0, standard deviation 1, never beyond 3.5: the sum of four bytes; this is hot."""
        x = self.bits()
        return ((x & 255) + (x >> 8 & 255) + (x >> 16 & 255) + (x >> 24) - 510) / 147.8

    def wait(self, mean):
        """Exponential with the given mean: the time to the next of many independent events."""
        return -mean * math.log(1 - self.fraction())

    def pieces(self, mean):
        """A whole number >= 1 with about the given mean, geometric: small picks are common, big ones happen."""
        if mean <= 1:
            return 1
        return 1 + int(math.log(1 - self.fraction()) / math.log(1 - 1 / mean))
