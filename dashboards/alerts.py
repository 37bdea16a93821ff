# SPDX-License-Identifier: Apache-2.0
"""The alert rules: a question, reduced to one figure for each site or service, held against a limit.

They tell the site; the boards tell the device. So there are no more alerts than sites, however many bins there are.
Pure; `rules.py` writes them for Grafana.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboards.influxql import Query, select
from fleet.series.schema import BIN_HEALTH, DEVICE_HEALTH, SERVICE, SITE, SITE_STATUS

FOLDER_UID, FOLDER = "kanbin-alerts", "Kanbin alerts"
BATTERY_LOW_V = 3.3
"""Below it the regulator of a 3.3 V board has nothing left to regulate."""
DRIFT_SHARE = 1.0
"""The zero has gone by a whole piece: counting follows it, but time has come to calibrate again."""
HOURLY_S = 7200
"""How far to look back for what is told once an hour."""
BEHIND_MOST = 1000
WAITING_MOST = 5000

SERVICE_SAYS = "{{ .Labels.service }}: "
SITE_SAYS = "{{ .Labels.customer }}, {{ .Labels.site }}: "
"""In Grafana's templates, without the $ that file provisioning would take for the environment."""

Reducer = Literal["last", "min", "max"]
OnNothing = Literal["OK", "Alerting", "KeepLast"]


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule: it fires when the figure has been above (or below, if `is_below`) the limit for `lasting`.

    `range_s` is how far the question looks back, longer than the longest pause between two points. `on_nothing` is what
    it means when no figure comes: OK where few report it, Alerting where silence is the very thing to be told. What an
    error means is the same, but that OK becomes "as before": a store that cannot be asked says nothing about bins.
    """

    uid: str
    title: str
    summary: str
    query: Query
    range_s: int
    limit: float
    lasting: str
    board_uid: str
    reducer: Reducer = "last"
    is_below: bool = False
    on_nothing: OnNothing = "OK"


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are looked at together, every `every_s` seconds."""

    name: str
    every_s: int
    alerts: Sequence[Alert]


def groups() -> list[Group]:
    """All rules: those about what is told by the minute, and those about what is told by the hour."""
    return [Group("kanbin-minute", 60, [*_service(), _silent()]), Group("kanbin-hour", 600, [_battery(), _drift()])]


def _service() -> Iterator[Alert]:
    yield Alert(
        "kanbin-ingest-stalled",
        "Ingest stalled",
        "A bin is silent that was well when the newest reading of all came, or the service tells nothing at all.",
        select(SERVICE, {"is_stalled": "is_stalled"}, by=SERVICE.tags),
        range_s=900,
        limit=0,
        lasting="2m",
        board_uid="kanbin-service",
        on_nothing="Alerting",
    )
    yield _waiting("kanbin-counting-behind", "Counting does not keep up", "readings_behind", BEHIND_MOST, "counted")
    yield _waiting("kanbin-points-waiting", "Time series wait", "points_waiting", WAITING_MOST, "written")


def _waiting(uid: str, title: str, field: str, limit: int, done: str) -> Alert:
    unit = SERVICE.field(field).unit
    return Alert(
        uid,
        title,
        f"{SERVICE_SAYS}for a quarter of an hour more than {limit} {unit} have not been {done}.",
        select(SERVICE, {field: field}, aggregate="min", by=SERVICE.tags),
        range_s=900,
        limit=limit,
        lasting="1m",
        board_uid="kanbin-service",
        reducer="min",
    )


def _silent() -> Alert:
    return Alert(
        "kanbin-device-silent",
        "Device silent",
        f"{SITE_SAYS}bins have not been heard for half an hour, nor for three of their reports.",
        select(SITE_STATUS, {"bins_silent": "bins_silent"}, by=SITE),
        range_s=HOURLY_S,
        limit=0,
        lasting="5m",
        board_uid="kanbin-site",
        on_nothing="KeepLast",
    )


def _battery() -> Alert:
    return Alert(
        "kanbin-battery-low",
        "Battery low",
        f"{SITE_SAYS}a device's battery is below {BATTERY_LOW_V} V.",
        select(DEVICE_HEALTH, {"battery_v": "battery_v"}, aggregate="min", by=SITE),
        range_s=HOURLY_S,
        limit=BATTERY_LOW_V,
        is_below=True,
        lasting="1h",
        board_uid="kanbin-site",
        reducer="min",
    )


def _drift() -> Alert:
    return Alert(
        "kanbin-calibration-drift",
        "Calibration drift",
        f"{SITE_SAYS}a cell's zero has gone by more than a piece; calibrate it again.",
        select(BIN_HEALTH, {"drift_share": "drift_share"}, aggregate="max", by=SITE),
        range_s=HOURLY_S,
        limit=DRIFT_SHARE,
        lasting="3h",
        board_uid="kanbin-site",
        reducer="max",
    )
