# SPDX-License-Identifier: Apache-2.0
"""A made-up fleet for pictures and tests: seven bins, a working day of counts from a seeded generator, three orders.

Its first five bins have the names, items and levels of the demonstration's.
"""

import random
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet.counting.tables import BinRow, CountEventRow, CountRow, CountTaskRow
from fleet.devices.health import record
from fleet.devices.tables import DeviceRow
from fleet.orders.tables import OrderLineRow, ReplenishmentOrderRow, ReplenishmentPolicyRow
from fleet.readings.service import append
from fleet.readings.tables import ReadingRow
from fleet.stock.tables import CustomerRow, ItemRow, SiteRow, StockingLocationRow, StockRow

NOW_MS = 1_795_421_730_000  # 2026-11-23 08:15:30 UTC
HOUR_MS = 3_600_000
DAY_MS = 8 * HOUR_MS
COUNT_EVERY_MS = 300_000

REASON = "An alarm before it is empty is all that is wanted."


@dataclass(frozen=True)
class Part:
    """What is told of one bin: its part, its levels, how it ends, and when it was last heard of."""

    item: str
    name: str
    apw_g: str
    reorder_point: int
    order_up_to: int
    order_multiple: int
    start_pieces: int
    pick_pieces: int
    qty_on_order: int = 0
    last_state: str = "ok"
    silent_ms: int = 8_000
    count_anyway_reason: str | None = None


PARTS = (
    Part("screw-m4x12", "Screw M4 x 12", "1.8", 250, 900, 100, 890, 5),
    Part("washer-m4", "Washer M4", "0.6", 300, 1200, 200, 540, 5, qty_on_order=800),
    Part("nut-m8", "Nut M8", "5.2", 180, 700, 100, 210, 6),
    Part("hinge-26", "Hinge, 26 mm cup", "25.0", 60, 200, 20, 90, 1, qty_on_order=140),
    Part("bracket-60", "Corner bracket 60 mm", "38.0", 40, 160, 20, 118, 1, last_state="absent"),
    Part(
        "clip-r12",
        "Retaining clip R12",
        "0.32",
        300,
        1000,
        100,
        640,
        5,
        silent_ms=2 * 3_600_000,
        count_anyway_reason=REASON,
    ),
    Part("o-ring-14", "O-ring 14 x 2", "0.4", 100, 500, 100, 344, 3, last_state="fault_noisy"),
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
    _counted_by_hand(session, now_ms)


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
    for before, reading, one in zip(told, readings[1:], told[1:], strict=False):
        session.add_all(_events(bin, reading.id, before.pieces, one))
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
        mean=float(told.pieces),
        sd=told.bound / 2,
        lower=max(told.pieces - told.bound, 0),
        upper=told.pieces + told.bound,
        state=told.state,
        is_settled=told.state == "ok",
        is_evidence=told.state == "ok",
    )


def _events(bin: BinRow, reading_id: int, pieces_before: int, told: Told) -> list[CountEventRow]:
    delta = told.pieces - pieces_before
    kind = "pick" if delta < 0 else "refill"
    event = CountEventRow(reading_id=reading_id, bin_id=bin.id, at_ms=told.at_ms, kind=kind, delta=delta)
    return [event] if delta else []


def _place(session: Session) -> StockingLocationRow:
    customer = CustomerRow(customer="nordwerk", name="Nordwerk Furniture")
    session.add(customer)
    session.flush()
    site = SiteRow(site="plant-1", name="Plant 1", customer_id=customer.id)
    session.add(site)
    session.flush()
    place = StockingLocationRow(stocking_location="line-1", name="Assembly line 1", site_id=site.id)
    session.add(place)
    session.flush()
    return place


def _bin(session: Session, place: StockingLocationRow, number: int, part: Part) -> BinRow:
    device = DeviceRow(
        device=f"bin-{number:02}",
        kid=number.to_bytes(2, "big"),
        master_secret=bytes([number]) * 16,
        master_salt=b"",
        boot_count=1,
        epoch=1,
    )
    item = ItemRow(item=part.item, name=part.name, apw_g=Decimal(part.apw_g), pack_size=part.order_multiple)
    session.add_all([device, item])
    session.flush()
    bin = BinRow(
        bin=f"bin-{number:02}",
        device_id=device.id,
        channel=0,
        item_id=item.id,
        stocking_location_id=place.id,
        bin_weight_g=Decimal("182.5"),
        cell_capacity_g=Decimal(20_000),
        count_anyway_reason=part.count_anyway_reason,
    )
    health = {"rssi_dbm": -61, "cell_faults": [(0, 0)], "reset_cause": 1, "plan_version": 0}
    record(session, device.id, {"epoch": 1, "boot_count": 1, "uptime_s": 3} | health, NOW_MS - HOUR_MS)
    lost = (1, 1, None, [(sequence, 0, 3, None, 40, None) for sequence in range(4_000_000, 4_000_005)])
    append(session, device.id, lost, NOW_MS - HOUR_MS)
    policy = ReplenishmentPolicyRow(
        item_id=item.id,
        stocking_location_id=place.id,
        reorder_point=part.reorder_point,
        order_up_to=part.order_up_to,
        order_multiple=part.order_multiple,
        min_order_qty=part.order_multiple,
        lead_time_s=172_800,
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


def _counted_by_hand(session: Session, now_ms: int) -> None:
    """Two bins that were to be counted this morning; both are well."""
    for bin_id, reason, ago_ms, closed_by in (
        (6, "stale", 7 * HOUR_MS, "well"),
        (2, "uncertain", 6 * HOUR_MS, "stocktake"),
    ):
        raised_at_ms = now_ms - ago_ms
        session.add(
            CountTaskRow(
                bin_id=bin_id,
                reason=reason,
                since_ms=raised_at_ms - HOUR_MS,
                raised_at_ms=raised_at_ms,
                closed_at_ms=raised_at_ms + HOUR_MS,
                closed_by=closed_by,
            )
        )
    session.flush()


def _orders(session: Session, place: StockingLocationRow, now_ms: int) -> None:
    told = (
        ("nut-m8", 500, 500, "received", 7 * 3_600_000),
        ("washer-m4", 800, 0, "sent", 5 * 3_600_000),
        ("hinge-26", 140, 0, "unsent", 40_000),
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
