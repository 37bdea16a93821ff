# SPDX-License-Identifier: Apache-2.0
"""All sites: bins by state, and which site needs somebody. Reads a rollup, however many bins there are."""

from dashboards.board import Board, Row
from dashboards.by_site import by_site
from dashboards.influxql import select, sum_of_newest
from dashboards.panels import BAD, DOUBT, FAIR, GOOD, POOR, Panel, figures, linked, rows
from dashboards.variables import any_of
from fleet.series.schema import SITE, SITE_STATUS

STATES = {
    "bins": "bins",
    "bins_ok": "ok",
    "bins_uncertain": "uncertain",
    "bins_fault": "at fault",
    "bins_silent": "silent",
    "tasks_open": "to count by hand",
}
COLORS = {"ok": GOOD, "uncertain": FAIR, "at fault": BAD, "silent": POOR, "to count by hand": DOUBT}
TROUBLES = {name: STATES[name] for name in ("bins_silent", "bins_fault", "bins_uncertain", "tasks_open")}


def board() -> Board:
    """For the operator of many sites."""
    return Board(
        "kanbin-fleet",
        "Fleet health",
        "Bins by state at all sites, and which site needs somebody.",
        "now-7d",
        [any_of(SITE_STATUS, "customer"), any_of(SITE_STATUS, "site", ["customer"])],
        [Row(4, [_now()]), Row(8, [_sites()]), *by_site("Bins", TROUBLES, 2)],
    )


def _now() -> Panel:
    text = "Bins by state, all chosen sites together; each bin is counted once, silent before at fault."
    return figures("Bins now", text, sum_of_newest(SITE_STATUS, STATES, SITE), "2h", COLORS)


def _sites() -> Panel:
    query = select(SITE_STATUS, STATES, SITE, by=SITE)
    panel = rows("Sites", "A line for each site. It leads to its devices.", query, "2h", "silent", is_descending=True)
    return linked(panel, "site", "kanbin-site", {"customer": "customer", "site": "site"})
