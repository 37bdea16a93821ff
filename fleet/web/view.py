# SPDX-License-Identifier: Apache-2.0
"""What the page says about a bin and an order: words, tones and the geometry of the level bar. No I/O."""

from dataclasses import dataclass
from typing import Any

from fleet.api import iso
from fleet.counting import counter
from fleet.counting.counter import OK

NOTHING = "\u2013"
"""An en dash, where there is no figure."""


@dataclass(frozen=True)
class Standing:
    """How a bin stands, in words; `tone` (ok, order, warn, bad, idle) chooses colour and shape."""

    words: str
    tone: str


NO_READING = Standing("No reading yet", "idle")
SILENT = Standing("Silent", "bad")
STATES = {
    counter.STALE: SILENT,
    counter.ABSENT: Standing("Bin lifted", "warn"),
    counter.FOREIGN: Standing("Foreign object", "warn"),
    counter.OVERLOADED: Standing("Overloaded", "bad"),
    counter.FAULT_SATURATED: Standing("Scale saturated", "bad"),
    counter.FAULT_STUCK: Standing("Scale stuck", "bad"),
    counter.FAULT_OPEN: Standing("Scale open", "bad"),
    counter.FAULT_NOISY: Standing("Scale noisy", "bad"),
    counter.UNCERTAIN: Standing("Uncertain", "warn"),
}
"""What is said of a count that is not `ok`."""
BECAUSE = {
    counter.UNCERTAIN: "the scale cannot tell",
    counter.FOREIGN: "something lies in it that is no part of it",
    counter.ABSENT: "it is off its scale",
    counter.OVERLOADED: "there is too much weight on it",
    counter.FAULT_SATURATED: "its scale is faulty",
    counter.FAULT_STUCK: "its scale is faulty",
    counter.FAULT_OPEN: "its scale is faulty",
    counter.FAULT_NOISY: "its scale does not come to rest",
    counter.STALE: "nothing is heard of it",
}
"""Why somebody is asked to count a bin, by the state that it was in for too long."""
SETTLING = Standing("Settling", "idle")
ON_ORDER = Standing("On order", "order")
LOW = Standing("Low", "warn")
EMPTY = Standing("Empty", "bad")
FINE = Standing("OK", "ok")


@dataclass(frozen=True)
class Level:
    """The level bar: distances from its left end in percent of its length. None: there is no such mark."""

    pieces: float
    lower: float
    upper: float
    on_order: float
    reorder_point: float | None
    order_up_to: float | None


@dataclass(frozen=True)
class Card:
    """One bin on the page. A doubtful one shows the pieces it was last counted with, and says so."""

    id: int
    bin: str
    item: str
    item_name: str
    place: str
    standing: Standing
    is_doubtful: bool
    pieces: str
    bounds: str
    level: Level | None
    level_words: str
    qty_on_order: int
    reorder_point: int | None
    order_up_to: int | None
    last_reading: str
    last_reading_at: str
    is_fresh: bool


@dataclass(frozen=True)
class Task:
    """One bin to be counted by hand, and why."""

    id: int
    bin: str
    item_name: str
    because: str
    since: str
    since_at: str


def task(row: Any, now_ms: int) -> Task:
    """A row of `list_tasks` as it is shown at `now_ms`."""
    return Task(
        id=row.id,
        bin=row.bin,
        item_name=row.item_name,
        because=BECAUSE[row.reason],
        since=age(now_ms - row.since_ms).removesuffix(" ago"),
        since_at=iso(row.since_ms),
    )


def card(row: Any, now_ms: int) -> Card:
    """A row of `list_cards` as it is shown at `now_ms`."""
    is_fresh = row.at_ms is not None and now_ms - row.at_ms <= row.stale_after_ms
    return Card(
        id=row.id,
        bin=row.bin,
        item=row.item,
        item_name=row.item_name,
        place=f"{row.location_name}, {row.site_name}",
        standing=standing(row, is_fresh),
        is_doubtful=row.pieces is not None and (not is_fresh or row.state != OK),
        pieces=NOTHING if row.pieces is None else number(row.pieces),
        bounds=bounds(row.pieces, row.lower, row.upper),
        level=level(row),
        level_words=_level_words(row),
        qty_on_order=row.qty_on_order or 0,
        reorder_point=row.reorder_point,
        order_up_to=row.order_up_to,
        last_reading="none yet" if row.at_ms is None else age(now_ms - row.at_ms),
        last_reading_at="" if row.at_ms is None else iso(row.at_ms),
        is_fresh=is_fresh,
    )


def standing(row: Any, is_fresh: bool) -> Standing:
    """The one thing to know about a bin; doubt about the figure comes before what the figure means."""
    if row.state is None:
        return NO_READING
    if not is_fresh:
        return SILENT
    if row.state != OK:
        return STATES[row.state]
    if not row.is_settled and not row.is_evidence:
        return SETTLING
    if row.reorder_point is not None and (row.qty_on_hand or 0) <= row.reorder_point:
        if row.qty_on_order:
            return ON_ORDER
        return LOW if row.pieces else EMPTY
    return FINE


def bounds(pieces: int | None, lower: int | None, upper: int | None) -> str:
    """The error bar in words: "± 3" when even, "409 to 415" when not, "exact" when there is none."""
    if pieces is None or lower is None or upper is None:
        return ""
    if lower == upper:
        return "exact"
    if pieces - lower == upper - pieces:
        return f"± {number(pieces - lower)}"
    return f"{number(lower)} to {number(upper)}"


def level(row: Any) -> Level | None:
    """The bar of a counted bin, scaled so that everything that has a mark fits."""
    if row.pieces is None:
        return None
    on_order = row.qty_on_order or 0
    lower = row.pieces if row.lower is None else row.lower
    upper = row.pieces if row.upper is None else row.upper
    full: float = max(row.order_up_to or 0, upper, row.pieces + on_order, 1) * 1.04

    def percent(pieces: int) -> float:
        return round(100 * max(pieces, 0) / full, 2)

    return Level(
        pieces=percent(row.pieces),
        lower=percent(lower),
        upper=percent(upper),
        on_order=percent(row.pieces + on_order),
        reorder_point=None if row.reorder_point is None else percent(row.reorder_point),
        order_up_to=None if row.order_up_to is None else percent(row.order_up_to),
    )


def age(elapsed_ms: int) -> str:
    """How long ago, in the largest unit that fits: "8 s ago", "3 min ago", "5 h ago", "2 d ago"."""
    elapsed_s = max(elapsed_ms, 0) // 1000
    for seconds, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if elapsed_s >= seconds:
            return f"{elapsed_s // seconds} {unit} ago"
    return f"{elapsed_s} s ago"


def number(quantity: int) -> str:
    """With a narrow no-break space at the thousands, as ISO 80000 has it."""
    return f"{quantity:,}".replace(",", "\u202f")


def clock_time(at_ms: int) -> str:
    """To the second: "2026-11-23 08:15:30"."""
    return iso(at_ms)[:19].replace("T", " ")


def _level_words(row: Any) -> str:
    if row.pieces is None:
        return "not counted yet"
    words = [f"{row.pieces} pieces"]
    if row.reorder_point is not None:
        words.append(f"min {row.reorder_point}, max {row.order_up_to}")
    if row.qty_on_order:
        words.append(f"{row.qty_on_order} on order")
    return "; ".join(words)
