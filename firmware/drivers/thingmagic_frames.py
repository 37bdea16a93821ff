# SPDX-License-Identifier: Apache-2.0
"""Frames of ThingMagic's modules (M6E-Nano, M7E): FF, length, opcode, in answers a status, data, CRC.

The length counts data alone; status and CRC have two bytes; the CRC is over all but FF. Frames, opcodes and logs of a
real Nano with their CRCs, the tag's among them: SparkFun's Simultaneous RFID Tag Reader Library. The fields of a tag in
their order, what tells a tag from a report in a stream: ThingMagic's Mercury API for C. That the M7E takes the same
commands is said by those who drive it with that API. Not verified on a module.
"""

from drivers import const
from drivers.crc16 import gen2, thingmagic
from drivers.frames import Frames

VERSION, BOOT, PROGRAM = 0x03, 0x04, 0x0C
READ_MULTIPLE, OPERATE = 0x22, 0x2F
ANTENNAS, POWER, PROTOCOL, REGION, OPTION = 0x91, 0x92, 0x93, 0x97, 0x9A
REGIONS = {
    "india": 4, "japan": 5, "china": 6, "eu": 8, "korea": 9, "australia": 11, "new_zealand": 12, "us": 13,
}  # fmt: skip
GEN2 = b"\x00\x05"  # data of PROTOCOL
EVERY_READ = b"\x01\x0c\x00"  # data of OPTION: tell a tag as often as it is read, not once
STOP_READING = b"\x00\x00\x02"  # data of OPERATE
# Data of OPERATE: read Gen2 tags (05) on and on (01) by this READ_MULTIPLE, which streams each of them (search flags
# 001B) with the fields 01FF, and says each 1000 ms (03E8) that it still does.
START_READING = b"\x00\x00\x01\x22\x00\x00\x05\x07\x22\x10\x00\x1b\x03\xe8\x01\xff"
OK = const(0x0000)
BOOTLOADER = const(1)  # in the lowest two bits of what PROGRAM answers

# Bytes of data in an answer at most, to each that we ask for.
_ANSWERS = {VERSION: 32, BOOT: 32, PROGRAM: 1, OPERATE: 4, ANTENNAS: 0, POWER: 0, PROTOCOL: 0, REGION: 0, OPTION: 0}
_HEADER = const(5)
_AROUND = const(7)  # FF, length, opcode, status, CRC
_DATA_MAX = const(128)  # a tag with the longest EPC has 90, and nothing else is read along
_FIELDS_GIVEN = const(0x10)  # in a stream's first byte: flags say which fields a tag has
_FLAGS_AT, _TYPE_AT, _TAG_AT = 3, 5, 6
_TAG = const(1)  # the type; 0 ends the stream, 2 is a report
_FIELDS = (1, 1, 1, 3, 4, 2, 1)  # bytes of reads, RSSI, antenna, frequency, time, phase, protocol: flags 1, 2, 4 ...
_RSSI, _ANTENNA, _PROTOCOL = 1, 2, 6  # which of them
_DATA, _PINS = 0x80, 0x100  # flags of what comes after them
_NEEDED, _KNOWN = 0x46, 0x1FF  # flags
_EXTENDED = const(0x02)  # in the first byte of PC: more words of control follow, which no log that was seen has


def encode(opcode: int, data: bytes = b"") -> bytes:
    body = bytes((len(data), opcode)) + data
    return b"\xff" + body + thingmagic(body, 0, len(body)).to_bytes(2, "big")


def encode_power(power_dbm: int) -> bytes:
    """Data of POWER."""
    return (100 * power_dbm).to_bytes(2, "big")


def encode_antennas(antennas: "tuple[int, ...]") -> bytes:
    """Data of ANTENNAS: each of these sends and receives."""
    return b"\x02" + bytes([port for antenna in antennas for port in (antenna, antenna)])


class ThingMagicFrames(Frames):
    """Yields (opcode, status, data) of what a module says; instead of the data of a tag in a stream, the tag.

    A CRC is right by accident, too, once in 65536 stumps. So a frame is none either when nobody asks for such, or when
    what it says of a tag is not whole: otherwise it could take the frame behind it along. And as a frame's CRC is of
    the tag's own polynomial, damage to an EPC that passes one passes both: presence asks for several reads.
    """

    def __init__(self):
        super().__init__(0xFF, _HEADER, _AROUND + _DATA_MAX)

    def _size(self, buffer: bytearray) -> int:
        if buffer[2] == READ_MULTIPLE:
            longest = 0 if buffer[3] or buffer[4] else _DATA_MAX  # what is no tag is a status and nothing more
        else:
            longest = _ANSWERS.get(buffer[2], -1)
        return _AROUND + buffer[1] if buffer[1] <= longest else 0

    def _frame(self, buffer: bytearray, size: int) -> "tuple | None":
        if thingmagic(buffer, 1, size - 2) != buffer[size - 2] << 8 | buffer[size - 1]:
            return None
        opcode, status = buffer[2], buffer[3] << 8 | buffer[4]
        data = bytes(memoryview(buffer)[5 : size - 2])
        if opcode != READ_MULTIPLE or status != OK:
            return opcode, status, data
        found = tag(data)
        return None if found is None else (opcode, status, found)


def tag(data: bytes) -> "tuple[bytes, int, int] | None":
    """(EPC, RSSI in dBm, antenna) of an answer to READ_MULTIPLE in a stream; None unless it is one whole Gen2 tag."""
    if len(data) < _TAG_AT or not data[0] & _FIELDS_GIVEN or data[_TYPE_AT] != _TAG:
        return None
    flags = data[_FLAGS_AT] << 8 | data[_FLAGS_AT + 1]
    if flags & _NEEDED != _NEEDED or flags & ~_KNOWN:
        return None
    rssi = antenna = protocol = 0
    at = _TAG_AT
    for field in range(len(_FIELDS)):
        if flags >> field & 1 and at < len(data):
            if field == _RSSI:
                rssi = data[at]
            elif field == _ANTENNA:
                antenna = data[at] & 15  # where it was heard; the upper half says where it was called from
            elif field == _PROTOCOL:
                protocol = data[at]
            at += _FIELDS[field]
    if flags & _DATA:
        at += 2 + (_uint16(data, at) + 7 >> 3)
    if flags & _PINS:
        at += 1
    epc = _epc(data, at) if protocol == GEN2[1] else None
    return None if epc is None else (epc, rssi - 256 if rssi > 127 else 0, antenna)


def _epc(data: bytes, at: int) -> "bytes | None":
    """Of data[at:], which is to be a number of bits, and in as many bits PC, EPC and the tag's CRC."""
    start, end = at + 4, len(data) - 2
    if end - start < 2 or _uint16(data, at) != end - start + 4 << 3:
        return None
    if end - start != data[at + 2] >> 3 << 1 or data[at + 2] & _EXTENDED:
        return None
    return data[start:end] if gen2(data, at + 2, end) == _uint16(data, end) else None


def _uint16(data: bytes, at: int) -> int:
    return data[at] << 8 | data[at + 1] if at + 2 <= len(data) else 0
