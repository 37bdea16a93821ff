# SPDX-License-Identifier: Apache-2.0
"""A virtual bin: a virtual device with a load cell or several, and pieces on them."""

import json
from collections.abc import Callable
from pathlib import Path

from tools.simulate.console import Said
from tools.simulate.scenario import BinPlan, ShelfPlan
from tools.simulate.virtual_device import VirtualDevice


class VirtualBin(VirtualDevice):
    """`inbox` takes deliveries (board/world.py)."""

    plan: BinPlan | ShelfPlan

    def __init__(
        self,
        plan: BinPlan | ShelfPlan,
        folder: Path,
        speed: int,
        on_said: Callable[[str, Said], None] = lambda device, said: None,
        on_line: Callable[[str], None] = lambda line: None,
    ) -> None:
        super().__init__(plan, folder, speed, on_said, on_line)

    def put_faults(self, faults: dict[int, str | None]) -> None:
        """Faults of board/hx711_chip.py by channel, from now on; None mends one."""
        new = self.world / "faults.tmp"
        new.write_text(json.dumps(faults))
        new.rename(self.world / "faults.json")

    def pieces(self, channel: int = 0) -> int | None:
        """How many pieces really lie on that scale; None before its first start."""
        try:
            state = json.loads((self.world / "state.json").read_text())
        except FileNotFoundError:
            return None
        return int(state[str(channel)]["pieces"])
