# SPDX-License-Identifier: Apache-2.0
"""A counter that weighs and rounds, believes every refill and stocktake, and remembers what it was told."""

from typing import Any, Self

from fleet.counting.counter import CORRECT, OK, PICK, REFILL, UNCERTAIN, BinSetup, Count, Event


class RoundingCounter:
    """Counts from the first reading on, or from a later one; `sd` is what it says of every count."""

    def __init__(self, setup: BinSetup, *, sd: float | None = 0.25, counts_after: int = 0) -> None:
        self.setup = setup
        self.told: list[tuple[Any, ...]] = []
        self._sd = sd
        self._counts_after = counts_after
        self._pieces: int | None = None

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        """Rounds."""
        self.told.append(("reading", t_s, raw, temp_c))
        if sum(call[0] == "reading" for call in self.told) <= self._counts_after:
            return Count(None, None, None, None, None, UNCERTAIN, is_settled=False, is_evidence=False)
        return self._count(round(self.setup.net_g(raw) / self.setup.apw_g), PICK)

    def refill(self, t_s: float, packs: int) -> Count:
        """Adds the packs at once."""
        self.told.append(("refill", t_s, packs))
        return self._count((self._pieces or 0) + packs * self.setup.pack_size, REFILL)

    def stocktake(self, t_s: float, count: int) -> Count:
        """Takes over the count."""
        self.told.append(("stocktake", t_s, count))
        return self._count(count, CORRECT)

    def recalibrate(self, t_s: float, setup: BinSetup) -> Count:
        """The same pieces on another setup."""
        self.setup = setup
        return self._count(self._pieces or 0, CORRECT)

    def p_at_or_below(self, pieces: int) -> float:
        """Half the share of the pieces that are above, so that every reorder point has a figure of its own."""
        return 1.0 if (self._pieces or 0) <= pieces else 0.5 * pieces / (self._pieces or 1)

    def is_order_due(self, reorder_point: int) -> bool:
        """Without any doubt."""
        return self._pieces is not None and self._pieces <= reorder_point

    def dump(self) -> bytes:
        """The pieces."""
        return str(self._pieces).encode()

    @classmethod
    def load(cls, setup: BinSetup, memory: bytes) -> Self:
        """With the pieces that were dumped."""
        counter = cls(setup)
        counter._pieces = int(memory)
        return counter

    def _count(self, pieces: int, kind: str) -> Count:
        before, self._pieces = self._pieces, pieces
        events = () if before in (None, pieces) else (Event(kind, pieces - (before or 0)),)
        return Count(pieces, float(pieces), self._sd, pieces, pieces, OK, True, True, events)
