# SPDX-License-Identifier: Apache-2.0
"""Did every reading arrive, and once? Compares what devices say was acknowledged with what the fleet has."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tools.simulate.console import Acked, Boot, Said, Taken

Key = tuple[str, int, int]
"""(device, epoch, sequence) names a reading for ever."""

_WEIGHING = ("device", "boot_count", "channel", "uptime_s", "raw", "spread")


class Verdict(NamedTuple):
    """sent: distinct readings whose acknowledgement the devices reported; stored: those of them the fleet has;
    duplicated: stored readings beyond the first under one key, or for one and the same weighing."""

    sent: int
    stored: int
    lost: int
    duplicated: int


class Tally:
    """Listens to the devices' consoles."""

    def __init__(self) -> None:
        self.taken: set[Key] = set()
        self.acked: set[Key] = set()
        self.boots: Counter[str] = Counter()
        self._epoch: dict[str, int] = {}

    def hear(self, device: str, said: Said) -> None:
        """Take note of one console line of this device."""
        if isinstance(said, Boot):
            self._epoch[device] = said.epoch
            self.boots[device] += 1
        elif isinstance(said, Taken) and device in self._epoch:
            self.taken.add((device, self._epoch[device], said.sequence))
        elif isinstance(said, Acked):
            self.acked.update(self._meant(device, said))

    def _meant(self, device: str, said: Acked) -> set[Key]:
        """The acknowledged keys. A batch with gaps names only its ends and its size; what was taken fills the rest."""
        batch = {(device, said.epoch, sequence) for sequence in range(said.first, said.last + 1)}
        return batch if len(batch) == said.readings else batch & self.taken

    def judge(self, stored: Iterable[Mapping[str, Any]]) -> Verdict:
        """Compare with the fleet's readings, as its API gives them."""
        rows = list(stored)
        keys = Counter((row["device"], row["epoch"], row["sequence"]) for row in rows)
        weighings = {tuple(row[name] for name in _WEIGHING) for row in rows}
        missing = self.acked - keys.keys()
        twice = len(rows) - min(len(keys), len(weighings))
        return Verdict(len(self.acked), len(self.acked) - len(missing), len(missing), twice)
