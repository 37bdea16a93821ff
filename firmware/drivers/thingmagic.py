# SPDX-License-Identifier: Apache-2.0
"""A reader module of ThingMagic: M6E-Nano, M7E."""

from drivers import const
from drivers import thingmagic_frames as frames
from drivers.uhf import UhfReader

_TYPING = const(0)
if _TYPING:
    from machine import UART

    from drivers.clock import Clock

BAUD = const(115200)
_STOPPED = frames.OPERATE | 2 << 8  # the answers to OPERATE differ in their first byte
_STARTED = frames.OPERATE | 1 << 8


class ThingMagic(UhfReader):
    def __init__(self, uart: "UART", clock: "Clock", region: str, power_dbm: int, antennas: "tuple[int, ...]" = (1,)):
        def command(name: str, code: int, data: bytes = b"") -> tuple:
            return name, frames.encode(code, data), code, True

        commands = (
            ("stop", frames.encode(frames.OPERATE, frames.STOP_READING), _STOPPED, False),
            command("program", frames.PROGRAM),
            command("version", frames.VERSION),
            command("region", frames.REGION, bytes((frames.REGIONS[region],))),
            command("power", frames.POWER, frames.encode_power(power_dbm)),
            command("antennas", frames.ANTENNAS, frames.encode_antennas(antennas)),
            command("protocol", frames.PROTOCOL, frames.GEN2),
            command("every read", frames.OPTION, frames.EVERY_READ),
            ("read", frames.encode(frames.OPERATE, frames.START_READING), _STARTED, True),
        )
        super().__init__(uart, clock, frames.ThingMagicFrames(), commands)

    def _take(self, frame: tuple) -> "tuple[bytes, int, int] | None":
        code, status, data = frame
        if code == frames.READ_MULTIPLE:
            return data if status == frames.OK else None  # else: it still reads
        if code == frames.OPERATE and data:
            code |= data[0] << 8
        if status != frames.OK:
            self._refused(code, status)
        elif code == frames.PROGRAM and data and data[0] & 3 == frames.BOOTLOADER:
            self._uart.write(frames.encode(frames.BOOT))  # the program is asked for again when no answer comes
        else:
            if code == frames.VERSION:
                self.firmware = ".".join(["%02x" % byte for byte in data[12:16]])
            self._answered(code)
        return None
