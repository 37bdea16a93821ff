# SPDX-License-Identifier: Apache-2.0
"""Stock and risk: how all items stand, what runs out next, what is used. Reads rollups alone."""

from dashboards.board import Board, Row
from dashboards.by_site import by_site
from dashboards.influxql import select, sum_of_newest
from dashboards.panels import (
    BAD,
    DOUBT,
    FAIR,
    GOOD,
    MUCH,
    POOR,
    Panel,
    bars,
    distribution,
    figures,
    linked,
    rows,
)
from dashboards.variables import any_of
from fleet.series.schema import FLEET_RISK, SITE, SITE_HOURLY, SITE_STATUS

STANDINGS = {
    "items_out": "out",
    "items_below_safety": "below safety stock",
    "items_reorder": "to reorder",
    "items_healthy": "healthy",
    "items_excess": "excess",
    "items_in_doubt": "in doubt",
}
COLORS = dict(zip(STANDINGS.values(), (BAD, POOR, FAIR, GOOD, MUCH, DOUBT), strict=True))
COVER = {
    "cover_below_1d": "below 1 day",
    "cover_1d_to_3d": "1 to 3 days",
    "cover_3d_to_7d": "3 to 7 days",
    "cover_7d_to_14d": "7 to 14 days",
    "cover_14d_to_30d": "14 to 30 days",
    "cover_above_30d": "more, or never used",
}
STOCKOUTS = {
    "risk_item": "item",
    "risk_location": "location",
    "days_of_cover": "days of cover",
    "stockout_at_s": "used up",
    "qty_on_hand": "on hand",
    "qty_on_order": "on order",
    "standing": "standing",
}
FLOWS = {"used": "used", "received": "received", "adjusted": "adjusted"}


def board() -> Board:
    """For the planner, first thing in the morning."""
    return Board(
        "kanbin-stock",
        "Stock and risk",
        "How all items stand, what runs out next, and what is used.",
        "now-7d",
        [
            any_of(SITE_STATUS, "customer"),
            any_of(SITE_STATUS, "site", ["customer"]),
        ],
        [
            Row(4, [_now()]),
            *by_site("Items", STANDINGS, 3),
            Row(9, [_cover(), _stockouts()], [8, 16]),
            Row(4, _used()),
            Row(9, [_flows()]),
        ],
    )


def _now() -> Panel:
    text = "Items by standing, all chosen sites together; in doubt ones are counted under their standing too."
    return figures("Items now", text, sum_of_newest(SITE_STATUS, STANDINGS, SITE), "2h", COLORS)


def _cover() -> Panel:
    text = "So many items last so long at the usage of the last 30 days."
    return distribution("Days of cover", text, sum_of_newest(SITE_STATUS, COVER, SITE), "2h")


def _stockouts() -> Panel:
    text = "What runs out next of all sites, whichever are chosen, at the usage of 30 days. An item leads to its board."
    columns = {"risk_customer": "customer", "risk_site": "site", **STOCKOUTS}
    panel = rows("Next stockouts", text, select(FLEET_RISK, columns, by=FLEET_RISK.tags), "2h", "days of cover")
    return linked(panel, "item", "kanbin-item", {"customer": "customer", "site": "site", "item": "item"})


def _used() -> list[Panel]:
    return [
        figures(
            f"Moved in {days} days",
            f"Pieces used, delivered and put right by counting at the chosen sites in {days} days.",
            select(SITE_HOURLY, FLOWS, SITE, aggregate="sum"),
            f"{days}d",
        )
        for days in (7, 30)
    ]


def _flows() -> Panel:
    hourly = select(SITE_HOURLY, FLOWS, SITE, aggregate="sum", every="$__interval", fill="none")
    return bars("Used and received", "Pieces by the hour, or coarser, of the chosen sites.", hourly, "$col", "1h")
