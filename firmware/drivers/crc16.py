# SPDX-License-Identifier: Apache-2.0
"""Two CRCs of 16 bits over the polynomial 0x1021, preset to ones: of an EPC Gen2 tag, and of ThingMagic's frames."""

# What four bits that leave the register at its top bring back.
_TABLE = (
    0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50A5, 0x60C6, 0x70E7,
    0x8108, 0x9129, 0xA14A, 0xB16B, 0xC18C, 0xD1AD, 0xE1CE, 0xF1EF,
)  # fmt: skip


def gen2(data, start: int, end: int) -> int:
    """Of data[start:end] as a tag sends it after PC and EPC (EPC Gen2, annex F): complemented."""
    table = _TABLE
    crc = 0xFFFF
    for index in range(start, end):
        byte = data[index]
        crc = (crc << 4 & 0xFFFF) ^ table[crc >> 12 ^ byte >> 4]
        crc = (crc << 4 & 0xFFFF) ^ table[crc >> 12 ^ byte & 15]
    return crc ^ 0xFFFF


def thingmagic(data, start: int, end: int) -> int:
    """Of data[start:end] as ThingMagic's modules compute it: bits enter at the bottom, and no zeros follow the last."""
    table = _TABLE
    crc = 0xFFFF
    for index in range(start, end):
        byte = data[index]
        crc = (crc << 4 & 0xFFFF | byte >> 4) ^ table[crc >> 12]
        crc = (crc << 4 & 0xFFFF | byte & 15) ^ table[crc >> 12]
    return crc
