# SPDX-License-Identifier: Apache-2.0
"""The virtual board's RTC: a timer and a little memory that outlive a reset of the board, and not its power.

The process ends with a reset, too, so that what is kept goes into the world's folder, from which the next one takes it:
a process that was killed left nothing there.
"""

import json
import os
import time

FILE = "rtc.json"

_memory = b""
away_s = 0.0
"""Simulated seconds that a reset or a deep sleep took before this start; 0 after a power-up."""


class RTC:
    def memory(self, data=None):
        global _memory
        if data is None:
            return _memory
        _memory = bytes(data)
        return None


def keep():
    """The board is reset: put down what has power."""
    folder = os.getenv("KANBIN_WORLD")
    if folder:
        with open(folder + "/" + FILE, "w") as file:
            json.dump({"memory": _memory.hex(), "timer_us": time.powered_us(), "at_us": time.host_us()}, file)


def _take_up():
    global _memory, away_s
    folder = os.getenv("KANBIN_WORLD")
    if not folder or FILE not in os.listdir(folder):
        return
    with open(folder + "/" + FILE) as file:
        kept = json.load(file)
    os.remove(folder + "/" + FILE)
    _memory = bytes.fromhex(kept["memory"])
    away_us = (time.host_us() - kept["at_us"]) * time.SPEED
    away_s = away_us / 1_000_000
    time.go_on(kept["timer_us"] + away_us)


_take_up()
