# SPDX-License-Identifier: Apache-2.0
"""Readings on flash from the moment they are taken until the fleet has them for certain.

A segment file holds records of 28 bytes. A torn or broken record is passed over by its CRC; a segment of an earlier run
is never appended to, so that a torn tail stays a tail. A segment goes when all of it was acked; what was acked before a
restart may be sent again, which changes nothing in the fleet.
"""

from wire import const

from device.batch import RECORD_SIZE, Batch, is_record, record

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from device.ports import Flash

FOLDER = "outbox"
SEGMENTS_MAX = const(256)  # a block of 4 KiB each, of the 2 MB a stock image leaves for files
RECORDS_PER_SEGMENT = const(64)
_ENOSPC = const(28)
REJECTED = "outbox/rejected.log"
REJECTED_MAX = const(32)


class Outbox:
    """`dropped` counts readings that went unsent because the outbox was full, `broken` records that are not whole."""

    def __init__(self, flash: "Flash", segments_max: int = SEGMENTS_MAX, records: int = RECORDS_PER_SEGMENT):
        self._flash = flash
        self._segments_max = segments_max
        self._records = records
        self._segments = [
            int(name[:-4]) for name in flash.names(FOLDER) if name.endswith(".log") and name[:-4].isdigit()
        ]
        self._newest = self._segments[-1] if self._segments else -1
        self._appended = records  # in the newest segment: as if full, so that the first append opens a new one
        self._consumed = 0  # records of the oldest segment that need not be sent (any more)
        self.dropped = 0
        self.broken = 0

    def append(self, epoch: int, boot_count: int, reading: tuple) -> None:
        """Keep a reading (sequence, channel, uptime_s, raw, spread, temp_cc or None); it is on flash on return.

        Where the flash has no room left, the oldest segment makes room. Raises OSError when that does not help either.
        """
        data = record(epoch, boot_count, reading)
        try:
            self._append(data)
        except OSError as error:
            if error.errno != _ENOSPC or not self._segments:
                raise
            self._drop_oldest()
            self._append(data)

    def peek(self, limit: int) -> "Batch | None":
        """The oldest readings not acked, at most `limit`, all of one (epoch, boot_count); None when there are none."""
        while self._segments:
            segment = self._segments[0]
            data = self._flash.read_part(_name(segment), self._consumed * RECORD_SIZE, limit * RECORD_SIZE)
            if is_record(data, 0):
                return Batch(segment, self._consumed, data)
            if len(data) >= RECORD_SIZE:
                self.broken += 1
                self._consumed += 1
            else:
                self._remove_oldest()
        return None

    def ack(self, batch: Batch) -> None:
        """Forget a batch: only for what is durable in the fleet."""
        if not self._segments or self._segments[0] != batch.segment:
            return  # dropped in the meantime, the outbox being full
        self._consumed = batch.end
        written = self._flash.size(_name(batch.segment)) // RECORD_SIZE
        if batch.end >= written:
            self._remove_oldest()

    def set_aside(self, batch: Batch) -> None:
        """Move a batch of one reading, which the fleet will never take, to REJECTED, which keeps the newest of them."""
        data = self._flash.read_part(_name(batch.segment), (batch.end - 1) * RECORD_SIZE, RECORD_SIZE)
        start = max(0, self._flash.size(REJECTED) - (REJECTED_MAX - 1) * RECORD_SIZE)
        self._flash.replace(REJECTED, self._flash.read_part(REJECTED, start, REJECTED_MAX * RECORD_SIZE) + data)
        self.ack(batch)

    def _append(self, data: bytes) -> None:
        if not self._segments or self._appended >= self._records:
            if len(self._segments) >= self._segments_max:
                self._drop_oldest()
            self._newest += 1
            self._segments.append(self._newest)
            self._appended = 0
        name = _name(self._newest)
        try:
            self._flash.append(name, data)
        except OSError:
            self._appended = self._records  # it may have torn: go on in a new segment
            if self._flash.size(name) < RECORD_SIZE:
                self._flash.remove(name)  # nothing is in it, and the next attempt begins another
                self._segments.pop()
            raise
        self._appended += 1

    def _drop_oldest(self) -> None:
        self.dropped += self._flash.size(_name(self._segments[0])) // RECORD_SIZE - self._consumed
        self._remove_oldest()

    def _remove_oldest(self) -> None:
        self._flash.remove(_name(self._segments[0]))
        self._segments.pop(0)
        self._consumed = 0


def _name(segment: int) -> str:
    return "%s/%08d.log" % (FOLDER, segment)
