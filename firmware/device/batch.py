# SPDX-License-Identifier: Apache-2.0
"""The record of one reading on flash, and a run of such records as the readings of one message.

This module is what an Outbox keeps (device.ports.Records): another kind of record is another module of this shape.
"""

import struct

from wire import const

from device.sealed import CRC_SIZE, is_sealed, seal

_FORMAT = const("<BBIHIIiHh")  # version, channel and kind, epoch, boot_count, sequence, uptime_s, raw, spread, temp_cc
_VERSION = const(2)
_VERSION_BEFORE = const(1)  # had no kinds: whatever it kept is a movement
CHANNEL = const(0x0F)
HEARTBEAT = const(0x10)  # nothing moved; a movement has neither mark
GAP = const(0x20)  # so many movements of this channel were lost up to here: `spread` says how many
_NO_TEMPERATURE = const(-0x8000)
RECORD_SIZE = struct.calcsize(_FORMAT) + CRC_SIZE


def record(epoch: int, boot_count: int, reading: tuple, heartbeat: bool = False) -> bytes:
    """RECORD_SIZE bytes of a reading (sequence, channel, uptime_s, raw, spread, temp_cc); raw is None for a gap."""
    sequence, channel, uptime_s, raw, spread, temp_cc = reading
    if heartbeat:
        channel |= HEARTBEAT
    if raw is None:
        channel |= GAP
        raw = 0
    if temp_cc is None:
        temp_cc = _NO_TEMPERATURE
    return seal(struct.pack(_FORMAT, _VERSION, channel, epoch, boot_count, sequence, uptime_s, raw, spread, temp_cc))


def is_record(data: bytes, index: int) -> bool:
    """Whether the record at that place is there, and whole."""
    start = index * RECORD_SIZE
    end = start + RECORD_SIZE
    return end <= len(data) and _VERSION_BEFORE <= data[start] <= _VERSION and is_sealed(data, start, end)


def rules():
    """What an outbox without room asks of its records (device.ports.Rules)."""
    from device import thin_readings  # not before: most outboxes are never full

    return thin_readings


class Batch:
    """Readings of one (epoch, boot_count), oldest first, made one at a time from the bytes of a segment.

    A tuple for each of them at once would scatter over a small heap and leave no room for the message in one piece.
    `segment` and `end` (a number of records) say where they end on flash.
    """

    _is_record = staticmethod(is_record)

    def __init__(self, segment: int, place: int, data: bytes):
        """Takes the records of `data`, which begin with record number `place`, as far as they belong together."""
        self.segment = segment
        self.end = place + 1
        self.first = self.last = 0  # sequences, once released
        self._place = place
        self._data = data
        self.epoch, self.boot_count = self._run(0)
        while self._is_record(data, len(self)) and self._run(len(self)) == (self.epoch, self.boot_count):
            self.end += 1

    def __len__(self) -> int:
        return self.end - self._place

    def __str__(self) -> str:
        """Which readings these are, once released."""
        names = (self.epoch, self.boot_count, self.first, self.last, len(self))
        return "epoch=%d boot=%d first=%d last=%d count=%d" % names

    def __iter__(self):
        for index in range(len(self)):
            yield self._reading(index)

    def release(self) -> None:
        """Only which readings these are is needed from here on: give their bytes back."""
        self.first = self._reading(0)[0]
        self.last = self._reading(len(self) - 1)[0]
        self._data = b""

    def keep(self, count: int) -> None:
        """Leave all but the oldest `count` for another time."""
        self.end = self._place + count

    @property
    def newest(self) -> tuple:
        return self._reading(len(self) - 1)

    def _run(self, index: int) -> tuple:
        return values(self._data, index)[2:4]

    def _reading(self, index: int) -> tuple:
        _, kind, _, _, sequence, uptime_s, raw, spread, temp_cc = values(self._data, index)
        return (
            sequence,
            kind & CHANNEL,
            uptime_s,
            None if kind & GAP else raw,
            spread,
            None if temp_cc == _NO_TEMPERATURE else temp_cc,
        )


def values(data: bytes, index: int) -> tuple:
    """All values of a record as they stand in it."""
    return struct.unpack_from(_FORMAT, data, index * RECORD_SIZE)
