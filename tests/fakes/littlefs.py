# SPDX-License-Identifier: Apache-2.0
"""MicroPython's LittleFS on NOR flash in memory, small, with the state of a provisioned device on it."""

import os

from drivers.flash import Flash

from tests.fakes.provisioned import provision

BLOCK_BYTES, BLOCKS = 512, 48
KEYS = b"8 bytes."


class PowerCutError(Exception):
    pass


class Nor:
    """NOR flash: programming only clears bits, erasing sets them; the power goes in the middle of step `cut_at`."""

    def __init__(self, cells, cut_at=None):
        self.cells = cells
        self.steps = 0
        self._cut_at = cut_at
        self._off = False

    def readblocks(self, block, buffer, offset=0):
        start = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.cells)[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        start = block * BLOCK_BYTES + offset
        for index in range(self._reach(len(buffer))):
            self.cells[start + index] &= buffer[index]
        self._end_step()

    def ioctl(self, operation, block):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            start, reach = block * BLOCK_BYTES, self._reach(BLOCK_BYTES)
            self.cells[start : start + reach] = b"\xff" * reach
            self._end_step()
        return 0

    def _reach(self, size):
        """How far this step gets: half way when the power goes, nowhere once it is off."""
        if self._off:
            return 0
        return size // 2 if self.steps == self._cut_at else size

    def _end_step(self):
        if self._off:
            return  # files that are closed by the garbage collector
        if self.steps == self._cut_at:
            self._off = True
            raise PowerCutError
        self.steps += 1


def mount(nor):
    os.mount(os.VfsLfs2(nor, progsize=32, readsize=32, lookahead=32), "/flash")
    os.chdir("/flash")


def unmount():
    os.chdir("/")
    os.umount("/flash")


def provisioned():
    cells = bytearray(b"\xff" * (BLOCK_BYTES * BLOCKS))
    nor = Nor(cells)
    os.VfsLfs2.mkfs(nor, progsize=32, readsize=32, lookahead=32)
    mount(nor)
    provision(Flash(("state", "outbox")), KEYS)
    unmount()
    return cells
