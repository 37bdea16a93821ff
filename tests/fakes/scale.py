# SPDX-License-Identifier: Apache-2.0
"""A scale that plays back what it is given: counts, None while nothing is ready, or an error; the last for ever."""

REPEATS = 500


class FakeScale:
    """A live cell: while it repeats its last count it says one more now and then, unless it `hangs`."""

    def __init__(self, conversions, hangs=False):
        self._conversions = iter(conversions)
        self._last = None
        self._hangs = hangs
        self._repeated = 0
        self.restarts = 0
        self.is_wide = False

    def read_raw(self):
        raw = self._next()
        return raw // 2 if self.is_wide and raw is not None else raw

    def widen(self):
        self.is_wide = True
        return True

    def narrow(self):
        self.is_wide = False

    def _next(self):
        for found in self._conversions:
            self._last = found
            return self._said(found)
        self._repeated += 1
        if isinstance(self._last, int) and not self._hangs and self._repeated % REPEATS == 0:
            return self._last + 1
        return self._said(self._last)

    def _said(self, found):
        if isinstance(found, OSError):
            raise found
        return found

    def restart(self):
        self.restarts += 1

    def power_down(self):
        pass
