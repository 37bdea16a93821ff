# SPDX-License-Identifier: Apache-2.0
"""Time series of two customers and three sites with so few items that every sum can be told by heart."""

from collections.abc import Iterable

from fleet.series.model import NS_IN_MS, Point, TimeSeriesStore
from fleet.series.overview import fleet_risks
from fleet.series.schema import (
    FLEET_RISK,
    ITEM_DAILY,
    ITEM_STOCK,
    RISK,
    SITE_HOURLY,
    SITE_STATUS,
    STANDINGS,
)
from tests.web.story import NOW_MS

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
MIDNIGHT_MS = NOW_MS // DAY_MS * DAY_MS

ACME_1, ACME_2 = ("acme", "plant-1"), ("acme", "plant-2")
ODD = ("Müller & Söhne", 'Werk "Süd"/<script>alert(1)</script> O\'Hara')
SCREW = (*ACME_1, "line-1", "screw-m4x12")
WASHER = (*ACME_1, "line-1", "washer-m4")
ODD_ITEM = (*ODD, "Regal 1/2 = links, oben", 'Schraube M4 ⌀ 12 C:\\"verzinkt" <b>&')


def status(site: tuple[str, str], at_ms: int = NOW_MS - MINUTE_MS, **figures: int) -> Point:
    """How a site stands; what is not said is 0."""
    zeros = dict.fromkeys((field.name for field in SITE_STATUS.fields), 0.0)
    return Point(SITE_STATUS.name, site, at_ms * NS_IN_MS, zeros | {name: float(n) for name, n in figures.items()})


def risk(
    site: tuple[str, str], rank: int, item: str, days: float, standing: str, at_ms: int = NOW_MS - MINUTE_MS
) -> Point:
    """One rank of a site's list."""
    fields = {
        "risk_item": item,
        "risk_location": "line-1" if site != ODD else ODD_ITEM[2],
        "days_of_cover": days,
        "stockout_at_s": float(round((NOW_MS + days * DAY_MS) / 1000)),
        "qty_on_hand": float(round(1000 * days)),
        "qty_on_order": 0.0,
        "standing": float(STANDINGS.index(standing)),
    }
    return Point(RISK.name, (*site, f"{rank:02}"), at_ms * NS_IN_MS, fields)


def with_first_of_all(points: Iterable[Point]) -> list[Point]:
    """These, and what comes first of all sites by the newest of them."""
    told = sorted(points, key=lambda point: point.time_ns)
    newest = {point.tags: point for point in told if point.measurement == RISK.name}
    taken = {tags: dict(point.fields) for tags, point in newest.items() if point.fields["risk_item"]}
    at_ns = max(point.time_ns for point in told)
    return [*told, *(Point(FLEET_RISK.name, tags, at_ns, fields) for tags, fields in fleet_risks(taken).items())]


def stock(tags: tuple[str, ...], at_ms: int, **figures: float) -> Point:
    """How an item stands at its place."""
    return Point(ITEM_STOCK.name, tags, at_ms * NS_IN_MS, {name: float(n) for name, n in figures.items()})


def daily(tags: tuple[str, ...], days_ago: int, **figures: float) -> Point:
    """What moved on a day."""
    at_ns = (MIDNIGHT_MS - days_ago * DAY_MS) * NS_IN_MS
    return Point(ITEM_DAILY.name, tags, at_ns, {name: float(n) for name, n in figures.items()})


def hourly(site: tuple[str, str], days_ago: int, hour: int, used: int) -> Point:
    """What a site used in an hour."""
    at_ms = MIDNIGHT_MS - days_ago * DAY_MS + hour * HOUR_MS
    return Point(SITE_HOURLY.name, site, at_ms * NS_IN_MS, {"used": float(used), "movements": 1.0})


def washers() -> list[Point]:
    """The washers that docs/api.md shows."""
    levels = {"safety_stock": 136.0, "reorder_point": 300, "order_up_to": 1200}
    place = ("nordwerk", "plant-1", "line-1", "washer-m4")
    return [
        stock(place, NOW_MS - DAY_MS, qty_on_hand=540, qty_on_order=0, **levels),
        stock(place, NOW_MS - 2 * MINUTE_MS, qty_on_hand=283, qty_on_order=800, **levels),
        daily(place, 1, used=12, received=0, adjusted=0),
        daily(place, 0, used=257, received=0, adjusted=0),
    ]


def tell(store: TimeSeriesStore) -> None:
    """Writes them: 20 items of acme in two plants, and 4 of a customer with an unusual name."""
    store.write(
        with_first_of_all([
            status(ACME_1, items_out=1, items_healthy=9, items_in_doubt=2, cover_below_1d=1, cover_7d_to_14d=9),
            status(ACME_2, items_below_safety=2, items_reorder=3, items_healthy=5, cover_1d_to_3d=4, cover_above_30d=6),
            status(ODD, items_healthy=3, items_excess=1, cover_14d_to_30d=4),
            status(ODD, at_ms=NOW_MS - HOUR_MS, items_out=4),
            status(("gone", "plant-9"), at_ms=NOW_MS - 2 * HOUR_MS - 1, items_out=50),
            risk(ACME_1, 1, "screw-m4x12", 0, "out"),
            risk(ACME_1, 2, "washer-m4", 7.25, "healthy"),
            risk(ACME_2, 1, "nut-m8", 1.5, "below safety stock"),
            risk(ACME_2, 2, "", 0, "healthy"),
            risk(ACME_2, 2, "nut-m8", 2.5, "to reorder", at_ms=NOW_MS - HOUR_MS),
            risk(ODD, 1, ODD_ITEM[3], 20, "excess"),
            *(hourly(ACME_1, days_ago, hour, 10) for days_ago in range(40) for hour in (6, 7)),
            hourly(ACME_2, 3, 0, 1000),
            hourly(ODD, 10, 23, 5),
            stock(SCREW, MIDNIGHT_MS - 200 * DAY_MS, qty_on_hand=999),
            stock(SCREW, MIDNIGHT_MS - 20 * DAY_MS, qty_on_hand=40, qty_on_order=0, safety_stock=12.6,
                  reorder_point=20, order_up_to=60),
            stock(SCREW, NOW_MS - 5 * MINUTE_MS, qty_on_hand=0, qty_on_order=100, safety_stock=12.6, reorder_point=20,
                  order_up_to=60, usage_per_day=4.25, days_of_cover=0, standing=0, in_doubt=1),
            stock(ODD_ITEM, NOW_MS - MINUTE_MS, qty_on_hand=7, qty_on_order=0, usage_per_day=0, standing=3, in_doubt=0),
            stock(WASHER, NOW_MS - 36 * HOUR_MS, qty_on_hand=7250, standing=3),
            daily(SCREW, 0, used=3, received=0, adjusted=0),
            daily(SCREW, 20, used=12, received=50, adjusted=-2),
            daily(ODD_ITEM, 1, used=1, received=0, adjusted=0),
        ])
    )  # fmt: skip
