# SPDX-License-Identifier: Apache-2.0
"""A reader module with MagicRF's protocol: R200, M100, QM100, YRM100."""

from drivers import const
from drivers import magicrf_frames as frames
from drivers.uhf import UhfReader

_TYPING = const(0)
if _TYPING:
    from machine import UART

    from drivers.clock import Clock

BAUD = const(115200)
KINDS = {"r200": frames.R200, "m100": frames.M100}


class MagicRf(UhfReader):
    def __init__(self, uart: "UART", clock: "Clock", kind: str, region: str, power_dbm: int):
        ends = KINDS[kind]

        def command(name: str, code: int, parameters: bytes = b"", matters: bool = True) -> tuple:
            return name, frames.encode(ends, code, parameters), code, matters

        commands = (
            command("stop", frames.STOP, matters=False),  # it may still be reading from before our restart, or not
            command("firmware", frames.INFO, frames.FIRMWARE, matters=False),
            command("region", frames.REGION, bytes((frames.REGIONS[region],))),
            command("power", frames.POWER, frames.encode_power(power_dbm)),
            command("read", frames.MULTI, frames.ROUNDS),
        )
        super().__init__(uart, clock, frames.MagicRfFrames(ends), commands)

    def _take(self, frame: tuple) -> "tuple[bytes, int, int] | None":
        kind, code, parameters = frame
        if kind == frames.NOTICE:
            self._answered(frames.MULTI)  # reading is answered by what is read
            return parameters
        if code == frames.FAILED and parameters == bytes((frames.NO_TAG,)):
            self._answered(frames.MULTI)
        elif code == frames.FAILED and parameters:
            # It does not say what failed: that which was asked.
            self._refused(self._commands[min(self._step, len(self._commands) - 1)][2], parameters[0])
        elif code == frames.INFO:
            self.firmware = "".join([chr(byte) for byte in parameters[1:] if 32 <= byte < 127])
            self._answered(code)
        elif code in (frames.REGION, frames.POWER) and parameters != b"\x00":
            self._refused(code, parameters[0] if parameters else 0)
        else:
            self._answered(code)
        return None
