# SPDX-License-Identifier: Apache-2.0
"""A virtual module on a pseudo terminal: answers the host, and while it reads, says what is before its antenna."""

import os
import select
import termios
import tty
from collections.abc import Callable
from typing import Protocol

from tools.simulate.uhf.line import Line
from tools.simulate.uhf.magicrf import MagicRf
from tools.simulate.uhf.tag_world import TagWorld
from tools.simulate.uhf.thingmagic import ThingMagic

ROUND_S = 0.05  # of simulated time


class Speaker(Protocol):
    reads: bool

    def hear(self, data: bytes) -> list[bytes]: ...
    def tag(self, epc: bytes, rssi_dbm: int, antenna: int) -> bytes: ...
    def nothing(self) -> bytes: ...


def speaker(module: str) -> Speaker:
    """The protocol of a module by its name in the settings."""
    return MagicRf(module) if module in ("r200", "m100") else ThingMagic()


class VirtualModule:
    """`path` is the terminal for the host. `now_s` is simulated time; call `run_round` every ROUND_S of it."""

    def __init__(self, protocol: Speaker, world: TagWorld, line: Line, now_s: Callable[[], float]) -> None:
        self._protocol = protocol
        self._world = world
        self._line = line
        self._now_s = now_s
        self._ours, self._theirs = os.openpty()  # theirs stays open, so that the line outlives the host
        self.path = os.ttyname(self._theirs)
        _make_raw(self._theirs)

    def close(self) -> None:
        os.close(self._ours)
        os.close(self._theirs)

    def run_round(self) -> None:
        """Answer what was said, then take inventory once."""
        while select.select([self._ours], [], [], 0)[0]:
            for answer in self._protocol.hear(os.read(self._ours, 4096)):
                self._say(answer)
        if self._protocol.reads:
            found = list(self._world.round(self._now_s()))
            for epc, rssi_dbm, antenna in found:
                self._say(self._protocol.tag(epc, rssi_dbm, antenna))
            if not found:
                self._say(self._protocol.nothing())

    def _say(self, frame: bytes) -> None:
        if select.select([], [self._ours], [], 0)[1]:  # nobody listens: what it says is lost, as on a real line
            os.write(self._ours, self._line.carry(frame))


def _make_raw(terminal: int) -> None:
    """Bytes as they are; and who reads gets what is there, without waiting."""
    tty.setraw(terminal)
    mode = termios.tcgetattr(terminal)
    mode[6][termios.VMIN] = mode[6][termios.VTIME] = 0
    termios.tcsetattr(terminal, termios.TCSANOW, mode)
