# SPDX-License-Identifier: Apache-2.0
"""The virtual board's 1-Wire bus: whoever asks meets the thermometer of the simulated world, or nobody."""

import world
from ds18b20_chip import crc8


class OneWire:
    def __init__(self, pin, chip=None):
        self._chip = chip or world.thermometer()

    def reset(self, required=False):
        return self._chip is not None and self._chip.reset()

    def writebyte(self, value):
        self._chip.write(value)

    def readinto(self, buffer):
        buffer[:] = self._chip.read()

    def crc8(self, data):
        return crc8(data)
