# SPDX-License-Identifier: Apache-2.0
"""How an item stands at its stocking location: cover in days, safety stock, and the word for it. Pure."""

from dataclasses import dataclass

DAY_MS = 86_400_000
USED_OVER_DAYS = 30

OUT, BELOW_SAFETY, TO_REORDER, HEALTHY, EXCESS = range(5)
"""What `standing` is, worst first; in words: `schema.STANDINGS`."""

COVER_BELOW_DAYS = (
    (1, "cover_below_1d"),
    (3, "cover_1d_to_3d"),
    (7, "cover_3d_to_7d"),
    (14, "cover_7d_to_14d"),
    (30, "cover_14d_to_30d"),
)
COVER_MORE = "cover_above_30d"


@dataclass(frozen=True, slots=True)
class Levels:
    """What the planner has set for a pair: pieces, and seconds until a delivery."""

    reorder_point: int
    order_up_to: int
    order_multiple: int
    lead_time_s: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An item at a stocking location at one moment. What needs levels is None where there are none."""

    qty_on_hand: int
    qty_on_order: int
    in_doubt: bool
    usage_per_day: float
    days_of_cover: float | None
    safety_stock: float | None
    reorder_point: int | None
    order_up_to: int | None
    standing: int


def weigh(
    qty_on_hand: int, qty_on_order: int, in_doubt: bool, used: int, over_ms: int, levels: Levels | None
) -> Standing:
    """How a pair stands of which `used` pieces were used in the last `over_ms` milliseconds.

    Cover is None when nothing is used. Safety stock is what the reorder point leaves when a delivery takes its lead
    time at the present usage: below it a delivery ordered in time comes late, or more is used than before. What nobody
    uses is not called so.
    """
    usage_per_day = max(0, used) * DAY_MS / max(over_ms, DAY_MS)
    cover = max(0, qty_on_hand) / usage_per_day if usage_per_day else None
    safety = None if levels is None else max(0.0, levels.reorder_point - usage_per_day * levels.lead_time_s / 86_400)
    return Standing(
        qty_on_hand=qty_on_hand,
        qty_on_order=qty_on_order,
        in_doubt=in_doubt,
        usage_per_day=usage_per_day,
        days_of_cover=cover,
        safety_stock=safety,
        reorder_point=None if levels is None else levels.reorder_point,
        order_up_to=None if levels is None else levels.order_up_to,
        standing=_word(qty_on_hand, usage_per_day, safety, levels),
    )


def _word(qty_on_hand: int, usage_per_day: float, safety: float | None, levels: Levels | None) -> int:
    if qty_on_hand <= 0:
        return OUT
    if levels is None or safety is None:
        return HEALTHY
    if usage_per_day and qty_on_hand < safety:
        return BELOW_SAFETY
    if qty_on_hand <= levels.reorder_point:
        return TO_REORDER
    return EXCESS if qty_on_hand > levels.order_up_to + levels.order_multiple else HEALTHY


def used_over_ms(first_at_ms: int | None, now_ms: int) -> int:
    """Over how long use is averaged: 30 days, or since the first movement, at least a day."""
    since_ms = now_ms if first_at_ms is None else first_at_ms
    return max(DAY_MS, min(USED_OVER_DAYS * DAY_MS, now_ms - since_ms))
