# SPDX-License-Identifier: Apache-2.0
"""The whole circle in one command: virtual bins, a real fleet, a vendor; pieces go, orders follow, pieces come."""

import asyncio
import contextlib
import json
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from tools.simulate.fleet_process import port_is_free
from tools.simulate.packages import plan_reader
from tools.simulate.process import ChildCrashedError
from tools.simulate.scenario import BinPlan, plan_bins, plan_shelf
from tools.simulate.stage import Stage
from tools.simulate.until import Until, parse_until
from tools.simulate.view import View, bin_line

DEFAULT_SPEED = 20
REFRESH_S = 1.0
LOOK_EVERY_S = 0.05

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130


def run(
    bins: int = 5,
    speed: int = DEFAULT_SPEED,
    until: str | None = None,
    json_summary: bool = False,
    data: Path | None = None,
    http_port: int = 8080,
    coap_port: int = 5683,
    seed: int = 1,
    influx: str | None = None,
    shelf: bool = True,
    reader: bool = True,
) -> int:
    """Run the demonstration; returns the exit code. Everything it keeps is in `data`, by default a temporary folder.

    Time series are kept there too, or in the InfluxDB at `influx`. `shelf` is one more device with eight bins, `reader`
    one before which packages with tags come and go.
    """
    console = Console(highlight=False)
    problem = _port_problem(http_port, coap_port) or _influx_problem(influx)
    if problem is None and data is not None and data.exists() and any(data.iterdir()):
        problem = f"--data: {data} is not empty; name a folder that does not exist yet"
    try:
        end = parse_until(until) if until else None
    except ValueError as error:
        problem = str(error)
    if problem is not None:
        console.print(problem, style="red", soft_wrap=True)
        return EXIT_USAGE
    with _data_folder(data) as folder:
        demo = _Demo(console, folder, end, json_summary, influx)
        try:
            return asyncio.run(demo.play(bins, speed, http_port, coap_port, seed, shelf, reader))
        except (ChildCrashedError, TimeoutError, FileNotFoundError) as error:
            console.print(str(error), style="red", soft_wrap=True, markup=False)
            return EXIT_FAILED


class _Demo:
    def __init__(
        self, console: Console, folder: Path, end: Until | None, json_summary: bool, influx: str | None
    ) -> None:
        self._console = console
        self._folder = folder
        self._end = end
        self._json_summary = json_summary
        self._settings = {} if influx is None else {"series_url": influx}
        self._view = View(console, "Bins")
        self._began_s = time.monotonic()
        self._interrupted = False
        self._counted: dict[str, int] = {}

    async def play(
        self, bins: int, speed: int, http_port: int, coap_port: int, seed: int, shelf: bool, reader: bool
    ) -> int:
        loop, this = asyncio.get_running_loop(), asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, this)
        what = f"{bins} bins" + ", a shelf of eight" * shelf + ", a reader of tags" * reader
        self._tell("demo", f"{what}, {speed} times as fast as life; everything is kept in {self._folder}")
        set_up = Stage(
            self._folder,
            plan_bins(bins, seed),
            shelf=plan_shelf(seed) if shelf else None,
            reader=plan_reader(seed) if reader else None,
            speed=speed,
            http_port=http_port,
            coap_port=coap_port,
            on_event=self._tell,
            settings=self._settings,
        )
        finished = False
        with self._view, contextlib.suppress(asyncio.CancelledError):
            async with set_up as stage:
                self._tell("demo", f"the page is at {stage.fleet.page} - Ctrl-C ends it all")
                finished = await self._until_end(stage)
                await stage.power_off()
                if self._json_summary:
                    await self._summarise(stage)
        if finished or (self._end is None and self._interrupted):
            return EXIT_OK
        return EXIT_INTERRUPTED

    def _interrupt(self, playing: asyncio.Task[Any] | None) -> None:
        """Ctrl-C: whatever goes on is cancelled, once; the stage is cleared in any case."""
        if playing is not None and not self._interrupted:
            self._interrupted = True
            self._tell("demo", "ends")
            playing.cancel()

    async def _until_end(self, stage: Stage) -> bool:
        """Show what happens until the end or an interruption; True when the end was reached."""
        refreshing = asyncio.create_task(self._refresh(stage), name="refresh")
        try:
            await self._watch(stage, refreshing)
            await stage.drain()
            return True
        except asyncio.CancelledError:
            playing = asyncio.current_task()
            if playing is not None:
                playing.uncancel()
            return False
        finally:
            refreshing.cancel()
            await asyncio.wait([refreshing])

    async def _watch(self, stage: Stage, refreshing: asyncio.Task[None]) -> None:
        while self._end is None or not self._reached(stage, self._end):
            stage.check()
            if refreshing.done():
                refreshing.result()
            await asyncio.sleep(LOOK_EVERY_S)

    def _reached(self, stage: Stage, end: Until) -> bool:
        if end.what == "order":
            return bool(stage.vendor.orders)
        if end.what == "readings":
            return len(stage.tally.acked) >= end.amount
        return self._elapsed_s() >= end.amount

    async def _refresh(self, stage: Stage) -> None:
        """Ask the API about once a second and show what it says."""
        while True:
            with contextlib.suppress(httpx.TransportError):
                stock = {
                    (row["item"], row["stocking_location"]): row["qty_on_order"]
                    for row in await stage.fleet.get("/stock", limit=1000)
                }
                counts = {row["bin"]: row["count"] for row in await stage.fleet.get("/bins", limit=1000)}
                lines = []
                for plan, weighed in stage.scales:
                    count = counts[plan.bin]
                    self._tell_count(plan, count)
                    on_order = stock.get((plan.kind.item, plan.stocking_location))
                    lines.append(bin_line(plan, count, on_order, weighed.pieces(plan.channel)))
                self._view.show(lines)
            await asyncio.sleep(REFRESH_S)

    def _tell_count(self, plan: BinPlan, count: dict[str, Any] | None) -> None:
        """A count that came to rest at another number is worth a line."""
        if count is None or not count["is_settled"] or count["pieces"] in (None, self._counted.get(plan.bin)):
            return
        before, now = self._counted.get(plan.bin), count["pieces"]
        change = "" if before is None else f" ({now - before:+d})"
        self._tell(plan.bin, f"{now} x {plan.kind.name}{change}")
        self._counted[plan.bin] = now

    async def _summarise(self, stage: Stage) -> None:
        verdict = await stage.judge()
        summary = {
            "orders": len(stage.vendor.orders),
            **verdict._asdict(),
            "seconds": round(self._elapsed_s(), 1),
        }
        print(json.dumps(summary), flush=True)

    def _tell(self, who: str, what: str) -> None:
        self._view.tell(self._elapsed_s(), who, what)

    def _elapsed_s(self) -> float:
        return time.monotonic() - self._began_s


def _port_problem(http_port: int, coap_port: int) -> str | None:
    if not port_is_free(http_port, socket.SOCK_STREAM):
        return f"TCP port {http_port}, for the page, is in use; choose another by --http-port"
    if not port_is_free(coap_port, socket.SOCK_DGRAM):
        return f"UDP port {coap_port}, for the devices, is in use; choose another by --coap-port"
    return None


def _influx_problem(influx: str | None) -> str | None:
    """Asked before anything starts: the fleet itself would go on without it, and write later."""
    if influx is None:
        return None
    try:
        version = httpx.get(f"{influx.rstrip('/')}/ping", trust_env=False).headers.get("X-Influxdb-Version")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"--influx: no InfluxDB at {influx}: {error}; the address is such as http://127.0.0.1:8086"
    return None if version else f"--influx: what answers at {influx} is no InfluxDB"


@contextlib.contextmanager
def _data_folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield data.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="kanbin-demo-") as folder:  # mode 0700
        yield Path(folder)
