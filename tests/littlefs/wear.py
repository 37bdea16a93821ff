# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython, by hand: what a reading costs the flash, on blocks of 4,096 bytes as a board has them.

Arguments: records in a segment, how many readings. Every sixtieth time all readings are acked, or none ever with
`offline` as third argument. The last line says how many programs, bytes programmed, erases and reads a reading takes.
"""

import os
import sys

from device.outbox import Outbox
from drivers.flash import Flash

from tests.fakes.littlefs import Nor, mount, unmount

BLOCK_BYTES, BLOCKS = 4096, 160
HEARTBEATS_A_DAY = 8 * 86_400 // 300
CYCLES = 100_000  # of a block, as makers of the flash of such boards promise
BLOCKS_TO_SPREAD_OVER = 200  # of the 509, what neither the program nor a full outbox takes


class Counted(Nor):
    reads = programs = erases = size = 0

    def readblocks(self, block, buffer, offset=0):
        Counted.reads += 1
        super().readblocks(block, buffer, offset)

    def writeblocks(self, block, buffer, offset=0):
        Counted.programs += 1
        Counted.size += len(buffer)
        super().writeblocks(block, buffer, offset)

    def ioctl(self, operation, block):
        Counted.erases += operation == 6
        return super().ioctl(operation, block)


def main(per_segment, readings, offline=False):
    nor = Counted(bytearray(BLOCK_BYTES * BLOCKS), block_bytes=BLOCK_BYTES)
    os.VfsLfs2.mkfs(nor, progsize=32, readsize=32, lookahead=32)
    mount(nor)
    flash = Flash(("state", "outbox"))
    outbox = Outbox(flash, per_segment=per_segment)
    Counted.reads = Counted.programs = Counted.erases = Counted.size = 0
    for number in range(readings):
        outbox.append(7, 1, (number, number % 8, number, 1000, 5, 2150), True)
        if not offline and number % 60 == 59:
            batch = outbox.peek(60)
            while batch is not None:
                outbox.ack(batch)
                batch = outbox.peek(60)
    flash.remove("nothing")
    unmount()
    erases = Counted.erases / readings
    years = CYCLES * BLOCKS_TO_SPREAD_OVER / (erases * HEARTBEATS_A_DAY * 365)
    print(
        f"per_segment={per_segment} offline={offline} programs={Counted.programs / readings:.1f} "
        f"bytes={Counted.size / readings:.0f} erases={erases:.2f} reads={Counted.reads / readings:.0f} "
        f"years={years:.0f}"
    )


main(int(sys.argv[1]), int(sys.argv[2]), len(sys.argv) > 3)
