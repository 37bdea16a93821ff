# SPDX-License-Identifier: Apache-2.0
"""A small plant to test in: one item in one bin on a simulated cell, and readings as a device sends them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fleet.counting.counter import BinSetup
from fleet.db import write
from fleet.orders.tables import OrderLineRow
from fleet.readings.tables import ReadingRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from fleet.stock.tables import MovementRow, StockRow

NOW_MS = 1_790_000_000_000
SCALE = BinSetup(
    tare_raw=100_000, counts_per_gram=429.0, apw_g=5.0, bin_weight_g=200.0, cell_capacity_g=5_000.0, pack_size=50
)
PAIR = (1, 1)


def seed_data(**policy: int) -> dict[str, object]:
    """Customer to levels, one of each; every id is 1."""
    levels = {"reorder_point": 40, "order_up_to": 200, "order_multiple": 50, **policy}
    return {
        "customers": [{"customer": "acme"}],
        "sites": [{"site": "plant-1", "customer": "acme"}],
        "stocking_locations": [{"stocking_location": "line-1", "site": "plant-1"}],
        "items": [{"item": "M4x12", "apw_g": "5.0", "pack_size": 50}],
        "devices": [{"device": "dev-1", "kid": "0001", "master_secret": "00112233445566778899aabbccddeeff"}],
        "bins": [
            {
                "bin": "bin-1",
                "device": "dev-1",
                "channel": 0,
                "item": "M4x12",
                "stocking_location": "line-1",
                "bin_weight_g": "200",
                "cell_capacity_g": "5000",
                "tare_raw": 100_000,
                "counts_per_gram": "429.0",
            }
        ],
        "policies": [{"item": "M4x12", "stocking_location": "line-1", **levels}],
    }


def build(engine: Engine, folder: object, **policy: int) -> None:
    """Loads the plant."""
    with write(engine) as session:
        load(session, parse_seed(seed_data(**policy), folder), now_ms=NOW_MS)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Reading:
    """What a device says of a bin."""

    epoch: int
    boot_count: int
    uptime_s: int
    raw: int
    spread: int
    temp_cc: int | None = None


@dataclass
class SimulatedBin:
    """Pieces on a noisy cell, reported as a device does: a heartbeat, and each second around a movement.

    `lot` is how many times as heavy as usual they are.
    """

    pieces: float = 100
    scale: BinSetup = SCALE
    noise_raw: float = 60.0
    seed: int = 1
    uptime_s: int = 0
    boot_count: int = 1
    lot: float = 1.0
    extra_g: float = 0.0
    is_lifted: bool = False
    loud: bool = False
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def reading(self) -> Reading:
        """What the device says now: the mean of ten samples and their peak to peak."""
        grams = self.pieces * self.lot * self.scale.apw_g + self.extra_g
        if self.is_lifted:
            grams = -self.scale.bin_weight_g
        noise = self.noise_raw * (100 if self.loud else 1)
        samples = [self._chance.gauss(0, noise) for _ in range(10)]
        raw = self.scale.tare_raw + grams * self.scale.counts_per_gram + sum(samples) / 10
        spread = max(samples) - min(samples)
        return Reading(1, self.boot_count, self.uptime_s, round(raw), round(spread), 2100)

    def burst(self, seconds: int = 17) -> Iterator[Reading]:
        """One reading each second: the time after a movement."""
        for _ in range(seconds):
            self.uptime_s += 1
            yield self.reading()

    def heartbeats(self, count: int, every_s: int = 300) -> Iterator[Reading]:
        """Readings of a bin nobody touches."""
        for _ in range(count):
            self.uptime_s += every_s
            yield self.reading()


def store_readings(
    session: Session, readings: list[Reading], start_ms: int = NOW_MS, device_id: int = 1, channel: int = 0
) -> None:
    """Puts readings into the log as the gate does, taken at `start_ms` plus their uptime."""
    newest = session.scalar(select(func.max(ReadingRow.sequence)).where(ReadingRow.device_id == device_id))
    sequence = -1 if newest is None else newest
    for reading in readings:
        sequence += 1
        at_ms = start_ms + reading.uptime_s * 1000
        session.add(
            ReadingRow(
                device_id=device_id,
                epoch=reading.epoch,
                sequence=sequence,
                boot_count=reading.boot_count,
                channel=channel,
                uptime_s=reading.uptime_s,
                raw=reading.raw,
                spread=reading.spread,
                temp_cc=reading.temp_cc,
                received_at_ms=at_ms,
                taken_at_ms=at_ms,
            )
        )
    session.flush()


def assert_books_agree(session: Session) -> None:
    """The invariants that hold after every commit, whatever happened before."""
    for stock in session.scalars(select(StockRow)):
        of_pair = (
            MovementRow.item_id == stock.item_id,
            MovementRow.stocking_location_id == stock.stocking_location_id,
        )
        on_hand, on_order = session.execute(
            select(
                func.coalesce(func.sum(MovementRow.on_hand_delta), 0),
                func.coalesce(func.sum(MovementRow.on_order_delta), 0),
            ).where(*of_pair)
        ).one()
        assert (stock.qty_on_hand, stock.qty_on_order) == (on_hand, on_order), "stock is the sum of the ledger"
        lines = session.scalars(
            select(OrderLineRow).where(
                OrderLineRow.item_id == stock.item_id,
                OrderLineRow.stocking_location_id == stock.stocking_location_id,
            )
        ).all()
        assert stock.qty_on_order == sum(line.qty_ordered - line.qty_received for line in lines)
        unsent = [line for line in lines if line.state == "unsent"]
        assert len(unsent) <= 1, "at most one unsent line a pair"
        assert stock.qty_unsent == sum(line.qty_ordered for line in unsent)
