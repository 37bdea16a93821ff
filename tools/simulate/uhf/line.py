# SPDX-License-Identifier: Apache-2.0
"""A serial line that does what lines do: noise between frames, bits that flip, bytes that are lost."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Damage:
    """Shares of all frames, by what befalls them."""

    noise: float = 0.0  # bytes of anything before it
    truncated: float = 0.0  # only its beginning arrives
    flipped: float = 0.0  # a bit or several are wrong
    lost: float = 0.0  # a byte or several are missing


class Line:
    def __init__(self, damage: Damage, seed: int) -> None:
        self._damage = damage
        self._chance = random.Random(seed)

    def carry(self, frame: bytes) -> bytes:
        """The frame as it arrives."""
        chance, damage = self._chance, self._damage
        noise = chance.randbytes(chance.randrange(1, 24)) if chance.random() < damage.noise else b""
        arrived = bytearray(frame)
        if chance.random() < damage.truncated:
            del arrived[chance.randrange(len(arrived)) :]
        if arrived and chance.random() < damage.flipped:
            for _ in range(chance.choice((1, 1, 2, 8))):
                arrived[chance.randrange(len(arrived))] ^= 1 << chance.randrange(8)
        if arrived and chance.random() < damage.lost:
            start = chance.randrange(len(arrived))
            del arrived[start : start + chance.choice((1, 1, 2, 9))]
        return noise + bytes(arrived)
