# SPDX-License-Identifier: Apache-2.0
"""The kinds of panel there are, each with what all of its kind have: figures, bars beside each other, courses, tables.

Units come from the measurements. `look_back` is how far a panel about now has to look ("2h", "30d"), whatever time the
board shows: longer than the longest pause between two points of the measurement.
"""

from collections.abc import Mapping
from typing import TypeVar

from dashboards import sources
from dashboards.influxql import Query
from dashboards.sdk import bargauge, common, common_models, models, stat, table, timeseries
from dashboards.target import InfluxQuery
from fleet.series.schema import STANDINGS

Panel = stat.Panel | bargauge.Panel | timeseries.Panel | table.Panel
_P = TypeVar("_P", stat.Panel, bargauge.Panel, timeseries.Panel, table.Panel)

BAD, POOR, FAIR, GOOD, MUCH, DOUBT = "red", "orange", "yellow", "green", "blue", "purple"
STANDING_COLORS = (BAD, POOR, FAIR, GOOD, MUCH)


def figures(
    title: str, description: str, query: Query, look_back: str = "", colors: Mapping[str, str] | None = None
) -> stat.Panel:
    """Each column of the query as a figure."""
    panel = _made(stat.Panel(), title, description, query, alias="$col")
    panel.color_mode(common_models.BigValueColorMode.VALUE).graph_mode(common_models.BigValueGraphMode.NONE)
    panel.text_mode(common_models.BigValueTextMode.VALUE_AND_NAME).wide_layout(True)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    for label, color in (colors or {}).items():
        panel.override_by_name(label, [_fixed(color)])
    return _looking_back(panel, look_back)


def distribution(title: str, description: str, query: Query, look_back: str) -> bargauge.Panel:
    """Each column of the query as a bar, in their order."""
    panel = _made(bargauge.Panel(), title, description, query, alias="$col")
    panel.orientation(common_models.VizOrientation.HORIZONTAL).min(0)
    panel.display_mode(common_models.BarGaugeDisplayMode.BASIC)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    return _looking_back(panel, look_back)


def lines(
    title: str, description: str, query: Query, alias: str, *, is_stacked: bool = False, finest: str = "1m"
) -> timeseries.Panel:
    """Steps over time, since what was said last holds until something else is; no finer than `finest`."""
    panel = _made(timeseries.Panel(), title, description, query, alias=alias).interval(finest)
    panel.line_interpolation(common_models.LineInterpolation.STEP_AFTER)
    panel.show_points(common_models.VisibilityMode.NEVER).fill_opacity(20 if is_stacked else 0)
    return _drawn(panel, is_stacked)


def bars(title: str, description: str, query: Query, alias: str, finest: str) -> timeseries.Panel:
    """What happened in each span of time, no shorter than `finest`, one on the other."""
    panel = _made(timeseries.Panel(), title, description, query, alias=alias).interval(finest)
    panel.draw_style(common_models.GraphDrawStyle.BARS).fill_opacity(60)
    return _drawn(panel, is_stacked=True)


def rows(
    title: str, description: str, query: Query, look_back: str, sort: str, *, is_descending: bool = False
) -> table.Panel:
    """A line for each set of tags, sorted by the column `sort`."""
    panel = _made(table.Panel(), title, description, query, is_table=True)
    panel.sort_by([common.TableSortByFieldState().display_name(sort).desc(is_descending)])
    panel.with_transformation(models.DataTransformerConfig("organize", options={"excludeByName": {"Time": True}}))
    if "standing" in query.units:
        panel.override_by_name("standing", [models.DynamicConfigValue("mappings", [_standings()])])
    return _looking_back(panel, look_back)


def linked(panel: table.Panel, column: str, board_uid: str, tags: Mapping[str, str]) -> table.Panel:
    """The cells of a column lead to a board, its variables set to the line's: variable to column."""
    chosen = "&".join(f"var-{name}=${{__data.fields.{field}:percentencode}}" for name, field in tags.items())
    link = {"title": "Open", "url": f"/d/{board_uid}?{chosen}"}
    return panel.override_by_name(column, [models.DynamicConfigValue("links", [link])])


def _made(panel: _P, title: str, description: str, query: Query, *, alias: str = "", is_table: bool = False) -> _P:
    units = list(query.units.values())
    usual = max(units, key=units.count)
    panel.title(title).description(description).unit(usual)
    panel.datasource(common_models.DataSourceRef(sources.TYPE, sources.by_variable(query.shelf)))
    panel.with_target(InfluxQuery(sources.by_variable(query.shelf), query.text, is_table=is_table, alias=alias))
    for label, unit in query.units.items():
        if unit != usual:
            panel.override_by_name(label, [models.DynamicConfigValue("unit", unit)])
    return panel


def _drawn(panel: timeseries.Panel, is_stacked: bool) -> timeseries.Panel:
    panel.legend(common.VizLegendOptions().show_legend(True).placement(common_models.LegendPlacement.BOTTOM))
    if is_stacked:
        panel.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL))
    return panel


def _looking_back(panel: _P, look_back: str) -> _P:
    if look_back:
        panel.time_from(look_back)
    return panel


def _fixed(color: str) -> models.DynamicConfigValue:
    return models.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})


def _standings() -> models.ValueMap:
    words = zip(STANDINGS, STANDING_COLORS, strict=True)
    return models.ValueMap(
        {str(index): models.ValueMappingResult(word, color) for index, (word, color) in enumerate(words)}
    )
