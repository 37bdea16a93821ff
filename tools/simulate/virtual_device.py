# SPDX-License-Identifier: Apache-2.0
"""A virtual device: the very firmware on a real MicroPython, on a board whose pins lead into a simulated room."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from tools.simulate.console import Said, parse
from tools.simulate.process import Child, ChildCrashedError, beside_python, clean_environment

REPOSITORY = Path(__file__).resolve().parents[2]
BOARD = REPOSITORY / "tools" / "simulate" / "board"
FIRMWARE = REPOSITORY / "firmware"
EXIT_RESET = 70  # board/machine.py: the firmware asked for a reset


class DevicePlan(Protocol):
    """What is to be known of a device to make it."""

    @property
    def device(self) -> str: ...
    def settings(self, fleet_host: str, fleet_port: int) -> dict[str, Any]: ...
    def world(self) -> dict[str, Any]: ...


class VirtualDevice:
    """One device in `folder`: flash/ is its file system and its working directory, world/ the room around it.

    `on_said` hears every meaningful console line, `on_line` every line; `env` is what else its board is told.
    """

    def __init__(
        self,
        plan: DevicePlan,
        folder: Path,
        speed: int,
        on_said: Callable[[str, Said], None] = lambda device, said: None,
        on_line: Callable[[str], None] = lambda line: None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.plan = plan
        self.flash = folder / "flash"
        self.world = folder / "world"
        self.inbox = self.world / "deliveries"
        self.crashed: asyncio.Future[ChildCrashedError] = asyncio.get_running_loop().create_future()
        self._on_said = on_said
        self._on_line = on_line
        self._speed = speed
        self._on = False
        self._off = asyncio.Event()
        self._holder: asyncio.Task[None] | None = None
        self._env = clean_environment(
            KANBIN_SPEED=str(speed),
            KANBIN_WORLD=str(self.world),
            MICROPYPATH=f"{BOARD}:{FIRMWARE}:.frozen",
            **(env or {}),
        )
        self._child = self._run("main.py", FIRMWARE / "main.py")

    async def furnish(self, fleet_host: str, fleet_port: int) -> None:
        """Write the device's settings (mode 0600), and furnish the room."""
        self.flash.mkdir(parents=True)
        self.inbox.mkdir(parents=True)
        settings = self.plan.settings(fleet_host, fleet_port)
        (self.flash / "kanbin.json").touch(mode=0o600, exist_ok=False)
        (self.flash / "kanbin.json").write_text(json.dumps(settings))
        (self.world / "world.json").write_text(json.dumps(self.plan.world()))

    async def start(self) -> None:
        """Power on."""
        self._on = True
        self._off.clear()
        await self._child.start()
        self._holder = asyncio.create_task(self._hold(), name=f"hold {self.plan.device}")

    async def kill(self) -> None:
        """Power off, at whatever instant this is: SIGKILL. What it had said before was heard when this returns."""
        self._on = False
        self._off.set()
        await self._child.kill()
        for known in ("rtc.json", "reset_cause", "asleep_ms"):  # to a board as long as it has power
            (self.world / known).unlink(missing_ok=True)
        if self._holder:
            await self._holder

    def last_lines(self) -> list[str]:
        """The newest lines of its console."""
        return list(self._child.tail)

    async def _hold(self) -> None:
        """A board that resets itself starts again; one that ends in any other way has crashed."""
        while self._on:
            code = await self._child.wait()
            if not self._on:
                return
            if code != EXIT_RESET:
                self._on = False
                if not self.crashed.done():
                    self.crashed.set_result(ChildCrashedError(self.plan.device, code, list(self._child.tail)))
                return
            await self._sleep()
            if self._on:
                await self._child.start()

    async def _sleep(self) -> None:
        """As long as the firmware put the board to sleep, if it did."""
        asleep = self.world / "asleep_ms"
        if asleep.exists():
            sleep_ms = int(asleep.read_text())
            asleep.unlink()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._off.wait(), sleep_ms / 1000 / self._speed)

    def _run(self, name: str, script: Path) -> Child:
        argv = [beside_python("micropython"), script]
        return Child(f"{self.plan.device} ({name})", argv, cwd=self.flash, env=self._env, on_line=self._hear)

    def _hear(self, line: str) -> None:
        self._on_line(f"{self.plan.device}: {line}")
        said = parse(line)
        if said is not None:
            self._on_said(self.plan.device, said)
