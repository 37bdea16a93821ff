# SPDX-License-Identifier: Apache-2.0
"""The DS18B20 thermometer at the end of its wire, as Maxim's data sheet describes it, in whole bytes."""

SKIP_ROM, CONVERT, READ_SCRATCHPAD = 0xCC, 0x44, 0xBE
CONVERSION_MS = 750  # at 12 bits
POWER_ON_C = 85


class Ds18b20Chip:
    """`temperature_c()` and `now_ms()` are the world's; `is_there` and `is_disturbed` (bits get lost) may be set."""

    def __init__(self, temperature_c, now_ms):
        self._temperature_c = temperature_c
        self._now_ms = now_ms
        self._sixteenths = POWER_ON_C * 16
        self._converted_at_ms = None
        self._heard = []
        self.conversions = 0
        self.is_there = True
        self.is_disturbed = False

    def reset(self):
        self._heard = []
        return self.is_there

    def write(self, byte):
        self._heard.append(byte)
        if self._heard == [SKIP_ROM, CONVERT]:
            self.conversions += 1
            self._converted_at_ms = self._now_ms() + CONVERSION_MS

    def read(self):
        """The scratchpad, nine bytes; all ones when nobody speaks."""
        if not self.is_there or self._heard != [SKIP_ROM, READ_SCRATCHPAD]:
            return b"\xff" * 9
        if self._converted_at_ms is not None and self._now_ms() >= self._converted_at_ms:
            self._sixteenths = round(self._temperature_c() * 16)
            self._converted_at_ms = None
        scratchpad = (self._sixteenths & 0xFFFF).to_bytes(2, "little") + b"\x4b\x46\x7f\xff\x0c\x10"
        scratchpad += bytes((crc8(scratchpad),))
        return bytes((scratchpad[0] ^ 4,)) + scratchpad[1:] if self.is_disturbed else scratchpad


def crc8(data):
    """Maxim's CRC; 0 over data with its CRC behind it."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc
