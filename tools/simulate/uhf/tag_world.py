# SPDX-License-Identifier: Apache-2.0
"""Tags that come and go before an antenna, by a script that its seed decides."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FADING_DB = 3.0  # what moves nearby makes of a signal, one standard deviation


@dataclass(frozen=True)
class Visit:
    """One tag before one antenna, from `from_s` to before `to_s`."""

    epc: bytes
    from_s: float
    to_s: float
    rssi_dbm: int = -55
    antenna: int = 1
    read_share: float = 0.7  # of the rounds


def visits_of(script: Sequence[Mapping[str, Any]]) -> list[Visit]:
    """From JSON, where the EPC is in hexadecimal."""
    return [Visit(**{**each, "epc": bytes.fromhex(each["epc"])}) for each in script]


class TagWorld:
    def __init__(self, visits: Sequence[Visit], seed: int) -> None:
        self._visits = visits
        self._chance = random.Random(seed)

    def round(self, now_s: float) -> Iterator[tuple[bytes, int, int]]:
        """(EPC, RSSI, antenna) of each tag that answers in an inventory round."""
        for visit in self._visits:
            if visit.from_s <= now_s < visit.to_s and self._chance.random() < visit.read_share:
                rssi_dbm = round(self._chance.gauss(visit.rssi_dbm, FADING_DB))
                yield visit.epc, max(-100, min(-1, rssi_dbm)), visit.antenna


def coming_and_going(seed: int, tags: int, until_s: float) -> list[Visit]:
    """`tags` tags with 96-bit EPCs, each there for a while, gone for a while."""
    chance = random.Random(seed)
    visits = []
    for _ in range(tags):
        epc = bytes((0x30,)) + chance.randbytes(11)
        at_s = chance.uniform(0, until_s / 4)
        while at_s < until_s:
            stays_s = chance.uniform(30, 120)
            visits.append(Visit(epc, at_s, at_s + stays_s, chance.randrange(-70, -40)))
            at_s += stays_s + chance.uniform(60, 180)
    return visits
