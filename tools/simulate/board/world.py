# SPDX-License-Identifier: Apache-2.0
"""The world around one virtual board: the folder named by KANBIN_WORLD says what is wired to its pins and what happens.

world.json      in: {"board": ..., "channels": [{"channel": 0, "cell": {...}, "script": {...}, "stall_share": 0}]}
state.json      out: pieces in each bin and what has happened, so that a power cut does not empty the room
deliveries/     in: <name>.json = {"channel": 0, "pieces": 500}; poured into the bin, then removed
"""

import json
import os

from bin_world import BinWorld
from chance import Chance
from hx711_chip import Hx711Chip
from load_cell import LoadCell

LOOK_EVERY_S = 1
STALL_US = 130  # as reported from an ESP32 busy with its radio

_wires = None


def wires():
    """{pin number: (read, write)} of everything that is wired to this board."""
    global _wires
    if _wires is None:
        folder = os.getenv("KANBIN_WORLD")
        _wires = World(folder).wires if folder else {}
    return _wires


class World:
    def __init__(self, folder):
        self._folder = folder
        with open(folder + "/world.json") as file:
            plan = json.load(file)
        saved = self._saved()
        self._bins = {}
        self.wires = {}
        self._look_at_s = 0
        for wired in plan["channels"]:
            self._wire(plan["board"], wired, saved.get(str(wired["channel"])))
        self._save()

    def _wire(self, board, wired, saved):
        channel, seed = wired["channel"], wired["script"].get("seed", 1)
        bin_world = self._bins[channel] = BinWorld(wired["script"], saved)
        cell = LoadCell(wired["cell"], seed + 1)
        stall_share = wired.get("stall_share", 0)
        chance = Chance(seed + 2)

        def analog(gain, now_ms):
            if stall_share and chance.fraction() < stall_share:
                chip.stall(1 + chance.bits() % 24, STALL_US)
            now_s = now_ms / 1000
            if now_s >= self._look_at_s:
                self._look(now_s)
            counts = cell.counts(bin_world.mass_g(now_s), now_s)
            return counts if gain == 128 else counts * gain // 128

        chip = Hx711Chip(analog)
        dout, sck = pins_of(board, channel)
        self.wires[dout] = (chip.dout, _deaf)
        self.wires[sck] = (_low, chip.sck)

    def _look(self, now_s):
        """Now and then: save what changed, and see what the vendor brought."""
        self._look_at_s = now_s + LOOK_EVERY_S
        if any(bin_world.changed for bin_world in self._bins.values()):
            self._save()
        inbox = self._folder + "/deliveries"
        for name in sorted(os.listdir(inbox)):
            if name.endswith(".json"):
                with open(inbox + "/" + name) as file:
                    delivery = json.load(file)
                bin_world = self._bins[delivery["channel"]]
                bin_world.deliver(name, delivery["pieces"])
                if bin_world.is_poured(name):
                    os.remove(inbox + "/" + name)

    def _saved(self):
        try:
            with open(self._folder + "/state.json") as file:
                return json.load(file)
        except OSError:
            return {}

    def _save(self):
        with open(self._folder + "/state.tmp", "w") as file:
            json.dump({str(channel): bin_world.state() for channel, bin_world in self._bins.items()}, file)
        os.rename(self._folder + "/state.tmp", self._folder + "/state.json")
        for bin_world in self._bins.values():
            bin_world.changed = False


def pins_of(board, channel):
    """(DOUT, PD_SCK) of a channel: the wiring is the board's own table."""
    table = __import__("boards." + board, None, None, ["SCALES"])
    return table.SCALES[channel]


def _low():
    return 0


def _deaf(level):
    pass
