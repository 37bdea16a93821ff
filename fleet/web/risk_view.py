# SPDX-License-Identifier: Apache-2.0
"""What the pages about stock and risk say: sites brought together, words, and pictures of bars. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fleet.api import iso
from fleet.series.schema import RISK_RANKS, STANDINGS
from fleet.web.bars import Column, Mark, Part, columns, marks, parts
from fleet.web.series_queries import DAY_MS, Row
from fleet.web.view import NOTHING, Standing, number

STANDS = tuple(
    Standing(words.capitalize(), tone)
    for words, tone in zip(STANDINGS, ("bad", "warn", "order", "ok", "idle"), strict=True)
)
"""How an item stands, by the figure that says so; worst first."""
ITEMS = ("items_out", "items_below_safety", "items_reorder", "items_healthy", "items_excess")
COVER = (
    ("cover_below_1d", "< 1", "below 1 day", "bad"),
    ("cover_1d_to_3d", "1\u20133", "1 to 3 days", "warn"),
    ("cover_3d_to_7d", "3\u20137", "3 to 7 days", "ok"),
    ("cover_7d_to_14d", "7\u201314", "7 to 14 days", "ok"),
    ("cover_14d_to_30d", "14\u201330", "14 to 30 days", "ok"),
    ("cover_above_30d", "> 30", "above 30 days or never used", "ok"),
)
COVER_TOP_PX, COVER_HEIGHT_PX = 20, 110
USE_TOP_PX, USE_HEIGHT_PX = 8, 112
WEEK = 7
LAST_S = 253_402_300_799  # the end of the year 9999, the last that a calendar has here


@dataclass(frozen=True)
class Choice:
    """A link that narrows the page to a customer or a site."""

    words: str
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Share:
    """How many items stand in one way, and their part of the bar."""

    standing: Standing
    items: int
    part: Part


@dataclass(frozen=True)
class Bar:
    """One column with what is said of it: below it, and in words."""

    column: Column
    quantity: int
    label: str
    words: str
    tone: str


@dataclass(frozen=True)
class Chart:
    """Columns, the marks beside them, and all of it in words for those who do not see it."""

    bars: Sequence[Bar]
    marks: Sequence[Mark]
    words: str


@dataclass(frozen=True)
class Risk:
    """One line of the risk list."""

    href: str
    item: str
    place: str
    on_hand: str
    on_order: str
    days: str
    runs_out: str
    standing: Standing | None


@dataclass(frozen=True)
class Stock:
    """How one item stands at its place now."""

    standing: Standing | None
    is_in_doubt: bool
    facts: Sequence[tuple[str, str]]


def is_of(row: Row, customer: str, site: str) -> bool:
    """Whether a point is of what was chosen; an empty name chooses all."""
    return customer in ("", row.tags["customer"]) and site in ("", row.tags["site"])


def customers(statuses: Iterable[Row], customer: str) -> list[Choice]:
    """All customers, and each."""
    names = sorted({row.tags["customer"] for row in statuses})
    return [
        Choice("All customers", "/risk", not customer),
        *(Choice(name, _risk({"customer": name}), name == customer) for name in names),
    ]


def sites(statuses: Iterable[Row], customer: str, site: str) -> list[Choice]:
    """All sites of the customer, and each; of which customer it is where there are several."""
    names = sorted((row.tags["customer"], row.tags["site"]) for row in statuses if is_of(row, customer, ""))
    return [
        Choice("All sites", _risk({"customer": customer} if customer else {}), not site),
        *(
            Choice(
                name if customer else f"{name}, {owner}",
                _risk({"customer": owner, "site": name}),
                name == site and owner == customer,
            )
            for owner, name in names
        ),
    ]


def total(statuses: Iterable[Row], name: str) -> int:
    """A figure added up over sites."""
    return round(sum(row.figures.get(name, 0.0) for row in statuses))


def shares(statuses: Sequence[Row]) -> list[Share]:
    """How many items stand in which way, worst first."""
    items = [total(statuses, name) for name in ITEMS]
    return [Share(*share) for share in zip(STANDS, items, parts(items), strict=True)]


def cover(statuses: Sequence[Row]) -> Chart:
    """For how long the items last."""
    items = [total(statuses, name) for name, *_ in COVER]
    drawn = columns(items, COVER_TOP_PX, COVER_HEIGHT_PX)
    told = [
        Bar(column, count, label, f"{words}: {count}", tone)
        for (_, label, words, tone), column, count in zip(COVER, drawn, items, strict=True)
    ]
    return Chart(told, [], "Items by days of cover. " + "; ".join(bar.words for bar in told))


def use(used: Sequence[float], first_ms: int) -> Chart:
    """Pieces used a day; the last day is today so far, every seventh before it has its date."""
    drawn = columns(used, USE_TOP_PX, USE_HEIGHT_PX)
    told = []
    for day, (column, pieces) in enumerate(zip(drawn, used, strict=True)):
        date = iso(first_ms + day * DAY_MS)[:10]
        is_today = day == len(used) - 1
        label = date[5:] if (len(used) - 1 - day) % WEEK == 0 else ""
        words = f"{date}{' so far' if is_today else ''}: {number(round(pieces))}"
        told.append(Bar(column, round(pieces), label, words, "today" if is_today else "ok"))
    words = f"Pieces used a day over {len(used)} days, at most {number(round(max([*used, 0.0])))}"
    return Chart(told, marks(used, USE_TOP_PX, USE_HEIGHT_PX), words)


def risks(rows: Iterable[Row], *, with_customer: bool) -> list[Risk]:
    """The first items that will be used up, of all sites together.

    A rank without an item is free. An item has one line: where it has changed its rank and the former is still there,
    the newer point counts.
    """
    newest: dict[tuple[str, ...], Row] = {}
    for row in rows:
        if not row.texts.get("risk_item"):
            continue
        key = (row.tags["customer"], row.tags["site"], row.texts["risk_location"], row.texts["risk_item"])
        if key not in newest or row.at_ms >= newest[key].at_ms:
            newest[key] = row
    first = sorted(newest, key=lambda key: (newest[key].figures.get("days_of_cover", float("inf")), key))
    return [_risk_line(key, newest[key], with_customer) for key in first[:RISK_RANKS]]


def stock(row: Row) -> Stock:
    """An item's newest point in words."""
    return Stock(
        standing=_stands(row),
        is_in_doubt=bool(row.figures.get("in_doubt")),
        facts=(
            ("On hand", _pieces(row, "qty_on_hand")),
            ("On order", _pieces(row, "qty_on_order")),
            ("Days of cover", days(row.figures.get("days_of_cover"))),
            ("Used a day", days(row.figures.get("usage_per_day"))),
            ("Safety stock", _pieces(row, "safety_stock")),
            ("Min", _pieces(row, "reorder_point")),
            ("Max", _pieces(row, "order_up_to")),
        ),
    )


def days(figure: float | None) -> str:
    """A figure that matters more the smaller it is: with one decimal below ten."""
    if figure is None:
        return NOTHING
    if figure == 0:
        return "0"
    return f"{figure:.1f}" if figure < 9.95 else number(round(figure))


def date(at_s: float | None) -> str:
    """The day (UTC) of a moment: "2026-11-25"; nothing where it is unknown or beyond all calendars."""
    return NOTHING if at_s is None or not 0 <= at_s <= LAST_S else iso(round(at_s) * 1000)[:10]


def _risk_line(key: tuple[str, ...], row: Row, with_customer: bool) -> Risk:
    customer, site, location, item = key
    standing = _stands(row)
    tags = {"customer": customer, "site": site, "stocking_location": location, "item": item}
    return Risk(
        href=f"/risk/item?{urlencode(tags)}",
        item=item,
        place=", ".join((location, site, *([customer] if with_customer else []))),
        on_hand=_pieces(row, "qty_on_hand"),
        on_order=_pieces(row, "qty_on_order"),
        days=days(row.figures.get("days_of_cover")),
        runs_out=NOTHING if standing == STANDS[0] else date(row.figures.get("stockout_at_s")),
        standing=standing,
    )


def _stands(row: Row) -> Standing | None:
    standing = row.pieces("standing")
    return None if standing is None else STANDS[standing]


def _pieces(row: Row, name: str) -> str:
    pieces = row.pieces(name)
    return NOTHING if pieces is None else number(pieces)


def _risk(query: Mapping[str, str]) -> str:
    return f"/risk?{urlencode(query)}" if query else "/risk"
