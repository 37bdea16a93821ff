# SPDX-License-Identifier: Apache-2.0
"""What a site's rollup counts, over time: a panel for each of its columns, the sites one on the other.

A line for each site and not one for all: the sites tell at times of their own, so that their sum over a span of time
lacks those that told nothing in it.
"""

from dashboards.board import Row
from dashboards.influxql import Columns, course
from dashboards.panels import lines
from fleet.series.schema import SITE, SITE_STATUS


def by_site(what: str, columns: Columns, in_a_row: int) -> list[Row]:
    """Rows of panels, titled by what is counted ("Items") and the column ("out")."""
    panels = [
        lines(
            f"{what} {label}, by site",
            f"{what} that are {label}. Each site begins with its first report, within an hour.",
            course(SITE_STATUS, {name: label}, SITE, by=SITE),
            "$tag_customer, $tag_site",
            is_stacked=True,
            finest="10m",
        )
        for name, label in columns.items()
    ]
    return [Row(7, panels[first : first + in_a_row]) for first in range(0, len(panels), in_a_row)]
