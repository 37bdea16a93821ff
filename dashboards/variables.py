# SPDX-License-Identifier: Apache-2.0
"""What a board lets people choose: the data sources, and which customer, site, location, item, bin.

Named as the tags are. Each offers what there is under the choices before it.
"""

from collections.abc import Sequence

from dashboards import sources
from dashboards.influxql import tag_values
from dashboards.sdk import Builder, common_models, dashboard, models
from fleet.series.schema import Measurement, Shelf

Variable = Builder[models.VariableModel]
LABELS = {"stocking_location": "Location"}


def data_sources() -> list[Variable]:
    """One for each shelf; a Grafana with several Kanbins offers all whose name fits."""
    return [
        dashboard.DatasourceVariable(shelf)
        .label(shelf.capitalize())
        .description(f"Data source with the database {shelf} of the fleet")
        .type(sources.TYPE)
        .regex(f"/kanbin.*{shelf}/")
        .current(models.VariableOption(text=sources.uid(shelf), value=sources.uid(shelf)))
        for shelf in Shelf
    ]


def one(measurement: Measurement, tag: str, after: Sequence[str] = ()) -> Variable:
    """Exactly one value of the tag."""
    return _query(measurement, tag, after)


def any_of(measurement: Measurement, tag: str, after: Sequence[str] = ()) -> Variable:
    """Some values of the tag; all at first. All is a regex that fits all, so that no question grows with the plant."""
    everything = models.VariableOption(selected=True, text=["All"], value=["$__all"])
    return _query(measurement, tag, after).multi(True).include_all(True).all_value(".*").current(everything)


def _query(measurement: Measurement, tag: str, after: Sequence[str]) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(tag)
        .label(LABELS.get(tag, tag.capitalize()))
        .description(f"Which {LABELS.get(tag, tag).lower()}")
        .datasource(common_models.DataSourceRef(sources.TYPE, sources.by_variable(measurement.shelf)))
        .query(tag_values(measurement, tag, after))
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.NATURAL_ASC)
    )
