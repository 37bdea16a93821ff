# SPDX-License-Identifier: Apache-2.0
"""A scale that plays back what it is given: counts, None while nothing is ready, or an error; the last for ever."""


class FakeScale:
    def __init__(self, conversions):
        self._conversions = iter(conversions)
        self._last = None
        self.restarts = 0

    def read_raw(self):
        for found in self._conversions:
            self._last = found
            break
        if isinstance(self._last, OSError):
            raise self._last
        return self._last

    def restart(self):
        self.restarts += 1
