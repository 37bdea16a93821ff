# SPDX-License-Identifier: Apache-2.0
"""A virtual bin: a virtual device with a load cell, and pieces on it."""

import json
from collections.abc import Callable
from pathlib import Path

from tools.simulate.console import Said
from tools.simulate.scenario import BinPlan
from tools.simulate.virtual_device import VirtualDevice


class VirtualBin(VirtualDevice):
    """`inbox` takes deliveries (board/world.py)."""

    plan: BinPlan

    def __init__(
        self,
        plan: BinPlan,
        folder: Path,
        speed: int,
        on_said: Callable[[str, Said], None] = lambda device, said: None,
        on_line: Callable[[str], None] = lambda line: None,
    ) -> None:
        super().__init__(plan, folder, speed, on_said, on_line)

    def pieces(self) -> int | None:
        """How many pieces really lie in the bin; None before its first start."""
        try:
            state = json.loads((self.world / "state.json").read_text())
        except FileNotFoundError:
            return None
        return int(state["0"]["pieces"])
