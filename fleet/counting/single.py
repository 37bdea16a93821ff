# SPDX-License-Identifier: Apache-2.0
"""Numbers that are kept in single precision, so that what is packed in few bytes is bit for bit what goes on."""

from collections.abc import Sequence
from operator import attrgetter
from struct import Struct

MOST = 3e38  # of a single float


def rounded(packer: Struct, numbers: Sequence[float]) -> tuple[float, ...]:
    """Numbers as this packer of single floats has them; what is too large for one becomes the largest."""
    try:
        packed = packer.pack(*numbers)
    except OverflowError:
        packed = packer.pack(*(min(max(number, -MOST), MOST) for number in numbers))
    return packer.unpack(packed)


class Singles:
    """The numbers of a part, by name, that are kept in single precision; `round` them whenever they have changed."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._packer = Struct(f"<{len(names)}f")
        self._get = attrgetter(*names)

    def round(self, part: object) -> None:
        """Rounds them."""
        for name, number in zip(self.names, rounded(self._packer, self._get(part)), strict=True):
            setattr(part, name, number)
