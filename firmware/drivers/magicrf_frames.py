# SPDX-License-Identifier: Apache-2.0
"""Frames of the MagicRF protocol (M100, QM100, YRM100, R200): head, type, command, length, parameters, sum, tail.

The length has two bytes, the sum is that of all bytes between head and itself, modulo 256. Layout, commands and example
frames: M5Stack's documentation of its UHF-RFID unit (JRD-4035, with MagicRF's command set), playfultechnology's
arduino-rfid-R200 (AA..DD instead of BB..7E). The CRC of a tag is EPC Gen2's over PC and EPC: checked on their examples.
Region codes: the same in five public drivers. Not verified on a module.
"""

from drivers import const
from drivers.crc16 import gen2
from drivers.frames import Frames

M100 = (0xBB, 0x7E)  # head and tail
R200 = (0xAA, 0xDD)

COMMAND, ANSWER, NOTICE = 0, 1, 2
INFO, REGION, SINGLE, MULTI, STOP, POWER, FAILED = 0x03, 0x07, 0x22, 0x27, 0x28, 0xB6, 0xFF
FIRMWARE = b"\x01"  # parameter of INFO
ROUNDS = b"\x22\xff\xff"  # parameters of MULTI: a fixed byte, and as many rounds as there can be
NO_TAG = const(0x15)  # parameter of FAILED: nobody answered in this round
REGIONS = {"china": 1, "us": 2, "eu": 3, "korea": 6}
ANTENNA = const(1)  # there is one

_ANSWERS = (INFO, REGION, MULTI, STOP, POWER, FAILED)  # what is answered to what we ask
_HEADER = const(5)
_AROUND = const(7)  # header, sum and tail
_PARAMETERS_MAX = const(80)  # a tag with the longest EPC has 67; texts on firmware are shorter
_TAG_AROUND = const(5)  # RSSI, PC, CRC
_EXTENDED = const(0x02)  # in the first byte of PC: another word of control follows it; no source says how modules tell


def encode(kind: "tuple[int, int]", command: int, parameters: bytes = b"") -> bytes:
    """A command to a module of that kind (M100 or R200)."""
    body = bytes((COMMAND, command, len(parameters) >> 8, len(parameters) & 255)) + parameters
    return bytes((kind[0],)) + body + bytes((sum(body) & 255, kind[1]))


def encode_power(power_dbm: int) -> bytes:
    """Parameters of POWER."""
    return (100 * power_dbm).to_bytes(2, "big")


class MagicRfFrames(Frames):
    """Yields (type, command, parameters) of what a module says; instead of the parameters of a notice, the tag.

    A sum of one byte is soon right by accident. So a frame is none either when nobody asks for such, or when what it
    says of a tag is not whole: otherwise it could take the frame behind it along.
    """

    def __init__(self, kind: "tuple[int, int]"):
        super().__init__(kind[0], _HEADER, _AROUND + _PARAMETERS_MAX)
        self._tail = kind[1]

    def _size(self, buffer: bytearray) -> int:
        if buffer[3] or buffer[4] > _PARAMETERS_MAX:
            return 0
        known = buffer[2] in _ANSWERS if buffer[1] == ANSWER else (buffer[1], buffer[2]) == (NOTICE, SINGLE)
        return _AROUND + buffer[4] if known else 0

    def _frame(self, buffer: bytearray, size: int) -> "tuple | None":
        total = 0
        for index in range(1, size - 2):
            total += buffer[index]
        if buffer[size - 1] != self._tail or buffer[size - 2] != total & 255:
            return None
        parameters = bytes(memoryview(buffer)[_HEADER : size - 2])
        if buffer[1] == ANSWER:
            return ANSWER, buffer[2], parameters
        found = tag(parameters)
        return None if found is None else (NOTICE, SINGLE, found)


def tag(parameters: bytes) -> "tuple[bytes, int, int] | None":
    """(EPC, RSSI in dBm, antenna) of a NOTICE of SINGLE; None unless its length and the tag's CRC say it is whole."""
    size = len(parameters) - _TAG_AROUND
    if size < 2 or size != parameters[1] >> 3 << 1 or parameters[1] & _EXTENDED:
        return None
    end = 3 + size
    if gen2(parameters, 1, end) != parameters[end] << 8 | parameters[end + 1]:
        return None
    rssi_dbm = parameters[0]
    return parameters[3:end], rssi_dbm - 256 if rssi_dbm > 127 else 0, ANTENNA
