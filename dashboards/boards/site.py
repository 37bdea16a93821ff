# SPDX-License-Identifier: Apache-2.0
"""One site: what runs out there, and its devices and cells, one by one."""

from dashboards.board import Board, Row
from dashboards.boards.stock import FLOWS, STOCKOUTS
from dashboards.influxql import course, select
from dashboards.panels import Panel, lines, linked, rows
from dashboards.variables import one
from fleet.series.schema import BIN_HEALTH, DEVICE_HEALTH, ITEM_DAILY, RISK, SITE, SITE_STATUS

STATES = {"bins_ok": "ok", "bins_uncertain": "uncertain", "bins_fault": "at fault", "bins_silent": "silent"}
DEVICE = {"silent_s": "last seen", "battery_v": "battery", "rssi_dbm": "reception", "boot_count": "starts"}
CELL = {
    "drift_share": "drift of a piece",
    "drift_g": "drift",
    "spread_raw": "spread",
    "temp_c": "temperature",
    "is_fault": "at fault",
    "is_silent": "silent",
}
WHICH_BIN = ("stocking_location", "item", "bin")


def board() -> Board:
    """For the planner of a site, and for the technician, before going there."""
    return Board(
        "kanbin-site",
        "A site",
        "What runs out next and what is used most; each device and its battery; each cell, its drift and faults.",
        "now-7d",
        [one(SITE_STATUS, "customer"), one(SITE_STATUS, "site", ["customer"])],
        [
            Row(9, [_stockouts(), _most_used()], [14, 10]),
            Row(7, [_states(), _silent()]),
            Row(9, [_devices(), _cells()], [10, 14]),
            Row(7, [_battery(), _reception()]),
            Row(7, [_drift(), _spread()]),
        ],
    )


def _stockouts() -> Panel:
    text = "What runs out next, at the usage of the last 30 days. An item leads to its board."
    panel = rows("Next stockouts", text, select(RISK, STOCKOUTS, SITE, by=RISK.tags), "2h", "days of cover")
    return linked(panel, "item", "kanbin-item", {"customer": "customer", "site": "site", "item": "item"})


def _most_used() -> Panel:
    query = select(ITEM_DAILY, FLOWS, SITE, aggregate="sum", by=(*SITE, "item"))
    panel = rows("Most used items", "Pieces moved in 30 days.", query, "30d", "used", is_descending=True)
    return linked(panel, "item", "kanbin-item", {"customer": "customer", "site": "site", "item": "item"})


def _states() -> Panel:
    text = "Each bin is counted once, silent before at fault."
    return lines("Bins by state", text, course(SITE_STATUS, STATES, SITE), "$col", is_stacked=True)


def _devices() -> Panel:
    query = select(DEVICE_HEALTH, DEVICE, SITE, by=("device",))
    text = "Told once an hour; battery and reception where a device reports them."
    return rows("Devices", text, query, "2h", "last seen", is_descending=True)


def _cells() -> Panel:
    text = "Told once an hour. Drift: how far the zero has gone since the calibration. Spread: noise, in raw counts."
    return rows(
        "Cells", text, select(BIN_HEALTH, CELL, SITE, by=WHICH_BIN), "2h", "drift of a piece", is_descending=True
    )


def _silent() -> Panel:
    return _device("Last seen", "For how long each device has not been heard.", "silent_s")


def _battery() -> Panel:
    return _device("Battery", "Voltage of each device that reports it.", "battery_v")


def _reception() -> Panel:
    return _device("Reception", "How well each device hears its access point, where it reports that.", "rssi_dbm")


def _drift() -> Panel:
    return _cell("Calibration drift", "How far each cell's zero has gone since its calibration.", "drift_g")


def _spread() -> Panel:
    return _cell("Spread", "Noise of each cell, peak to peak of the samples of a reading, in raw counts.", "spread_raw")


def _device(title: str, text: str, field: str) -> Panel:
    query = course(DEVICE_HEALTH, {field: DEVICE[field]}, SITE, by=("device",))
    return lines(title, text, query, "$tag_device", finest="1h")


def _cell(title: str, text: str, field: str) -> Panel:
    query = course(BIN_HEALTH, {field: CELL[field]}, SITE, by=("bin",))
    return lines(title, text, query, "$tag_bin", finest="1h")
