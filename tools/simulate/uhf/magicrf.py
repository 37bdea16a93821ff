# SPDX-License-Identifier: Apache-2.0
"""The module's side of the MagicRF protocol. Written apart from the firmware's, so that one checks the other."""

from binascii import crc_hqx

ENDS = {"m100": (0xBB, 0x7E), "r200": (0xAA, 0xDD)}
POWER_MAX_CDBM = 2600
REGIONS = (1, 2, 3, 4, 6)
NO_TAG, BAD_PARAMETER, UNKNOWN = 0x15, 0x0E, 0x17
FIRMWARE = b"M100 V2.3.5"


def tag_crc(pc_epc: bytes) -> bytes:
    return (crc_hqx(pc_epc, 0xFFFF) ^ 0xFFFF).to_bytes(2, "big")


def pc_of(epc: bytes) -> bytes:
    return bytes((len(epc) // 2 << 3, 0))


class MagicRf:
    """`reads` while it takes inventory."""

    def __init__(self, kind: str = "m100") -> None:
        self._ends = ENDS[kind]
        self._pending = b""
        self.reads = False
        self.region = 0
        self.power_cdbm = 0

    def hear(self, data: bytes) -> list[bytes]:
        """What it answers to what the host sent, one frame each."""
        self._pending += data
        answers = []
        while (start := self._pending.find(self._ends[0])) >= 0:
            self._pending = self._pending[start:]
            if len(self._pending) < 7:
                break
            size = 7 + int.from_bytes(self._pending[3:5], "big")
            if len(self._pending) < size:
                break
            frame, self._pending = self._pending[:size], self._pending[size:]
            if sum(frame[1:-2]) & 255 == frame[-2] and frame[-1] == self._ends[1]:
                answers.append(self._answer(frame[2], frame[5:-2]))
        return [answer for answer in answers if answer]

    def tag(self, epc: bytes, rssi_dbm: int, antenna: int = 1) -> bytes:
        """The notice of one tag."""
        pc_epc = pc_of(epc) + epc
        return self._frame(2, 0x22, bytes((rssi_dbm & 255,)) + pc_epc + tag_crc(pc_epc))

    def nothing(self) -> bytes:
        """A round in which nobody answered."""
        return self._frame(1, 0xFF, bytes((NO_TAG,)))

    def _answer(self, command: int, parameters: bytes) -> bytes:
        if command == 0x03:
            return self._frame(1, command, parameters[:1] + FIRMWARE)
        if command == 0x07 and parameters and parameters[0] in REGIONS:
            self.region = parameters[0]
        elif command == 0xB6 and int.from_bytes(parameters, "big") <= POWER_MAX_CDBM:
            self.power_cdbm = int.from_bytes(parameters, "big")
        elif command == 0x27:
            self.reads = True
            return b""  # the first round is the answer
        elif command == 0x28:
            self.reads = False
        else:
            return self._frame(1, 0xFF, bytes((BAD_PARAMETER if command in (0x07, 0xB6) else UNKNOWN,)))
        return self._frame(1, command, b"\0")

    def _frame(self, kind: int, command: int, parameters: bytes) -> bytes:
        body = bytes((kind, command)) + len(parameters).to_bytes(2, "big") + parameters
        return bytes((self._ends[0],)) + body + bytes((sum(body) & 255, self._ends[1]))
