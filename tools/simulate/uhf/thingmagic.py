# SPDX-License-Identifier: Apache-2.0
"""The module's side of ThingMagic's protocol. Written apart from the firmware's, so that one checks the other."""

from binascii import crc_hqx

from tools.simulate.uhf.magicrf import pc_of, tag_crc

POWER_MAX_CDBM = 2700
REGIONS = (4, 5, 6, 8, 9, 11, 12, 13)
INVALID_OPCODE, ILLEGAL_VALUE, KEEP_ALIVE = 0x0101, 0x0105, 0x0400
VERSION = bytes.fromhex("14120800300000022015031001030147 00000010")
BOOTLOADER, PROGRAM = 0x11, 0x12


def frame_crc(body: bytes) -> bytes:
    """The remainder of ones and the body: the last two bytes are not shifted through."""
    return (crc_hqx(b"\xff\xff" + body[:-2], 0) ^ int.from_bytes(body[-2:], "big")).to_bytes(2, "big")


class ThingMagic:
    """`reads` while it streams; begins in its bootloader."""

    def __init__(self) -> None:
        self._pending = b""
        self._program = BOOTLOADER
        self._now_ms = 0
        self.reads = False
        self.region = 0
        self.power_cdbm = 0

    def hear(self, data: bytes) -> list[bytes]:
        """What it answers to what the host sent, one frame each."""
        self._pending += data
        answers = []
        while (start := self._pending.find(0xFF)) >= 0:
            self._pending = self._pending[start:]
            if len(self._pending) < 5 or len(self._pending) < 5 + self._pending[1]:
                break
            size = 5 + self._pending[1]
            frame, self._pending = self._pending[:size], self._pending[size:]
            if frame_crc(frame[1:-2]) == frame[-2:]:
                answers.append(self._answer(frame[2], frame[3:-2]))
        return [answer for answer in answers if answer]

    def tag(self, epc: bytes, rssi_dbm: int, antenna: int = 1) -> bytes:
        """A tag in the stream."""
        self._now_ms = (self._now_ms + 4) % 1000
        pc_epc = pc_of(epc) + epc
        fields = bytes((1, rssi_dbm & 255, antenna << 4 | antenna)) + (921_904).to_bytes(3, "big")
        fields += self._now_ms.to_bytes(4, "big") + bytes((0, 0, 5, 0, 0, 0x0F))
        bits = ((len(pc_epc) + 2) * 8).to_bytes(2, "big")
        return self._frame(0x22, 0, b"\x10\x00\x1b\x01\xff\x01" + fields + bits + pc_epc + tag_crc(pc_epc))

    def nothing(self) -> bytes:
        """It still reads."""
        return self._frame(0x22, KEEP_ALIVE)

    def _answer(self, opcode: int, data: bytes) -> bytes:
        if opcode == 0x0C:
            return self._frame(opcode, 0, bytes((self._program,)))
        if opcode == 0x04:
            self._program = PROGRAM
            return self._frame(opcode, 0)
        if self._program == BOOTLOADER:
            return self._frame(opcode, INVALID_OPCODE)
        if opcode == 0x03:
            return self._frame(opcode, 0, VERSION)
        if opcode == 0x2F:
            self.reads = data[2] == 1
            return self._frame(opcode, 0, b"\x01\x22\x00\x00" if self.reads else b"\x02")
        return self._frame(opcode, self._set(opcode, data))

    def _set(self, opcode: int, data: bytes) -> int:
        """The status of a setting."""
        if opcode == 0x97 and data[0] in REGIONS:
            self.region = data[0]
        elif opcode == 0x92 and int.from_bytes(data, "big") <= POWER_MAX_CDBM:
            self.power_cdbm = int.from_bytes(data, "big")
        elif opcode not in (0x91, 0x93, 0x9A):
            return ILLEGAL_VALUE if opcode in (0x97, 0x92) else INVALID_OPCODE
        return 0

    def _frame(self, opcode: int, status: int, data: bytes = b"") -> bytes:
        body = bytes((len(data), opcode)) + status.to_bytes(2, "big") + data
        return b"\xff" + body + frame_crc(body)
