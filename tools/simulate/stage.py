# SPDX-License-Identifier: Apache-2.0
"""Everything on stage: a real fleet, virtual bins and a vendor, on one data folder; opened, and closed without rest."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import yaml

from tools.simulate.console import Said, Status
from tools.simulate.fleet_process import HOST, FleetProcess
from tools.simulate.packages import seed_of_reader
from tools.simulate.process import ChildCrashedError
from tools.simulate.scenario import BinPlan, ShelfPlan, seed_document
from tools.simulate.tally import Tally, Verdict
from tools.simulate.vendor import Destination, Order, Vendor
from tools.simulate.virtual_bin import VirtualBin
from tools.simulate.virtual_device import VirtualDevice
from tools.simulate.virtual_reader import ReaderPlan, VirtualReader

DRAIN_WITHIN_S = 30.0
LOOK_EVERY_S = 0.05


class Stage:
    """`async with Stage(...) as stage`: prepared and running on entry, no process left on exit.

    `device_port` is where the devices send to: the fleet itself, or a network in between. `on_event` hears sentences
    for people. `settings` are more of the fleet's. `shelf` is one more device, with several bins, `reader` one that
    sees tags. `scales` has each bin with the device that weighs it.
    """

    def __init__(
        self,
        data_dir: Path,
        plans: Sequence[BinPlan],
        *,
        shelf: ShelfPlan | None = None,
        reader: ReaderPlan | None = None,
        speed: int,
        http_port: int,
        coap_port: int,
        device_port: int | None = None,
        on_event: Callable[[str, str], None] = lambda who, what: None,
        on_line: Callable[[str], None] = lambda line: None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.tally = Tally()
        self._data_dir = data_dir
        self._reader_plan = reader
        self._device_port = device_port or coap_port
        self._on_event = on_event
        self._on_line = on_line
        self._status: dict[str, str] = {}
        self.fleet = FleetProcess(
            _private_folder(data_dir / "fleet"),
            http_port=http_port,
            coap_port=coap_port,
            speed=speed,
            on_line=lambda line: on_line(f"fleet: {line}"),
            settings=settings,
        )
        self.bins = [VirtualBin(plan, data_dir / plan.bin, speed, self._hear, on_line) for plan in plans]
        self.scales = list(zip(plans, self.bins, strict=True))
        if shelf is not None:
            self.bins.append(VirtualBin(shelf, data_dir / shelf.device, speed, self._hear, on_line))
            self.scales += [(plan, self.bins[-1]) for plan in shelf.bins]
        self.devices: list[VirtualDevice] = list(self.bins)
        if reader is not None:
            # Not heard by the tally, which is of readings.
            self.devices.append(VirtualReader(reader, data_dir / reader.device, speed, self._hear_status, on_line))
        destinations = {
            (plan.kind.item, plan.stocking_location): Destination(weighed.inbox, plan.channel, plan.kind.lead_time_s)
            for plan, weighed in self.scales
        }
        shipped = data_dir / "vendor"
        self.vendor = Vendor(self.fleet.orders_folder, shipped, destinations, speed, self._tell_of_order)
        self._vendor_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Stage":
        try:
            await self._prepare()
            await self.fleet.start()
            await self._count_by_hand()
            for each in self.devices:
                await each.start()
        except BaseException:
            await self.close()
            raise
        self._vendor_task = asyncio.create_task(self.vendor.work(), name="vendor")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End everything that was started."""
        if self._vendor_task:
            self._vendor_task.cancel()
            await asyncio.wait([self._vendor_task])
        await self.power_off()
        await self.fleet.stop()

    def bin(self, device: str) -> VirtualBin:
        """The virtual bin of this device."""
        return next(each for each in self.bins if each.plan.device == device)

    async def power_off(self) -> None:
        """Cut the power of all devices; the fleet runs on."""
        await asyncio.gather(*(each.kill() for each in self.devices))

    def check(self) -> None:
        """Raises ChildCrashedError when somebody died whom nobody killed."""
        if self.fleet.child.crash:
            raise self.fleet.child.crash
        for device, status in self._status.items():
            if status == "crashed":
                lines = next(each for each in self.devices if each.plan.device == device).last_lines()
                raise ChildCrashedError(device, 1, lines)
        for each in self.devices:
            if each.crashed.done():
                raise each.crashed.result()
        if self._vendor_task and self._vendor_task.done():
            self._vendor_task.result()

    async def until(self, condition: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait until the condition holds. Raises TimeoutError that says for what, or ChildCrashedError."""
        try:
            async with asyncio.timeout(within_s):
                while not condition():
                    self.check()
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise TimeoutError(f"waited {within_s:.0f} s in vain for {what}") from None

    async def drain(self, within_s: float = DRAIN_WITHIN_S) -> None:
        """Wait until every reading taken so far is acknowledged."""
        taken = set(self.tally.taken)
        await self.until(lambda: taken <= self.tally.acked, within_s, "the acknowledgement of all readings")

    async def judge(self) -> Verdict:
        """Compare the devices' acknowledged readings with what the fleet's API shows."""
        return self.tally.judge([row async for row in self.fleet.get_all("/readings")])

    async def _prepare(self) -> None:
        seed = self._data_dir / "seed.yaml"
        seed.touch(mode=0o600, exist_ok=False)
        document = seed_document([plan for plan, _ in self.scales])
        if self._reader_plan is not None:
            for section, entries in seed_of_reader(self._reader_plan).items():
                document[section] = document.get(section, []) + entries
        seed.write_text(yaml.safe_dump(document, sort_keys=False))
        furnishing = (each.furnish(HOST, self._device_port) for each in self.devices)
        await asyncio.gather(self.fleet.load(seed), *furnishing)

    async def _count_by_hand(self) -> None:
        """What whoever puts a bin into service does: what the pieces weigh is not known before some are counted."""
        for plan, _ in self.scales:
            await self.fleet.post(f"/bins/{plan.bin}/stocktake", {"count": plan.kind.pieces, "note": "first filling"})

    def _hear(self, device: str, said: Said) -> None:
        self.tally.hear(device, said)
        self._hear_status(device, said)

    def _hear_status(self, device: str, said: Said) -> None:
        if isinstance(said, Status) and self._status.get(device, "ok") != said.code:
            self._on_event(device, said.sentence or said.code)
        if isinstance(said, Status):
            self._status[device] = said.code

    def _tell_of_order(self, event: str, order: Order) -> None:
        pieces = ", ".join(f"{qty} x {item}" for item, qty in order.lines)
        self._on_event("vendor", f"{'got' if event == 'ordered' else 'brings'} {order.order_no}: {pieces}")


def _private_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
