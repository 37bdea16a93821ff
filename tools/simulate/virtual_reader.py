# SPDX-License-Identifier: Apache-2.0
"""A virtual reader: a virtual device with a virtual UHF module on its UART, before which tags come and go."""

import asyncio
import json
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tools.simulate.console import Said
from tools.simulate.process import Child, ChildCrashedError, clean_environment
from tools.simulate.uhf.line import Damage
from tools.simulate.uhf.tag_world import Visit
from tools.simulate.virtual_device import REPOSITORY, VirtualDevice

BOARD = "esp32_wroom"
UART = 2  # that board's for a reader
MODULE_WITHIN_S = 10.0
BAD_LINE = Damage(noise=0.05, truncated=0.02, flipped=0.02, lost=0.02)


@dataclass(frozen=True)
class ReaderPlan:
    """One virtual reader: its module, what happens before its antenna, who it says it is, and its keys."""

    device: str
    kid: str
    visits: Sequence[Visit]
    seed: int
    module: str = "m100"
    damage: Damage = BAD_LINE
    master_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    master_salt: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)

    def settings(self, fleet_host: str, fleet_port: int) -> dict[str, Any]:
        """kanbin.json of the device."""
        return {
            "app": "rfid_reader",
            "device": self.device,
            "board": BOARD,
            "kid": self.kid,
            "master_secret": self.master_secret,
            "master_salt": self.master_salt,
            "fleet": {"host": fleet_host, "port": fleet_port},
            "wifi": {"ssid": "simulated", "password": "simulated"},
            "reader": {"module": self.module, "region": "eu", "leave_s": 20, "heartbeat_s": 600},
        }

    def world(self) -> dict[str, Any]:
        """world.json: nothing is weighed."""
        return {"board": BOARD, "channels": []}

    def uhf(self, speed: int, terminal: Path) -> dict[str, Any]:
        """The plan of the virtual module (tools/simulate/uhf)."""
        visits = [{**asdict(visit), "epc": visit.epc.hex()} for visit in self.visits]
        return {
            "module": self.module,
            "seed": self.seed,
            "speed": speed,
            "visits": visits,
            "damage": asdict(self.damage),
            "terminal": str(terminal),
        }


class VirtualReader(VirtualDevice):
    """The module has its power from the board: both come and go together, and the visits begin anew."""

    plan: ReaderPlan

    def __init__(
        self,
        plan: ReaderPlan,
        folder: Path,
        speed: int,
        on_said: Callable[[str, Said], None] = lambda device, said: None,
        on_line: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._terminal = folder / "uart"
        super().__init__(plan, folder, speed, on_said, on_line, {f"KANBIN_UART{UART}": str(self._terminal)})
        argv: list[str | Path] = [sys.executable, "-m", "tools.simulate.uhf", self.world / "uhf.json"]
        self._module = Child(f"{plan.device} (module)", argv, cwd=REPOSITORY, env=clean_environment())

    async def start(self) -> None:
        """Power on. Raises ChildCrashedError when the module does not come up."""
        (self.world / "uhf.json").write_text(json.dumps(self.plan.uhf(self._speed, self._terminal)))
        self._terminal.unlink(missing_ok=True)
        await self._module.start()
        async with asyncio.timeout(MODULE_WITHIN_S):
            while not self._terminal.exists():
                if self._module.crash:
                    raise self._module.crash
                await asyncio.sleep(0.02)
        await super().start()

    async def kill(self) -> None:
        """Power off, at whatever instant this is."""
        await super().kill()
        await self._module.kill()

    def check(self) -> ChildCrashedError | None:
        """Why the module ended, if nobody asked it to."""
        return self._module.crash
