# SPDX-License-Identifier: Apache-2.0
"""The world around one virtual board: the folder named by KANBIN_WORLD says what is wired to its pins and what happens.

world.json      in: {"board": ..., "channels": [{"channel": 0, "cell": {...}, "script": {...}, "stall_share": 0,
                "fault": null}], "thermometer": false}
faults.json     in, at any time: {"0": "signal_off"}, faults of hx711_chip.py by channel; null is whole again
battery_mv      in, at any time: what the battery has; without it, it is nearly full
state.json      out: pieces in each bin and what has happened, so that a power cut does not empty the room
deliveries/     in: <name>.json = {"channel": 0, "pieces": 500}; poured into the bin, then removed
"""

import json
import os
import time

import rtc
from bin_world import BinWorld
from chance import Chance
from ds18b20_chip import Ds18b20Chip
from hx711_chip import Hx711Chip
from load_cell import LoadCell

LOOK_EVERY_S = 1
LOOK_ASLEEP_EVERY_S = 30  # while the board was away: nobody weighs then
STALL_US = 130  # as reported from an ESP32 busy with its radio

_world = None


def wires():
    """{pin number: Wire} of everything that is wired to this board."""
    return _the_world().wires


def thermometer():
    """The DS18B20 on this board's wire, if there is one."""
    return _the_world().thermometer


def _the_world():
    global _world
    if _world is None:
        folder = os.getenv("KANBIN_WORLD")
        _world = World(folder) if folder else Nowhere()
    return _world


def fall_asleep():
    """Put down how everything is: the world goes on from there while the board sleeps."""
    _the_world().save()


class Wire:
    """What a pin leads to; by itself to nothing. `pull` is the level that a resistor takes it to when it floats."""

    def __init__(self, read=None, write=None, pull=None):
        self.held = False
        self.level = 0
        self.read = read or self._own_level
        self.write = write or _deaf
        self._pull = pull

    def let_go(self):
        """The pin drives it no longer."""
        if self._pull is not None:
            self.write(self._pull)

    def drive(self):
        """The pin drives it again, as before."""
        self.write(self.level)

    def _own_level(self):
        return self.level


class Nowhere:
    def __init__(self):
        self.wires = {}
        self.thermometer = None

    def save(self):
        pass


class World:
    def __init__(self, folder):
        self._folder = folder
        with open(folder + "/world.json") as file:
            plan = json.load(file)
        saved = self._read("state.json")
        self._bins = {}
        self._chips = {}
        self._cell = None
        self.wires = {}
        self.thermometer = None
        self._look_at_s = 0
        for wired in plan["channels"]:
            self._wire(plan["board"], wired, saved.get(str(wired["channel"])))
        if plan.get("thermometer"):  # beside the first cell
            self.thermometer = Ds18b20Chip(lambda: self._cell.temperature_c(_now_ms() / 1000), _now_ms)
        self._away_s = 0.0
        if saved:
            self._live_through(rtc.away_s)
        self.save()

    def _live_through(self, away_s):
        """What happened while the board was reset or asleep."""
        while self._away_s < away_s:
            self._away_s = min(self._away_s + 1, away_s)
            for bin_world in self._bins.values():
                bin_world.mass_g(self._away_s)
            if self._away_s >= self._look_at_s:
                self._look(self._away_s)
                self._look_at_s = self._away_s + LOOK_ASLEEP_EVERY_S
        self._look_at_s = 0

    def _wire(self, board, wired, saved):
        channel, seed = wired["channel"], wired["script"].get("seed", 1)
        bin_world = self._bins[channel] = BinWorld(wired["script"], saved)
        cell = LoadCell(wired["cell"], seed + 1)
        if self._cell is None:
            self._cell = cell
        stall_share = wired.get("stall_share", 0)
        chance = Chance(seed + 2)

        def analog(gain, now_ms):
            if stall_share and chance.fraction() < stall_share:
                chip.stall(1 + chance.bits() % 24, STALL_US)
            now_s = now_ms / 1000 + self._away_s
            if now_s >= self._look_at_s:
                self._look(now_s)
            counts = cell.counts(bin_world.mass_g(now_s), now_s)
            return counts if gain == 128 else counts * gain // 128

        chip = self._chips[channel] = Hx711Chip(analog)
        chip.fault = wired.get("fault")
        dout, sck = pins_of(board, channel)
        self.wires[dout] = Wire(read=chip.dout)
        self.wires[sck] = Wire(write=chip.sck, pull=1)  # 100 kohm keep the chip off while the board sleeps

    def _look(self, now_s):
        """Now and then: save what changed, and see what the vendor brought."""
        self._look_at_s = now_s + LOOK_EVERY_S
        if any(bin_world.changed for bin_world in self._bins.values()):
            self.save()
        inbox = self._folder + "/deliveries"
        for name in sorted(os.listdir(inbox)):
            if name.endswith(".json"):
                with open(inbox + "/" + name) as file:
                    delivery = json.load(file)
                bin_world = self._bins[delivery["channel"]]
                bin_world.deliver(name, delivery["pieces"])
                if bin_world.is_poured(name):
                    os.remove(inbox + "/" + name)

        for channel, fault in self._read("faults.json").items():
            self._chips[int(channel)].fault = fault

    def _read(self, name):
        try:
            with open(self._folder + "/" + name) as file:
                return json.load(file)
        except OSError:
            return {}

    def save(self):
        with open(self._folder + "/state.tmp", "w") as file:
            json.dump({str(channel): bin_world.state() for channel, bin_world in self._bins.items()}, file)
        os.rename(self._folder + "/state.tmp", self._folder + "/state.json")
        for bin_world in self._bins.values():
            bin_world.changed = False


def pins_of(board, channel):
    """(DOUT, PD_SCK) of a channel: the wiring is the board's own table."""
    table = __import__("boards." + board, None, None, ["SCALES"])
    return table.SCALES[channel]


def _now_ms():
    return time.elapsed_us() // 1000


def _deaf(level):
    pass
