# SPDX-License-Identifier: Apache-2.0
"""Points of all measurements for a small plant whose names hold what regexes and line protocol misread."""

from collections.abc import Iterator

from fleet.series.model import NS_IN_MS, Point, Value
from fleet.series.schema import (
    BIN_EVENT,
    FLEET_RISK,
    ITEM_DAILY,
    ITEM_STOCK,
    MEASUREMENTS,
    PLACE,
    RISK_RANKS,
    SERVICE,
    SITE,
    Measurement,
)

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
PAUSES_MS = {SERVICE: MINUTE_MS, ITEM_STOCK: DAY_MS, ITEM_DAILY: DAY_MS}
"""Between two points where nothing changes; an hour of all others."""
POINTS = 3
"""Of each series."""
SITES = (("Meier & Söhne (Nord)", "Werk 1/2"), ("Meier & Söhne (Nord)", "Werk [2]"), ("acme.co+", "plant $1 ^a|b*"))
LOCATIONS = ("line=1, left", "rack\\2 {x}")
ITEMS = ("M4x10 8.8", "DIN 912/6?")
BINS = ('b"1"', "b.2")
KINDS = ("pick", "refill", "return", "correct")
DEVICES = ("dev-1", "dev 2/x")


def plant_points(now_ms: int) -> list[Point]:
    """Every measurement, every set of tags, as rarely as they come: a whole pause has gone by since the newest.

    The newest figures of a measurement are 1, 2, 3 and so on.
    """
    return [
        Point(measurement.name, tags, _at_ms(measurement, ago, now_ms) * NS_IN_MS, _fields(measurement, ago))
        for measurement in MEASUREMENTS.values()
        for tags in _tags(measurement)
        for ago in range(POINTS)
    ]


def _at_ms(measurement: Measurement, ago: int, now_ms: int) -> int:
    return now_ms - (1 + ago) * PAUSES_MS.get(measurement, HOUR_MS)


def _tags(measurement: Measurement) -> Iterator[tuple[str, ...]]:
    if measurement is SERVICE:
        yield ("fleet.1",)
        return
    if measurement is FLEET_RISK:
        yield from ((str(rank),) for rank in range(1, RISK_RANKS + 1))
        return
    lasts: dict[str, tuple[str, ...]] = {
        "stocking_location": LOCATIONS,
        "item": ITEMS,
        "bin": BINS,
        "kind": KINDS if measurement is BIN_EVENT else (),
        "device": DEVICES,
        "rank": tuple(str(rank) for rank in range(1, RISK_RANKS + 1)),
    }
    assert set(measurement.tags) <= {*SITE, *PLACE, *lasts}
    sets: list[tuple[str, ...]] = list(SITES)
    for tag in measurement.tags[len(SITE) :]:
        sets = [(*before, value) for before in sets for value in lasts[tag]]
    yield from sets


def _fields(measurement: Measurement, ago: int) -> dict[str, Value]:
    return {
        field.name: f"text of {field.name}" if field.is_text else float(1 + number + ago)
        for number, field in enumerate(measurement.fields)
    }
