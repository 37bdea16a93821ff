# SPDX-License-Identifier: Apache-2.0
"""The record of one reading on flash, and a run of such records as the readings of one message."""

import struct

from device.sealed import CRC_SIZE, is_sealed, seal

_FORMAT = "<BBIHIIiHh"  # version, channel, epoch, boot_count, sequence, uptime_s, raw, spread, temp_cc
_VERSION = 1
_NO_TEMPERATURE = -0x8000
RECORD_SIZE = struct.calcsize(_FORMAT) + CRC_SIZE


def record(epoch: int, boot_count: int, reading: "tuple[int, int, int, int, int, int | None]") -> bytes:
    """RECORD_SIZE bytes of a reading (sequence, channel, uptime_s, raw, spread, temp_cc)."""
    sequence, channel, uptime_s, raw, spread, temp_cc = reading
    if temp_cc is None:
        temp_cc = _NO_TEMPERATURE
    return seal(struct.pack(_FORMAT, _VERSION, channel, epoch, boot_count, sequence, uptime_s, raw, spread, temp_cc))


def is_record(data: bytes, index: int) -> bool:
    """Whether the record at that place is there, and whole."""
    start = index * RECORD_SIZE
    end = start + RECORD_SIZE
    return end <= len(data) and data[start] == _VERSION and is_sealed(data, start, end)


class Batch:
    """Readings of one (epoch, boot_count), oldest first, made one at a time from a segment's bytes when asked for.

    A tuple for each of them at once would scatter over a small heap and leave no room for the message in one piece.
    `segment` and `end` say where they end on flash.
    """

    def __init__(self, segment: int, data: bytes, first: int, limit: int):
        """Takes whole records from number `first` on, at least one, at most `limit`."""
        self.segment = segment
        self._data = data
        self._first = first
        self.end = first + 1
        self.epoch, self.boot_count = self._run(first)
        while len(self) < limit and is_record(data, self.end) and self._run(self.end) == (self.epoch, self.boot_count):
            self.end += 1

    def __len__(self) -> int:
        return self.end - self._first

    def __iter__(self):
        for index in range(self._first, self.end):
            yield self._reading(index)

    def keep(self, count: int) -> None:
        """Leave all but the oldest `count` for another time."""
        self.end = self._first + count

    @property
    def oldest(self) -> tuple:
        return self._reading(self._first)

    @property
    def newest(self) -> tuple:
        return self._reading(self.end - 1)

    def _run(self, index: int) -> tuple:
        return struct.unpack_from(_FORMAT, self._data, index * RECORD_SIZE)[2:4]

    def _reading(self, index: int) -> tuple:
        values = struct.unpack_from(_FORMAT, self._data, index * RECORD_SIZE)
        _, channel, _, _, sequence, uptime_s, raw, spread, temp_cc = values
        return sequence, channel, uptime_s, raw, spread, None if temp_cc == _NO_TEMPERATURE else temp_cc
