# SPDX-License-Identifier: Apache-2.0
"""The measurements: what is kept as time series, by which tags, in which units. Both stores and all boards read this.

A set of tags is frozen once it is published: InfluxDB 3 refuses another one. No name is both a tag and a field. Every
figure is a float, since InfluxDB refuses a field that is an integer once and a float later.
"""

from dataclasses import dataclass
from enum import StrEnum


class Shelf(StrEnum):
    """Where points are kept, and so for how long: an InfluxDB database or bucket each."""

    RAW = "raw"
    ROLLUP = "rollup"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a measurement: `unit` in words (pieces, days, g, ...); text instead of a figure if `is_text`."""

    name: str
    unit: str
    meaning: str
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is measured together. A point is named by its measurement, its tags and its time in nanoseconds."""

    name: str
    shelf: Shelf
    tags: tuple[str, ...]
    fields: tuple[Field, ...]
    written: str

    def field(self, name: str) -> Field:
        """The field of this name. Raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name}; it has {', '.join(field.name for field in self.fields)}")


SITE = ("customer", "site")
PLACE = (*SITE, "stocking_location", "item")
BIN = (*PLACE, "bin")

BIN_LEVEL = Measurement(
    "bin_level",
    Shelf.RAW,
    BIN,
    (
        Field("pieces", "pieces", "counted"),
        Field("lower", "pieces", "at least so many"),
        Field("upper", "pieces", "at most so many"),
        Field("is_ok", "0 or 1", "whether the count is one to order on"),
        Field("state", "", "what the counter says: ok, uncertain, absent, ...", is_text=True),
    ),
    "when a count says anything else than the one before, and once an hour",
)
BIN_EVENT = Measurement(
    "bin_event",
    Shelf.RAW,
    (*BIN, "kind"),
    (Field("delta", "pieces", "put in; taken out when negative"),),
    "at each pick, refill, return and correct",
)
BIN_HEALTH = Measurement(
    "bin_health",
    Shelf.RAW,
    BIN,
    (
        Field("spread_raw", "counts", "peak to peak of the samples of the newest reading"),
        Field("temp_c", "degree Celsius", "of the newest reading, where there is a thermometer"),
        Field("drift_g", "g", "how far the zero has gone since the calibration, as far as is known"),
        Field("drift_share", "share", "the same, of the weight of a piece"),
        Field("is_fault", "0 or 1", "whether the cell is at fault"),
        Field("is_silent", "0 or 1", "whether nothing came for half an hour, and for three of its reports"),
    ),
    "once an hour",
)
DEVICE_HEALTH = Measurement(
    "device_health",
    Shelf.RAW,
    (*SITE, "device"),
    (
        Field("silent_s", "s", "since it was last heard"),
        Field("boot_count", "boots", "how often it has started"),
        Field("battery_v", "V", "of its battery, where it reports one"),
        Field("rssi_dbm", "dBm", "how well it hears its access point, where it reports that"),
    ),
    "once an hour",
)
SERVICE = Measurement(
    "service",
    Shelf.RAW,
    ("service",),
    (
        Field("readings", "readings", "heard in the last minute"),
        Field("readings_behind", "readings", "stored and not counted yet"),
        Field("points_waiting", "points", "of time series, not written yet"),
        Field("points_refused", "points", "of time series, refused by the store and kept aside"),
        Field("conflicts", "readings", "that contradicted the log, kept aside"),
        Field("orders_unsent", "orders", "made and not sent yet"),
        Field("is_stalled", "0 or 1", "whether a bin is silent that was well when the newest reading of all came"),
    ),
    "once a minute",
)
ITEM_STOCK = Measurement(
    "item_stock",
    Shelf.ROLLUP,
    PLACE,
    (
        Field("qty_on_hand", "pieces", "at the stocking location"),
        Field("qty_on_order", "pieces", "ordered and not received"),
        Field("safety_stock", "pieces", "what the reorder point leaves when a delivery takes its lead time"),
        Field("reorder_point", "pieces", "min"),
        Field("order_up_to", "pieces", "max"),
        Field("usage_per_day", "pieces a day", "over the last 30 days"),
        Field("days_of_cover", "days", "until nothing is left, at that usage"),
        Field("standing", "0 to 4", "out, below safety stock, to reorder, healthy, excess"),
        Field("in_doubt", "0 or 1", "whether a bin of it has no count to order on"),
    ),
    "when any of it changes, and once a day",
)
ITEM_DAILY = Measurement(
    "item_daily",
    Shelf.ROLLUP,
    PLACE,
    (
        Field("used", "pieces", "taken that day, less what was put back"),
        Field("received", "pieces", "delivered that day"),
        Field("adjusted", "pieces", "put right that day, by counting"),
    ),
    "for each day (UTC) with movements; again when one of them comes late",
)
SITE_STATUS = Measurement(
    "site_status",
    Shelf.ROLLUP,
    SITE,
    (
        Field("items_out", "items", "with nothing left"),
        Field("items_below_safety", "items", "below their safety stock"),
        Field("items_reorder", "items", "at or below their reorder point"),
        Field("items_healthy", "items", "between reorder point and max"),
        Field("items_excess", "items", "more than an order multiple above max"),
        Field("items_in_doubt", "items", "with a bin that has no count to order on"),
        Field("cover_below_1d", "items", "with less than a day of cover"),
        Field("cover_1d_to_3d", "items", "with so much cover"),
        Field("cover_3d_to_7d", "items", "with so much cover"),
        Field("cover_7d_to_14d", "items", "with so much cover"),
        Field("cover_14d_to_30d", "items", "with so much cover"),
        Field("cover_above_30d", "items", "with more cover, or never used"),
        Field("bins", "bins", "in all"),
        Field("bins_ok", "bins", "counted, and sure of it"),
        Field("bins_uncertain", "bins", "uncertain, lifted, or with something else in them"),
        Field("bins_fault", "bins", "with a cell at fault or overloaded"),
        Field("bins_silent", "bins", "not heard for half an hour, and for three of their reports"),
        Field("tasks_open", "tasks", "to count a bin by hand"),
    ),
    "when any of it changes, looked at once a minute, and once an hour",
)
SITE_HOURLY = Measurement(
    "site_hourly",
    Shelf.ROLLUP,
    SITE,
    (
        Field("used", "pieces", "taken that hour, less what was put back"),
        Field("received", "pieces", "delivered that hour"),
        Field("adjusted", "pieces", "put right that hour, by counting"),
        Field("movements", "movements", "lines of the ledger that hour"),
    ),
    "for each hour (UTC) with movements, once it is over; again when one of them comes late",
)
RISK = Measurement(
    "risk",
    Shelf.ROLLUP,
    (*SITE, "rank"),
    (
        Field("risk_item", "", "the item that will be used up", is_text=True),
        Field("risk_location", "", "where", is_text=True),
        Field("days_of_cover", "days", "until nothing is left, at the usage of the last 30 days"),
        Field("stockout_at_s", "s since 1970", "when that will be"),
        Field("qty_on_hand", "pieces", "at the stocking location"),
        Field("qty_on_order", "pieces", "ordered and not received"),
        Field("standing", "0 to 4", "out, below safety stock, to reorder, healthy, excess"),
    ),
    "the first 20 of each site; when any of it changes, looked at once a minute, and once an hour",
)
FLEET_RISK = Measurement(
    "fleet_risk",
    Shelf.ROLLUP,
    ("rank",),
    (
        Field("risk_customer", "", "whose it is", is_text=True),
        Field("risk_site", "", "at which site", is_text=True),
        *RISK.fields,
    ),
    "the first 20 of all sites; when any of it changes, looked at once a minute, and once an hour",
)

MEASUREMENTS = {
    measurement.name: measurement
    for measurement in (
        BIN_LEVEL,
        BIN_EVENT,
        BIN_HEALTH,
        DEVICE_HEALTH,
        SERVICE,
        ITEM_STOCK,
        ITEM_DAILY,
        SITE_STATUS,
        SITE_HOURLY,
        RISK,
        FLEET_RISK,
    )
}
RISK_RANKS = 20
STANDINGS = ("out", "below safety stock", "to reorder", "healthy", "excess")
"""What `standing` is the index into, worst first."""
