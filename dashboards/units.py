# SPDX-License-Identifier: Apache-2.0
"""Grafana's word for each unit of the measurements. Pure."""

EPOCH = "s since 1970"

_COUNTED = ("pieces", "pieces a day", "items", "bins", "tasks", "movements", "boots", "readings", "points", "orders")
GRAFANA = {
    **dict.fromkeys(_COUNTED, "short"),
    "counts": "short",
    "days": "d",
    "s": "s",
    EPOCH: "dateTimeAsIso",
    "g": "massg",
    "share": "percentunit",
    "degree Celsius": "celsius",
    "V": "volt",
    "dBm": "dBm",
    "0 or 1": "none",
    "0 to 4": "none",
    "": "none",
}
"""Unit of a field in `fleet.series.schema`, and how Grafana is to write such a figure."""
