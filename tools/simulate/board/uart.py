# SPDX-License-Identifier: Apache-2.0
"""A UART of the virtual board: the terminal that KANBIN_UART<number> names; nothing is connected where it does not.

The terminal gives what is there and never waits (VMIN = VTIME = 0), which whoever opened it has seen to.
"""

import os


class UART:
    def __init__(self, id, baudrate=9600, *, tx=None, rx=None, rxbuf=256, timeout=0):
        path = os.getenv(f"KANBIN_UART{id}")
        self._line = open(path, "r+b") if path else None  # noqa: SIM115 - as long as the board runs

    def readinto(self, buffer):
        return self._line.readinto(buffer) or None if self._line else None

    def write(self, data):
        return self._line.write(data) if self._line else len(data)
