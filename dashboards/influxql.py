# SPDX-License-Identifier: Apache-2.0
"""The questions that boards and alerts ask: one InfluxQL statement each, in what 1.x, 2.x and 3.x have in common. Pure.

`$timeFilter` and `$__interval` are put in by Grafana, `$site` and its like by the board's variables. A subquery groups
by tags alone: with time and `fill(...)` in it InfluxDB 1.6.7 answers with wrong sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboards.units import EPOCH, GRAFANA
from fleet.series.schema import Measurement, Shelf

Columns = Mapping[str, str]
"""Fields of a measurement, and what each is called on the board."""


@dataclass(frozen=True, slots=True)
class Query:
    """A statement, the shelf that answers it, and Grafana's unit of each of its columns."""

    text: str
    shelf: Shelf
    units: Mapping[str, str]


def select(
    measurement: Measurement,
    columns: Columns,
    variables: Sequence[str] = (),
    *,
    aggregate: str = "last",
    by: Sequence[str] = (),
    every: str = "",
    fill: str = "",
) -> Query:
    """The aggregate of each column; for each set of the tags `by` and for each span `every` if these are given.

    `variables` are the tags that the board's variables of the same name narrow down. A column in seconds since 1970
    comes in the milliseconds that Grafana counts in.
    """
    chosen = ", ".join(
        f'{aggregate}("{name}"){" * 1000" if measurement.field(name).unit == EPOCH else ""} AS "{label}"'
        for name, label in columns.items()
    )
    groups = ", ".join([*([f"time({every})"] if every else []), *(f'"{tag}"' for tag in by)])
    text = f'SELECT {chosen} FROM "{measurement.name}" WHERE {_condition(variables)}'  # noqa: S608
    if groups:
        text += f" GROUP BY {groups}"
    if fill:
        text += f" fill({fill})"
    return Query(text, measurement.shelf, _units(measurement, columns))


def course(measurement: Measurement, columns: Columns, variables: Sequence[str], by: Sequence[str] = ()) -> Query:
    """How columns that are written when they change went: what was said last goes on until something else is."""
    return select(measurement, columns, variables, by=by, every="$__interval", fill="previous")


def sum_of_newest(measurement: Measurement, columns: Columns, variables: Sequence[str] = ()) -> Query:
    """The newest of each set of tags, added up."""
    names = list(columns)
    newest = select(measurement, dict(zip(names, names, strict=True)), variables, by=measurement.tags)
    chosen = ", ".join(f'sum("{name}") AS "{label}"' for name, label in columns.items())
    return Query(
        f"SELECT {chosen} FROM ({newest.text}) WHERE $timeFilter",  # noqa: S608
        measurement.shelf,
        _units(measurement, columns),
    )


def tag_values(measurement: Measurement, tag: str, variables: Sequence[str]) -> str:
    """What a variable can be, given those before it."""
    given = " AND ".join(_narrowed(variables))
    return f'SHOW TAG VALUES FROM "{measurement.name}" WITH KEY = "{tag}"{" WHERE " + given if given else ""}'


def _condition(variables: Sequence[str]) -> str:
    return " AND ".join(["$timeFilter", *_narrowed(variables)])


def _narrowed(variables: Sequence[str]) -> list[str]:
    return [f'"{name}" =~ /^${name}$/' for name in variables]


def _units(measurement: Measurement, columns: Columns) -> dict[str, str]:
    return {label: GRAFANA[measurement.field(name).unit] for name, label in columns.items()}
