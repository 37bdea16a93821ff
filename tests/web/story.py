# SPDX-License-Identifier: Apache-2.0
"""A made-up fleet for pictures and tests: seven bins, a working day of counts from a seeded generator, three orders."""

import random
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet.counting.tables import BinRow, CountRow
from fleet.devices.tables import DeviceRow
from fleet.orders.tables import OrderLineRow, ReplenishmentOrderRow, ReplenishmentPolicyRow
from fleet.readings.tables import ReadingRow
from fleet.stock.tables import CustomerRow, ItemRow, SiteRow, StockingLocationRow, StockRow

NOW_MS = 1_795_421_730_000  # 2026-11-23 08:15:30 UTC
DAY_MS = 8 * 3_600_000
COUNT_EVERY_MS = 300_000


@dataclass(frozen=True)
class Part:
    """What is told of one bin: its part, its levels, how it ends, and when it was last heard of."""

    item: str
    name: str
    apw_g: str
    reorder_point: int
    order_up_to: int
    start_pieces: int
    pick_pieces: int
    qty_on_order: int = 0
    last_state: str = "ok"
    silent_ms: int = 8_000


PARTS = (
    Part("M4X12-A2", "Hex bolt M4 \u00d7 12, stainless", "1.842", 150, 600, 597, 4),
    Part("M5-NUT-A2", "Hex nut M5, stainless", "1.230", 400, 1600, 700, 6, qty_on_order=1200),
    Part("WSH-6-ZN", "Washer 6 mm, zinc plated", "0.912", 500, 2500, 640, 20),
    Part("RVT-3X8", "Blind rivet 3 \u00d7 8", "0.655", 200, 900, 338, 3, qty_on_order=700),
    Part("DIN912-6X20", "Socket screw M6 \u00d7 20", "6.870", 60, 240, 188, 2, last_state="absent"),
    Part("CLIP-R12", "Retaining clip R12", "0.318", 300, 1000, 640, 5, silent_ms=2 * 3_600_000),
    Part("ORING-14", "O-ring 14 \u00d7 2", "0.402", 100, 500, 344, 3, last_state="fault_noisy"),
)


def tell(session: Session, now_ms: int = NOW_MS, seed: int = 7) -> None:
    """Writes the whole fleet into empty tables. The same seed tells the same story."""
    dice = random.Random(seed)
    place = _place(session)
    for number, part in enumerate(PARTS, start=1):
        bin = _bin(session, place, number, part)
        pieces = _counts(session, bin, part, now_ms, dice)
        stock = StockRow(
            item_id=bin.item_id,
            stocking_location_id=place.id,
            qty_on_hand=pieces,
            qty_on_order=part.qty_on_order,
            in_doubt=part.last_state != "ok",
        )
        session.add(stock)
    session.flush()
    _orders(session, place, now_ms)


@dataclass(frozen=True)
class Told:
    """What one reading of a bin says."""

    at_ms: int
    pieces: int
    bound: int = 2
    state: str = "ok"


def add_counts(session: Session, bin: BinRow, told: list[Told]) -> None:
    """Readings of the bin, in the order of their times, and their counts."""
    said = select(func.count()).select_from(ReadingRow).where(ReadingRow.device_id == bin.device_id)
    first_sequence = session.execute(said).scalar_one()
    readings = [_reading(bin, first_sequence + number, one) for number, one in enumerate(told)]
    session.add_all(readings)
    session.flush()
    session.add_all(_count(bin, reading.id, one) for reading, one in zip(readings, told, strict=True))
    device = session.get_one(DeviceRow, bin.device_id)
    device.last_seen_at_ms = told[-1].at_ms
    session.flush()


def _reading(bin: BinRow, sequence: int, told: Told) -> ReadingRow:
    return ReadingRow(
        device_id=bin.device_id,
        epoch=1,
        sequence=sequence,
        boot_count=1,
        channel=bin.channel,
        uptime_s=told.at_ms // 1000 % 100_000,
        raw=100_000 + 800 * told.pieces,
        spread=80,
        temp_cc=2150,
        received_at_ms=told.at_ms,
        taken_at_ms=told.at_ms,
    )


def _count(bin: BinRow, reading_id: int, told: Told) -> CountRow:
    return CountRow(
        reading_id=reading_id,
        bin_id=bin.id,
        at_ms=told.at_ms,
        pieces=told.pieces,
        lower=max(told.pieces - told.bound, 0),
        upper=told.pieces + told.bound,
        state=told.state,
        settled=told.state == "ok",
    )


def _place(session: Session) -> StockingLocationRow:
    customer = CustomerRow(customer="ACME", name="Acme Pumps")
    session.add(customer)
    session.flush()
    site = SiteRow(site="ACME-1", name="Plant 1", customer_id=customer.id)
    session.add(site)
    session.flush()
    place = StockingLocationRow(stocking_location="LINE-3", name="Line 3", site_id=site.id)
    session.add(place)
    session.flush()
    return place


def _bin(session: Session, place: StockingLocationRow, number: int, part: Part) -> BinRow:
    device = DeviceRow(
        device=f"device-{number:02}",
        kid=number.to_bytes(2, "big"),
        master_secret=bytes([number]) * 16,
        master_salt=b"",
        boot_count=1,
        epoch=1,
    )
    item = ItemRow(item=part.item, name=part.name, apw_g=Decimal(part.apw_g), pack_size=100)
    session.add_all([device, item])
    session.flush()
    bin = BinRow(
        bin=f"bin-{number:02}",
        device_id=device.id,
        channel=0,
        item_id=item.id,
        stocking_location_id=place.id,
        bin_weight_g=Decimal("182.5"),
        cell_capacity_g=Decimal(5000),
    )
    policy = ReplenishmentPolicyRow(
        item_id=item.id,
        stocking_location_id=place.id,
        reorder_point=part.reorder_point,
        order_up_to=part.order_up_to,
        order_multiple=10,
        min_order_qty=0,
        lead_time_s=86_400,
    )
    session.add_all([bin, policy])
    session.flush()
    return bin


def _counts(session: Session, bin: BinRow, part: Part, now_ms: int, dice: random.Random) -> int:
    end_ms = now_ms - part.silent_ms
    steps = (DAY_MS - part.silent_ms) // COUNT_EVERY_MS
    times = [end_ms - step * COUNT_EVERY_MS for step in range(steps, -1, -1)]
    pieces = part.start_pieces
    told = []
    for at_ms in times:
        if dice.random() < 0.5:
            pieces -= dice.randint(0, 2 * part.pick_pieces)
        if pieces < part.reorder_point * 0.55 and not part.qty_on_order:
            pieces = part.order_up_to - dice.randint(0, 20)
        pieces = max(pieces, 0)
        state = part.last_state if at_ms == end_ms else "ok"
        told.append(Told(at_ms, pieces, bound=1 + pieces // 80, state=state))
    add_counts(session, bin, told)
    return pieces


def _orders(session: Session, place: StockingLocationRow, now_ms: int) -> None:
    told = (
        ("WSH-6-ZN", 2000, 2000, "received", 7 * 3_600_000),
        ("M5-NUT-A2", 1200, 0, "sent", 5 * 3_600_000),
        ("RVT-3X8", 700, 0, "unsent", 40_000),
    )
    for number, (item, qty_ordered, qty_received, state, ago_ms) in enumerate(told, start=1):
        order = ReplenishmentOrderRow(
            order_no=f"RO-{number:06}",
            stocking_location_id=place.id,
            state=state,
            created_at_ms=now_ms - ago_ms,
            sent_at_ms=None if state == "unsent" else now_ms - ago_ms + 1_500,
        )
        session.add(order)
        session.flush()
        line = OrderLineRow(
            order_id=order.id,
            item_id=session.execute(select(ItemRow.id).where(ItemRow.item == item)).scalar_one(),
            stocking_location_id=place.id,
            qty_ordered=qty_ordered,
            qty_received=qty_received,
            state=state,
        )
        session.add(line)
    session.flush()
