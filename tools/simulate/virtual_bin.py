# SPDX-License-Identifier: Apache-2.0
"""A virtual bin: a virtual device with a load cell or several, and pieces on them."""

import json

from tools.simulate.virtual_device import VirtualDevice


class VirtualBin(VirtualDevice):
    """`inbox` takes deliveries (board/world.py)."""

    def pieces(self, channel: int = 0) -> int | None:
        """How many pieces really lie on that scale; None before its first start."""
        try:
            state = json.loads((self.world / "state.json").read_text())
        except FileNotFoundError:
            return None
        return int(state[str(channel)]["pieces"])
