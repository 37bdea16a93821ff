# SPDX-License-Identifier: Apache-2.0
"""MicroPython with the firmware in it, as `firmware/manifest.py` says, for this machine's processor.

An image for a board is made from the same manifest and by the same tools, with the compiler of that board.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[1]
SOURCE = Path(os.environ.get("MICROPYTHON_SOURCE", TOP / "build" / "micropython"))
LEFT_OUT = ("SSL", "FFI", "BTREE")  # of MicroPython's modules: those whose sources Debian's package has not
BITS = {
    32: ["CC=gcc -m32", "MICROPY_FORCE_32BIT=1"],  # has no cipher: Debian's library is one of 64 bits
    64: ["CFLAGS_EXTRA=-DMICROPY_PY_CRYPTOLIB=1 -DMICROPY_SSL_MBEDTLS=1", "LDFLAGS_EXTRA=-lmbedcrypto"],
}


def build(bits: int) -> Path:
    """Returns an interpreter of so many bits with the firmware in it; quick when nothing has changed since it was made.

    Raises AssertionError with what the compiler said.
    """
    port = SOURCE / "ports" / "unix"
    assert port.exists(), f"MicroPython's sources are not in {SOURCE}: run tools/setup/micropython.sh"
    with (SOURCE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run two at a time
        _furnish(port / "boards" / "manifest.py")  # this port has no boards, and the manifest asks for their modules
        _furnish(SOURCE / "lib" / "micropython-lib" / "README.md")  # is looked for; nothing is taken from there
        _make(SOURCE / "mpy-cross")
        options = [*BITS[bits], *(f"MICROPY_PY_{name}=0" for name in LEFT_OUT)]
        _make(port, f"BUILD=build-kanbin-{bits}", *options, f"FROZEN_MANIFEST={TOP / 'firmware' / 'manifest.py'}")
    return port / f"build-kanbin-{bits}" / "micropython"


def _furnish(file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    file.touch()


def _make(folder: Path, *options: str) -> None:
    command = ["make", "-j2", f"PYTHON={sys.executable}", *options]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"MicroPython cannot be built in {folder}: {result.stderr[-2000:]}"
