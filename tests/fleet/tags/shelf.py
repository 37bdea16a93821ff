# SPDX-License-Identifier: Apache-2.0
"""A shelf with a reader, in the small plant: antenna 0 sees the shelf, antenna 1 the box for empties."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fleet.db import read, write
from fleet.devices.tables import DeviceRow
from fleet.orders.service import note_order_sent, replenish
from fleet.orders.tables import OrderLineRow, ReplenishmentPolicyRow
from fleet.stock.tables import ItemRow, MovementRow, StockingLocationRow, StockRow
from fleet.tags.binding import Binding, bind, unbind
from fleet.tags.log import Appended, append
from fleet.tags.model import KINDS, Kind, Message, Patience
from fleet.tags.service import end_missed, take_new_events
from fleet.tags.store import binding_of
from fleet.tags.tables import AntennaRow, TagBindingRow
from tests.fleet.plant import NOW_MS, assert_books_agree

EPC = bytes.fromhex("30340789000c0e42dfdc1c35")
OTHER_EPC = bytes.fromhex("30340789000c0e42dfdc1c36")
QTY = 50
SHELF, EMPTIES, ELSEWHERE = 0, 1, 2
PATIENCE = Patience(gone_ms=60_000, silent_ms=3_600_000, refill_ms=4 * 3_600_000)
HOUR_S = 3600


@dataclass
class Shelf:
    """Says what a reader sees, and asks what became of it. Time is seconds since the reader's boot."""

    engine: Engine
    sequence: int = 0

    def __post_init__(self) -> None:
        with write(self.engine) as session:
            session.add(DeviceRow(device="reader-1", kid=b"\x02", master_secret=bytes(16), master_salt=b""))
            session.add(ItemRow(item="N5", name="", apw_g=1, pack_size=QTY))
            session.add(StockingLocationRow(stocking_location="line-2", name="", site_id=1))
            session.flush()
            for antenna, location_id, role in ((SHELF, 1, "stock"), (EMPTIES, 1, "empties"), (ELSEWHERE, 2, "stock")):
                session.add(AntennaRow(device_id=2, antenna=antenna, stocking_location_id=location_id, role=role))
            session.add(
                ReplenishmentPolicyRow(
                    item_id=2,
                    stocking_location_id=1,
                    reorder_point=QTY,
                    order_up_to=2 * QTY,
                    order_multiple=QTY,
                    min_order_qty=0,
                    lead_time_s=0,
                )
            )

    def bind(self, kind: Kind = Kind.PACKAGE, epc: bytes = EPC, at_s: int = 0, in_stock: bool = False) -> None:
        with write(self.engine) as session:
            bind(session, Binding(epc, kind, "N5", "line-1", QTY, in_stock=in_stock), NOW_MS + 1000 * at_s)

    def unbind(self, epc: bytes = EPC, at_s: int = 0) -> None:
        with write(self.engine) as session:
            row = binding_of(session, epc)
            assert row is not None
            unbind(session, row, NOW_MS + 1000 * at_s)

    def message(self, *events: tuple[str, int, int], epc: bytes = EPC) -> tuple[Message, int]:
        """A message of (kind, antenna, at_s) as the newest reader sends it, and the second at which it is sent."""
        rows: list[tuple[int, int, int, int, int | None, int, bytes]] = []
        for kind, antenna, at_s in events:
            self.sequence += 1
            rows.append((self.sequence, KINDS.index(kind), antenna, at_s, -60, 1, epc))
        return (7, 1, 0, rows), max(row[3] for row in rows)

    def deliver(self, message: tuple[Message, int]) -> Appended:
        said, at_s = message
        with write(self.engine) as session:
            return append(session, 2, said, NOW_MS + 1000 * at_s)

    def say(self, *events: tuple[str, int, int], epc: bytes = EPC) -> None:
        """Events that are told and taken at once."""
        message = self.message(*events, epc=epc)
        self.deliver(message)
        self.turn(message[1])

    def turn(self, at_s: int, limit: int = 200) -> list[str]:
        """What the worker does, at a second; the order numbers."""
        with write(self.engine) as session:
            pairs, _ = take_new_events(session, NOW_MS + 1000 * at_s, limit, PATIENCE)
            orders = replenish(session, pairs, NOW_MS + 1000 * at_s)
            assert_books_agree(session)
        return orders

    def look(self, at_s: int) -> None:
        """The worker's look after tags nobody speaks of any more."""
        with write(self.engine) as session:
            end_missed(session, 100, PATIENCE)
        self.turn(at_s)

    def send_orders(self) -> None:
        with write(self.engine) as session:
            for order_id in set(session.scalars(select(OrderLineRow.order_id).where(OrderLineRow.state == "unsent"))):
                note_order_sent(session, order_id, NOW_MS)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with read(self.engine) as session:
            yield session

    def booked(self, epc: bytes | None = None) -> list[tuple[str, int, int]]:
        """The ledger's lines, but for orders, of all tags or of one: (kind, pieces on hand, pieces on order)."""
        with self.reading() as session:
            rows = session.scalars(select(MovementRow).where(MovementRow.item_id == 2).order_by(MovementRow.id))
            return [
                (row.kind, row.on_hand_delta, row.on_order_delta)
                for row in rows
                if row.kind != "ordered" and (epc is None or epc.hex() in row.reference)
            ]

    def stock(self) -> StockRow:
        with self.reading() as session:
            return session.get_one(StockRow, (2, 1))

    def binding(self) -> TagBindingRow | None:
        with self.reading() as session:
            return binding_of(session, EPC)
