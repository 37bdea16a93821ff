# SPDX-License-Identifier: Apache-2.0
"""Time series of made-up plants for the pictures: two customers, three sites, 200 items, ninety days, seeded."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.series.model import NS_IN_MS, Point, TimeSeriesStore
from fleet.series.schema import ITEM_DAILY, ITEM_STOCK, RISK, RISK_RANKS, SITE_HOURLY, SITE_STATUS
from fleet.series.standing import COVER_BELOW_DAYS, COVER_MORE, Levels, Standing, weigh
from tests.web.small_plant import with_first_of_all
from tests.web.story import NOW_MS

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
DAYS = 90
SITES = (("acme", "plant-1", 80), ("acme", "plant-2", 50), ("nordwerk", "plant-1", 70))
LOCATIONS = ("line-1", "line-2", "assembly", "dispatch")
PARTS = (
    *("screw-m4x12", "screw-m5x16", "screw-m6x20", "washer-m4", "washer-m6", "nut-m5", "nut-m8", "rivet-4x10"),
    *("hinge-26", "bracket-60", "clip-r12", "o-ring-14", "spring-p8", "dowel-8x30", "cap-12", "pin-3x20"),
)
WORKING_HOURS = range(6, 18)
ITEMS_OF = ("items_out", "items_below_safety", "items_reorder", "items_healthy", "items_excess")


@dataclass
class Item:
    """An item at its place: what is used a day, how it is ordered, and what is there."""

    tags: tuple[str, str, str, str]
    a_day: float
    levels: Levels
    on_hand: int
    on_order: int = 0
    comes_on_day: int | None = None
    used: int = 0


def tell(store: TimeSeriesStore, now_ms: int = NOW_MS, seed: int = 14) -> None:
    """Writes the whole plant. The same seed tells the same story."""
    points: list[Point] = []
    for customer, site, number in SITES:
        dice = random.Random(f"{seed} {customer} {site}")
        items = [_item(customer, site, place, dice) for place in range(number)]
        points += _site(customer, site, items, now_ms, dice)
    store.write(with_first_of_all(points))


def _item(customer: str, site: str, place: int, dice: random.Random) -> Item:
    a_day = round(10 ** dice.uniform(0.6, 2.6), 1)
    multiple = max(10, 10 ** (len(str(round(a_day))) - 1) * 10)
    lead_days = dice.choice((2, 3, 5))
    reorder_point = round(a_day * lead_days * dice.uniform(1.3, 2.2))
    levels = Levels(reorder_point, reorder_point + round(a_day * dice.uniform(6, 24)), multiple, lead_days * 86_400)
    name = f"{PARTS[place % len(PARTS)]}{'' if place < len(PARTS) else f'-{place // len(PARTS)}'}"
    location = LOCATIONS[place * len(LOCATIONS) // 80 % len(LOCATIONS)]
    on_hand = dice.randint(reorder_point, levels.order_up_to + multiple)
    if place % 19 == 7:  # was used once, and is hardly any more
        on_hand, a_day = 2 * (levels.order_up_to + multiple), round(a_day / 20, 2)
    return Item((customer, site, location, name), a_day, levels, on_hand)


def _site(customer: str, site: str, items: Sequence[Item], now_ms: int, dice: random.Random) -> Iterator[Point]:
    today_ms = now_ms // DAY_MS * DAY_MS
    for day in range(DAYS):
        begins_ms = today_ms - (DAYS - 1 - day) * DAY_MS
        hours = [begins_ms + hour * HOUR_MS for hour in WORKING_HOURS]
        hours = [at_ms for at_ms in hours if at_ms + HOUR_MS <= now_ms]
        is_free = (begins_ms // DAY_MS + 3) % 7 in (5, 6)  # the first of January 1970 was a Thursday
        by_hour = dict.fromkeys(hours, 0)
        for item in items:
            yield from _deliver(item, day, begins_ms)
            if hours:
                yield from _use(item, day, hours, 0.08 if is_free else 1.35, by_hour, dice)
        for at_ms, used in by_hour.items():
            if used:
                yield Point(SITE_HOURLY.name, (customer, site), at_ms * NS_IN_MS, {"used": float(used)})
    stood = [(item, _standing(item, is_in_doubt=dice.random() < 0.02)) for item in items]
    for item, standing in stood:
        yield _stock(item, now_ms - 2 * MINUTE_MS, standing)
    yield _status(customer, site, [standing for _, standing in stood], now_ms - MINUTE_MS)
    yield from _risks(customer, site, stood, now_ms - MINUTE_MS)


def _deliver(item: Item, day: int, begins_ms: int) -> Iterator[Point]:
    if item.comes_on_day == day:
        received, item.on_order, item.comes_on_day = item.on_order, 0, None
        item.on_hand += received
        yield Point(ITEM_DAILY.name, item.tags, begins_ms * NS_IN_MS, {"received": float(received)})
        yield _stock(item, begins_ms + 5 * HOUR_MS)


def _use(
    item: Item, day: int, hours: Sequence[int], share: float, by_hour: dict[int, int], dice: random.Random
) -> Iterator[Point]:
    """Picks at some hours of the day, and an order when the reorder point is reached; few come late by days."""
    used = 0
    at = sorted(dice.sample(hours, k=min(3, len(hours))))
    for at_ms in at:
        picked = min(item.on_hand, round(max(0.0, dice.gauss(1, 0.45)) * share * item.a_day / 3))
        item.on_hand -= picked
        used += picked
        by_hour[at_ms] += picked
        if not item.on_order and item.on_hand <= item.levels.reorder_point:
            wanted = item.levels.order_up_to - item.on_hand
            item.on_order = wanted // item.levels.order_multiple * item.levels.order_multiple
            late = dice.choice((*[0] * 9, 1, 2, 4))
            item.comes_on_day = day + item.levels.lead_time_s // 86_400 + late
        if picked:
            yield _stock(item, at_ms + 20 * MINUTE_MS)
    item.used = used
    day_ms = hours[0] // DAY_MS * DAY_MS
    if used:
        yield Point(ITEM_DAILY.name, item.tags, day_ms * NS_IN_MS, {"used": float(used)})


def _standing(item: Item, is_in_doubt: bool = False) -> Standing:
    used = round(30 * item.a_day)
    return weigh(item.on_hand, item.on_order, is_in_doubt, used, 30 * DAY_MS, item.levels)


def _stock(item: Item, at_ms: int, standing: Standing | None = None) -> Point:
    stood = standing or _standing(item)
    fields = {
        field.name: float(getattr(stood, field.name))
        for field in ITEM_STOCK.fields
        if getattr(stood, field.name) is not None
    }
    return Point(ITEM_STOCK.name, item.tags, at_ms * NS_IN_MS, fields)


def _status(customer: str, site: str, stood: Sequence[Standing], at_ms: int) -> Point:
    figures = dict.fromkeys((field.name for field in SITE_STATUS.fields), 0.0)
    for one in stood:
        figures[ITEMS_OF[one.standing]] += 1
        figures["items_in_doubt"] += one.in_doubt
        days = one.days_of_cover or 0.0
        figures[next((name for below, name in COVER_BELOW_DAYS if days < below), COVER_MORE)] += 1
    return Point(SITE_STATUS.name, (customer, site), at_ms * NS_IN_MS, figures)


def _risks(customer: str, site: str, stood: Sequence[tuple[Item, Standing]], at_ms: int) -> Iterator[Point]:
    first = sorted(stood, key=lambda one: one[1].days_of_cover or 0.0)[:RISK_RANKS]
    for rank, (item, standing) in enumerate(first, start=1):
        days = standing.days_of_cover or 0.0
        fields = {
            "risk_item": item.tags[3],
            "risk_location": item.tags[2],
            "days_of_cover": days,
            "stockout_at_s": round((at_ms + days * DAY_MS) / 1000),
            "qty_on_hand": float(standing.qty_on_hand),
            "qty_on_order": float(standing.qty_on_order),
            "standing": float(standing.standing),
        }
        yield Point(RISK.name, (customer, site, f"{rank:02}"), at_ms * NS_IN_MS, fields)
