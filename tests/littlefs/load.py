# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython, by tests/bench/wake.py: how often flash is read by a script whose modules lie there as files.

Arguments: a folder as `kanbin bin compile` writes it, and the script. On a file system as a board has it.
"""

import os
import sys

from tests.fakes.littlefs import Nor, mount

BLOCK_BYTES, BLOCKS = 4096, 509
PACKAGES = ("apps", "boards", "device", "drivers", "wire")


class Counted(Nor):
    reads = size = 0

    def readblocks(self, block, buffer, offset=0):
        Counted.reads += 1
        Counted.size += len(buffer)
        super().readblocks(block, buffer, offset)


def copy(source, target):
    for name, kind, *_ in os.ilistdir(source):
        if kind == 0x4000:
            os.mkdir(target + "/" + name)
            copy(source + "/" + name, target + "/" + name)
        else:
            with open(source + "/" + name, "rb") as read, open(target + "/" + name, "wb") as written:
                written.write(read.read())


def main(program, path):
    with open(path) as file:
        script = compile(file.read(), path, "exec")
    nor = Counted(bytearray(BLOCK_BYTES * BLOCKS), block_bytes=BLOCK_BYTES)
    os.VfsLfs2.mkfs(nor, progsize=32, readsize=32, lookahead=32)
    here = os.getcwd()
    mount(nor)
    copy(here + "/" + program, "/flash")
    for name in list(sys.modules):
        if name.split(".")[0] in PACKAGES:
            del sys.modules[name]  # loaded from the checkout
    sys.path[:] = ["/flash", ".frozen"]
    sys.argv[:] = [path]
    Counted.reads = Counted.size = 0
    exec(script, {"__name__": "__main__"})
    print(f"reads={Counted.reads} bytes={Counted.size}")


main(sys.argv[1], sys.argv[2])
