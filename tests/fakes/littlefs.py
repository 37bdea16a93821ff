# SPDX-License-Identifier: Apache-2.0
"""MicroPython's LittleFS on NOR flash in memory, small, with the state of a provisioned device on it."""

import os

from drivers.flash import Flash

from tests.fakes.provisioned import provision

BLOCK_BYTES = 512
KEYS = b"8 bytes."
_ERASED = b"\xff" * BLOCK_BYTES


class Nor:
    """NOR flash: programming only clears bits, erasing sets them. `journal` gets (place, bytes) of each program and
    (place, None) of each erase of a block.
    """

    def __init__(self, cells, journal=None, block_bytes=BLOCK_BYTES):
        self.cells = cells
        self._block_bytes = block_bytes
        self._view = memoryview(cells)
        self._journal = journal

    def readblocks(self, block, buffer, offset=0):
        start = block * self._block_bytes + offset
        buffer[:] = self._view[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        start = block * self._block_bytes + offset
        if self._journal is not None:
            self._journal.append((start, bytes(buffer)))
        program(self.cells, start, buffer)

    def ioctl(self, operation, block):
        if operation == 4:
            return len(self.cells) // self._block_bytes
        if operation == 5:
            return self._block_bytes
        if operation == 6:
            start = block * self._block_bytes
            if self._journal is not None:
                self._journal.append((start, None))
            self.cells[start : start + self._block_bytes] = b"\xff" * self._block_bytes
        return 0


def program(cells, start, data):
    """Clear the bits that are clear in `data`."""
    end = start + len(data)
    if cells[start:end] == _ERASED[: len(data)]:
        cells[start:end] = data
    else:
        for index in range(len(data)):
            cells[start + index] &= data[index]


def mount(nor):
    os.mount(os.VfsLfs2(nor, progsize=32, readsize=32, lookahead=32), "/flash")
    os.chdir("/flash")


def unmount():
    os.chdir("/")
    os.umount("/flash")


def provisioned(blocks=48):
    cells = bytearray(_ERASED * blocks)
    nor = Nor(cells)
    os.VfsLfs2.mkfs(nor, progsize=32, readsize=32, lookahead=32)
    mount(nor)
    provision(Flash(("state", "outbox")), KEYS)
    unmount()
    return cells
