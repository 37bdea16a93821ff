# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: imports the modules that are named. What only a board has is a name without content here."""

import sys


class Stub:
    def __getattr__(self, name):
        return self


for each in ("machine", "network", "esp32", "cryptolib", "socket"):
    if each not in sys.modules:
        sys.modules[each] = Stub()
for each in sys.argv[1:]:
    __import__(each)
