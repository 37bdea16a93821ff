# SPDX-License-Identifier: Apache-2.0
"""Where the bars of a picture lie, and how long they are. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

LEAST_PERCENT = 2.0
"""What is there is seen, however small a part it is."""
LEAST_PX = 2.0
FILL = 0.72
"""How much of its room a column takes."""
MARKS_MAX = 3


@dataclass(frozen=True)
class Part:
    """A part of a stacked bar: its beginning and its length in percent of the bar's."""

    x: float
    width: float


@dataclass(frozen=True)
class Column:
    """A column of a picture: `x`, `width` and `middle` in percent of its width, `y` and `height` in px from its top."""

    x: float
    width: float
    middle: float
    y: float
    height: float


@dataclass(frozen=True)
class Mark:
    """A line across the columns at a round quantity, `y` px from the top."""

    quantity: int
    y: float


def parts(quantities: Sequence[float]) -> list[Part]:
    """A stacked bar of these. What is nothing has no length, what is something has at least LEAST_PERCENT."""
    whole = sum(quantities)
    if whole <= 0:
        return [Part(0, 0) for _ in quantities]
    widths = [max(100 * quantity / whole, LEAST_PERCENT) if quantity > 0 else 0.0 for quantity in quantities]
    scale = 100 / sum(widths)
    starts = accumulate((width * scale for width in widths[:-1]), initial=0.0)
    return [Part(round(start, 2), round(width * scale, 2)) for start, width in zip(starts, widths, strict=True)]


def columns(quantities: Sequence[float], top_px: float, height_px: float) -> list[Column]:
    """Columns side by side on one ground, `height_px` below `top_px`; the highest reaches up to there."""
    room = 100 / max(len(quantities), 1)
    full = max([*quantities, 0.0])
    drawn = []
    for place, quantity in enumerate(quantities):
        height = max(height_px * quantity / full, LEAST_PX) if quantity > 0 else 0.0
        drawn.append(
            Column(
                x=round(room * (place + (1 - FILL) / 2), 2),
                width=round(room * FILL, 2),
                middle=round(room * (place + 0.5), 2),
                y=round(top_px + height_px - height, 1),
                height=round(height, 1),
            )
        )
    return drawn


def marks(quantities: Sequence[float], top_px: float, height_px: float) -> list[Mark]:
    """Nothing and up to MARKS_MAX round quantities, where they lie beside such columns."""
    full = max([*quantities, 0.0])
    step = _round_step(full)
    levels = range(0, int(full) + 1, step)
    return [Mark(level, round(top_px + height_px * (1 - level / max(full, 1)), 1)) for level in levels]


def _round_step(full: float) -> int:
    """The least of 1, 2, 5, 10, 20, ... of which at most MARKS_MAX fit."""
    step = 1
    while True:
        for times in (1, 2, 5):
            if step * times * (MARKS_MAX + 1) > full:
                return step * times
        step *= 10
