# SPDX-License-Identifier: Apache-2.0
"""The vendor ships what is ordered, after its lead time, and never twice."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from tests.eventually import eventually
from tools.simulate.vendor import Destination, Vendor

LEAD_TIME_S = 600


class Shop:
    def __init__(self, folder: Path) -> None:
        self.orders = folder / "orders"
        self.inbox = folder / "deliveries"
        for path in (self.orders, self.inbox):
            path.mkdir(exist_ok=True)
        ways = {("screw", "line-1"): Destination(self.inbox, 0, LEAD_TIME_S)}
        self.events: list[str] = []
        self.vendor = Vendor(
            self.orders, folder / "shipped", ways, 10_000, lambda event, order: self.events.append(event)
        )

    def order(self, order_no: str, qty: int = 500, name: str | None = None) -> None:
        lines = [{"item": "screw", "qty": qty, "order_multiple": 100}]
        document = {"order_no": order_no, "stocking_location": "line-1", "lines": lines}
        (self.orders / f"{name or order_no}.json").write_text(json.dumps(document))

    async def work_until(self, condition: Callable[[], bool]) -> None:
        work = asyncio.create_task(self.vendor.work())
        await eventually(condition)
        work.cancel()
        await asyncio.wait([work])

    def deliveries(self) -> list[str]:
        return sorted(path.name for path in self.inbox.glob("*.json"))


def test_an_order_becomes_a_delivery_to_the_bin(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.order("RO-000001")
    asyncio.run(shop.work_until(lambda: "delivered" in shop.events))
    assert json.loads((shop.inbox / "RO-000001-0.json").read_text()) == {"channel": 0, "pieces": 500}
    assert shop.events == ["ordered", "delivered"]


def test_a_vendor_that_starts_again_ships_no_order_again(tmp_path: Path) -> None:
    first = Shop(tmp_path)
    first.order("RO-000001")
    asyncio.run(first.work_until(lambda: "delivered" in first.events))
    (first.inbox / "RO-000001-0.json").unlink()
    second = Shop(tmp_path)
    second.order("RO-000002")
    asyncio.run(second.work_until(lambda: "delivered" in second.events))
    assert second.deliveries() == ["RO-000002-0.json"]
    assert len(second.vendor.orders) == 2


def test_the_same_order_under_another_name_is_noticed_and_not_shipped(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.order("RO-000001")
    shop.order("RO-000001", name="RO-000001-copy")
    asyncio.run(shop.work_until(lambda: "delivered" in shop.events))
    assert shop.vendor.altered == ["RO-000001"]
    assert shop.deliveries() == ["RO-000001-0.json"]


def test_an_order_that_changes_after_it_was_sent_is_noticed(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.order("RO-000001")
    asyncio.run(shop.work_until(lambda: "ordered" in shop.events))
    shop.order("RO-000001", qty=900)
    assert shop.vendor.look_again() == ["RO-000001"]
