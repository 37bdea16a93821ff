# SPDX-License-Identifier: Apache-2.0
"""Random numbers that are the same in every run: a linear congruential generator (Numerical Recipes)."""


class FakeRandom:
    def __init__(self, seed=1):
        self._state = seed

    def uint32(self):
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return self._state

    def below(self, limit):
        return (self.uint32() >> 8) % limit
