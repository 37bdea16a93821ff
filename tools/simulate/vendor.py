# SPDX-License-Identifier: Apache-2.0
"""A vendor in miniature: takes order files from a folder and, a lead time later, brings the pieces to the bin. Once."""

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

LOOK_EVERY_S = 0.1


class Destination(NamedTuple):
    """Where pieces of one item go at one stocking location: a bin's inbox, and how long the way is (simulated)."""

    inbox: Path
    channel: int
    lead_time_s: float


class Order(NamedTuple):
    """An order as the vendor read it."""

    order_no: str
    lines: tuple[tuple[str, int], ...]


class Vendor:
    """Watches a folder of order files. An order is shipped once, whatever happens to its file or to us."""

    def __init__(
        self,
        orders_folder: Path,
        shipped_folder: Path,
        destinations: Mapping[tuple[str, str], Destination],
        speed: float,
        on_event: Callable[[str, Order], None] = lambda event, order: None,
    ) -> None:
        self.orders: dict[str, Order] = {}
        self.altered: list[str] = []
        self._orders_folder = orders_folder
        self._shipped_folder = shipped_folder
        self._destinations = destinations
        self._speed = speed
        self._on_event = on_event
        self._digests: dict[str, str] = {}
        self._shipping: set[asyncio.Task[None]] = set()

    async def work(self) -> None:
        """Take orders until cancelled."""
        self._shipped_folder.mkdir(parents=True, exist_ok=True)
        try:
            async with asyncio.TaskGroup() as shipping:
                while True:
                    for order, document in self._new_orders():
                        self._on_event("ordered", order)
                        shipping.create_task(self._ship(order, document))
                    await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self.look_again()

    def look_again(self) -> list[str]:
        """Order numbers whose file changed after we first read it: a vendor would have shipped something else."""
        for path in self._order_files():
            order_no = str(json.loads(path.read_bytes())["order_no"])
            known = self._digests.get(order_no)
            if known not in (None, _digest(path)) and order_no not in self.altered:
                self.altered.append(order_no)
        return self.altered

    def _order_files(self) -> list[Path]:
        return sorted(self._orders_folder.glob("*.json"))

    def _new_orders(self) -> list[tuple[Order, dict[str, Any]]]:
        new = []
        for path in self._order_files():
            if path.stem in self._digests:
                continue
            document = json.loads(path.read_bytes())
            order_no = str(document["order_no"])
            self._digests[path.stem] = _digest(path)
            if order_no in self.orders:  # the same order under another file name
                self.altered.append(order_no)
                continue
            order = Order(order_no, tuple((line["item"], int(line["qty"])) for line in document["lines"]))
            self.orders[order_no] = order
            if not (self._shipped_folder / order_no).exists():
                new.append((order, document))
        return new

    async def _ship(self, order: Order, document: dict[str, Any]) -> None:
        ways = [self._destinations[item, document["stocking_location"]] for item, _ in order.lines]
        await asyncio.sleep(max(way.lead_time_s for way in ways) / self._speed)
        for number, (way, (_, pieces)) in enumerate(zip(ways, order.lines, strict=True)):
            _write_aside(way.inbox / f"{order.order_no}-{number}.json", {"channel": way.channel, "pieces": pieces})
        (self._shipped_folder / order.order_no).touch()
        self._on_event("delivered", order)


def _write_aside(path: Path, content: dict[str, Any]) -> None:
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(content))
    os.replace(aside, path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
