# SPDX-License-Identifier: Apache-2.0
"""One item of one site, with its bins: stock against its levels, what each scale counts, what was taken and put."""

from dashboards.board import Board, Row
from dashboards.influxql import course, select
from dashboards.panels import Panel, bars, lines, rows
from dashboards.variables import any_of, one
from fleet.series.schema import BIN, BIN_EVENT, BIN_HEALTH, BIN_LEVEL, ITEM_DAILY, ITEM_STOCK, PLACE, SITE

AT_LOCATION = ("stocking_location",)
NOW = {
    "qty_on_hand": "on hand",
    "qty_on_order": "on order",
    "safety_stock": "safety stock",
    "reorder_point": "min",
    "order_up_to": "max",
    "usage_per_day": "used a day",
    "days_of_cover": "days of cover",
    "standing": "standing",
    "in_doubt": "in doubt",
}
LEVELS = {name: NOW[name] for name in ("qty_on_hand", "reorder_point", "order_up_to", "safety_stock")}
BOUNDS = {"pieces": "pieces", "lower": "at least", "upper": "at most"}


def board() -> Board:
    """For the planner who wants to know why."""
    return Board(
        "kanbin-item",
        "Item and bins",
        "One item of one site: stock against its levels, and what its bins say.",
        "now-30d",
        [
            one(ITEM_STOCK, "customer"),
            one(ITEM_STOCK, "site", ["customer"]),
            one(ITEM_STOCK, "item", SITE),
            any_of(ITEM_STOCK, "stocking_location", (*SITE, "item")),
            any_of(BIN_LEVEL, "bin", PLACE),
        ],
        [
            Row(5, [_now()]),
            Row(9, [_levels(), _on_order()], [16, 8]),
            Row(9, [_pieces(), _events()], [16, 8]),
            Row(8, [_daily(), *_health()]),
        ],
    )


def _now() -> Panel:
    text = "The item at each location; 0 or 1: whether a bin of it has no count to order on."
    return rows("Now", text, select(ITEM_STOCK, NOW, PLACE, by=AT_LOCATION), "25h", "days of cover")


def _levels() -> Panel:
    query = course(ITEM_STOCK, LEVELS, PLACE, by=AT_LOCATION)
    text = "On hand, with min (at or below it an order is made), max (an order never goes above it) and safety stock."
    return lines("On hand", text, query, "$tag_stocking_location: $col")


def _on_order() -> Panel:
    query = course(ITEM_STOCK, {"qty_on_order": "on order"}, PLACE, by=AT_LOCATION)
    return lines("On order", "Ordered and not received.", query, "$tag_stocking_location")


def _pieces() -> Panel:
    query = course(BIN_LEVEL, BOUNDS, BIN, by=("bin",))
    return lines("Pieces in each bin", "As counted, with the bounds of each count.", query, "$tag_bin: $col")


def _events() -> Panel:
    query = select(
        BIN_EVENT, {"delta": "pieces"}, BIN, aggregate="sum", by=("bin", "kind"), every="$__interval", fill="none"
    )
    text = "Pieces put in, and taken out (below zero), by what the counter made of it."
    return bars("Picks and refills", text, query, "$tag_bin: $tag_kind", "10m")


def _daily() -> Panel:
    columns = {"used": "used", "received": "received", "adjusted": "adjusted"}
    query = select(ITEM_DAILY, columns, PLACE, aggregate="sum", every="1d", fill="none")
    return bars("Used and received", "Pieces by the day (UTC), from the ledger.", query, "$col", "1d")


def _health() -> list[Panel]:
    drift = course(BIN_HEALTH, {"drift_g": "drift"}, BIN, by=("bin",))
    share = course(BIN_HEALTH, {"drift_share": "drift"}, BIN, by=("bin",))
    text = "How far the zero has gone since the calibration, as far as is known"
    return [
        lines("Calibration drift", f"{text}.", drift, "$tag_bin", finest="1h"),
        lines("Drift against a piece", f"{text}, of the weight of a piece.", share, "$tag_bin", finest="1h"),
    ]
