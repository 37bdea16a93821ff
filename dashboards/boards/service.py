# SPDX-License-Identifier: Apache-2.0
"""The fleet service itself: does it hear, does it keep up, does anything wait?"""

from dashboards.board import Board, Row
from dashboards.influxql import course, select, sum_of_newest
from dashboards.panels import Panel, figures, lines
from dashboards.variables import any_of
from fleet.series.schema import SERVICE

WHICH = ("service",)
NOW = {
    "readings": "readings a minute",
    "readings_behind": "not counted yet",
    "points_waiting": "points waiting",
    "points_refused": "points refused",
    "conflicts": "conflicts",
    "orders_unsent": "orders unsent",
}


def board() -> Board:
    """For the operator."""
    return Board(
        "kanbin-service",
        "Ingest and service",
        "Readings heard, counting behind, points and orders waiting.",
        "now-24h",
        [any_of(SERVICE, "service")],
        [Row(4, [_now()]), Row(8, [_readings(), _behind()]), Row(8, [_points(), _troubles()])],
    )


def _now() -> Panel:
    text = "The newest of the last ten minutes, all chosen services together. Nothing here: the service tells nothing."
    return figures("Now", text, sum_of_newest(SERVICE, NOW, WHICH), "10m")


def _readings() -> Panel:
    columns = {"readings": "readings a minute"}
    query = select(SERVICE, columns, WHICH, aggregate="mean", by=WHICH, every="$__interval", fill="none")
    return lines("Readings heard", "By the minute, on average.", query, "$tag_service")


def _behind() -> Panel:
    text = "Stored and acknowledged, not counted yet. A hill is a busy moment, a slope a counter that lags."
    query = course(SERVICE, {"readings_behind": "not counted yet"}, WHICH, by=WHICH)
    return lines("Readings not counted yet", text, query, "$tag_service")


def _points() -> Panel:
    text = "Time series that wait to be written, or that the store refused and that are kept aside."
    query = course(SERVICE, {"points_waiting": "waiting", "points_refused": "refused"}, WHICH, by=WHICH)
    return lines("Points waiting and refused", text, query, "$tag_service: $col")


def _troubles() -> Panel:
    text = "Readings that contradicted the log and were kept aside; orders made and not sent yet."
    query = course(SERVICE, {"conflicts": "conflicts", "orders_unsent": "orders unsent"}, WHICH, by=WHICH)
    return lines("Conflicts and orders unsent", text, query, "$tag_service: $col")
