# SPDX-License-Identifier: Apache-2.0
"""A board: what it says, what one may choose on it, and its panels in rows."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.panels import Panel
from dashboards.sdk import JSONEncoder, dashboard, models
from dashboards.variables import Variable, data_sources

COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side, `height` grid units high, sharing the width equally unless `widths` says how."""

    height: int
    panels: Sequence[Panel]
    widths: Sequence[int] = ()

    def cells(self) -> Iterator[tuple[Panel, int]]:
        """Each panel with its width."""
        widths = self.widths or [COLUMNS // len(self.panels)] * len(self.panels)
        return zip(self.panels, widths, strict=True)


@dataclass(frozen=True, slots=True)
class Board:
    """What makes a board; `since` is the beginning of the time it shows at first ("now-7d")."""

    uid: str
    title: str
    description: str
    since: str
    variables: Sequence[Variable]
    rows: Sequence[Row]


def rendered(board: Board) -> dict[str, Any]:
    """The board as Grafana's JSON, panels numbered and placed."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags(["kanbin"])
        .readonly()
        .time(board.since, "now")
        .refresh("1m")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .variables([*data_sources(), *board.variables])
    )
    number, top = 1, 0
    for row in board.rows:
        left = 0
        for panel, width in row.cells():
            made.with_panel(panel.id(number).grid_pos(models.GridPos(row.height, width, left, top)))
            number, left = number + 1, left + width
        top += row.height
    board_json: dict[str, Any] = json.loads(json.dumps(made.build(), cls=JSONEncoder))
    return board_json
