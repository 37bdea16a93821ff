# SPDX-License-Identifier: Apache-2.0
"""How cells and devices are: a point an hour of each, spread over the minutes of the hour. And how the service is."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from fleet.counting import counter
from fleet.counting.memory import read_memory
from fleet.counting.silence import stale_after_ms
from fleet.counting.store import counted_up_to
from fleet.counting.tables import BinRow, CounterStateRow, CountRow
from fleet.counting.tally import Tally
from fleet.devices.queries import newest_health_id
from fleet.devices.tables import DeviceHealthRow, DeviceRow
from fleet.orders.tables import ReplenishmentOrderRow
from fleet.readings.tables import ReadingConflictRow, ReadingRow
from fleet.series import outbox
from fleet.series.model import NS_IN_MS, Point, Value
from fleet.series.places import tags_of_bins
from fleet.series.schema import BIN_HEALTH, DEVICE_HEALTH, SERVICE
from fleet.stock.tables import CustomerRow, SiteRow, StockingLocationRow

MINUTES = 60
MINUTE_MS = 60_000
FLEET = "fleet"
_FAULTS = (counter.FAULT_STUCK, counter.FAULT_SATURATED, counter.FAULT_OPEN, counter.FAULT_NOISY)


def bin_points(session: Session, minute: int, now_ms: int) -> list[Point]:
    """Of the bins whose minute of the hour this is, as far as they have been counted."""
    statement = (
        select(CounterStateRow, stale_after_ms())
        .join(BinRow, BinRow.id == CounterStateRow.bin_id)
        .join(DeviceRow, DeviceRow.id == BinRow.device_id)
        .where(CounterStateRow.bin_id % MINUTES == minute % MINUTES, CounterStateRow.newest_at_ms.is_not(None))
    )
    rows = session.execute(statement).all()
    tags = tags_of_bins(session, (row.bin_id for row, _ in rows))
    newest = _newest_readings(session, tags)
    points = []
    for row, patience_ms in rows:
        fields = _bin_fields(row, newest.get(row.bin_id))
        fields["is_silent"] = float(now_ms - (row.newest_at_ms or 0) > patience_ms)
        points.append(Point(BIN_HEALTH.name, tags[row.bin_id], now_ms * NS_IN_MS, fields))
    return points


def device_points(session: Session, minute: int, now_ms: int) -> list[Point]:
    """Of the devices whose minute of the hour this is, and that have been heard; at the site of their first bin."""
    first_bin = (
        select(func.min(BinRow.id)).where(BinRow.device_id == DeviceRow.id).correlate(DeviceRow).scalar_subquery()
    )
    statement = (
        select(
            DeviceRow.device,
            DeviceRow.last_seen_at_ms,
            DeviceRow.boot_count,
            DeviceHealthRow.battery_mv,
            DeviceHealthRow.rssi_dbm,
            CustomerRow.customer,
            SiteRow.site,
        )
        .join_from(DeviceRow, BinRow, BinRow.id == first_bin)
        .join(StockingLocationRow, StockingLocationRow.id == BinRow.stocking_location_id)
        .join(SiteRow, SiteRow.id == StockingLocationRow.site_id)
        .join(CustomerRow, CustomerRow.id == SiteRow.customer_id)
        .outerjoin(DeviceHealthRow, DeviceHealthRow.id == newest_health_id())
        .where(DeviceRow.id % MINUTES == minute % MINUTES, DeviceRow.last_seen_at_ms.is_not(None))
    )
    points = []
    for row in session.execute(statement):
        fields: dict[str, Value] = {
            "silent_s": max(0, now_ms - row.last_seen_at_ms) / 1000,
            "boot_count": float(row.boot_count or 0),
        }
        if row.battery_mv is not None:
            fields["battery_v"] = row.battery_mv / 1000
        if row.rssi_dbm is not None:
            fields["rssi_dbm"] = float(row.rssi_dbm)
        tags = (row.customer, row.site, row.device)
        points.append(Point(DEVICE_HEALTH.name, tags, now_ms * NS_IN_MS, fields))
    return points


def service_point(session: Session, now_ms: int) -> Point:
    """How the service keeps up."""
    newest_id = session.scalar(select(func.max(ReadingRow.id))) or 0
    unsent = select(func.count(ReplenishmentOrderRow.id)).where(ReplenishmentOrderRow.state == "unsent")
    lately = select(func.count(ReadingRow.id)).where(ReadingRow.received_at_ms >= now_ms - MINUTE_MS)
    fields: dict[str, Value] = {
        "readings": float(session.scalar(lately) or 0),
        "readings_behind": float(newest_id - counted_up_to(session)),
        "points_waiting": float(outbox.points_waiting(session)),
        "points_refused": float(outbox.points_refused(session)),
        "conflicts": float(session.scalar(select(func.count(ReadingConflictRow.id))) or 0),
        "orders_unsent": float(session.scalar(unsent) or 0),
        "is_stalled": float(_is_stalled(session, now_ms)),
    }
    return Point(SERVICE.name, (FLEET,), now_ms * NS_IN_MS, fields)


def _is_stalled(session: Session, now_ms: int) -> bool:
    """Whether no reading came for so long that a bin is silent which was well when the newest one came.

    A bin that had fallen silent while others were heard is itself at fault and tells nothing of the way that readings
    come; one that has never been heard, the same. Of the others the least patient tells first. Where no reading came
    since the last bin fell silent, nobody can know whose fault it is, and it is told as that of the way.
    """
    heard_at_ms = session.scalar(select(ReadingRow.received_at_ms).order_by(ReadingRow.id.desc()).limit(1)) or 0
    weighs = exists().where(BinRow.device_id == DeviceRow.id)
    was_well = func.coalesce(DeviceRow.last_seen_at_ms, 0) >= heard_at_ms - stale_after_ms()
    patience_ms = session.scalar(select(func.min(stale_after_ms())).select_from(DeviceRow).where(weighs, was_well))
    return patience_ms is not None and now_ms - heard_at_ms > patience_ms


def _newest_readings(session: Session, bin_ids: Iterable[int]) -> dict[int, Any]:
    """The newest reading of each bin, by one descent of an index each."""
    newest_id = (
        select(CountRow.reading_id)
        .where(CountRow.bin_id == BinRow.id, CountRow.reading_id.is_not(None))
        .order_by(CountRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        select(BinRow.id, ReadingRow.spread, ReadingRow.temp_cc)
        .join(ReadingRow, ReadingRow.id == newest_id)
        .where(BinRow.id.in_(sorted(bin_ids)))
    )
    return {row.id: row for row in session.execute(statement)}


def _bin_fields(row: CounterStateRow, newest: Any) -> dict[str, Value]:
    fields: dict[str, Value] = {"is_fault": float(row.newest_state in _FAULTS)}
    if newest is not None:
        fields["spread_raw"] = float(newest.spread)
        if newest.temp_cc is not None:
            fields["temp_c"] = newest.temp_cc / 100
    tally = Tally(read_memory(row.state), row.counter, row.pieces)
    zero_g, setup = tally.zero_g(), tally.setup_given()
    if zero_g is not None and setup is not None:
        fields["drift_g"] = zero_g
        fields["drift_share"] = abs(zero_g) / setup.apw_g
    return fields
