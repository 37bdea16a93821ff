# SPDX-License-Identifier: Apache-2.0
"""The simplest counter there is, to compare with: weight divided by piece weight, at every reading, always believed."""

from fleet.counting.counter import OK, PICK, RETURN, BinSetup, Count, Event


class NaiveCounter:
    """round((raw - tare) / counts per gram / piece weight). It may be negative: a lifted bin is, by this counter."""

    def __init__(self, setup: BinSetup) -> None:
        self._tare_raw = setup.tare_raw
        self._raw_per_piece = setup.counts_per_gram * setup.apw_g
        self._pieces: int | None = None
        self._before: int | None = None

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        """The count after this reading."""
        level = (raw - self._tare_raw) / self._raw_per_piece
        self._before, self._pieces = self._pieces, round(level)
        return Count(
            pieces=self._pieces,
            mean=level,
            sd=None,
            lower=None,
            upper=None,
            state=OK,
            is_settled=True,
            is_evidence=True,
            events=changed(self._before, self._pieces),
        )

    def is_order_due(self, reorder_point: int) -> bool:
        """Whether this reading and the one before it were at or below the reorder point."""
        if self._pieces is None or self._before is None:
            return False
        return max(self._pieces, self._before) <= reorder_point


def changed(before: int | None, after: int | None) -> tuple[Event, ...]:
    """The event between two counts of a counter that knows of no reasons; none for the first count."""
    if before is None or after is None or before == after:
        return ()
    return (Event(PICK if after < before else RETURN, after - before),)
