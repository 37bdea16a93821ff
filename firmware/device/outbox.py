# SPDX-License-Identifier: Apache-2.0
"""Records on flash from the moment they are made until the fleet has them for certain, oldest first.

A segment file holds records of one size, as many as fit one block of the flash. A torn or broken record is passed over
by its CRC, and a segment with a torn tail is never appended to. A segment goes when all of it was acked; what was acked
before a restart may be sent again, which changes nothing in the fleet. What goes when there is no room is decided in
device.thin.
"""

from wire import const

from device import batch

_TYPING = const(0)
if _TYPING:
    from device.ports import Flash, Records
    from device.thin import Thinning

FOLDER = "outbox"
SEGMENTS_MAX = const(256)  # a block of 4 KiB each, of the 509 that a stock image leaves for files
PER_SEGMENT = const(146)  # 28 bytes each fill a block but for 8
_FREE_BLOCKS_MIN = const(8)  # for others: what has to go is looked for ahead, a little with each reading
_ENOSPC = const(28)
RESERVE = "outbox/reserve"  # two blocks of nothing, given up on a flash without room: to make room takes some


class Outbox:
    """`dropped` counts movements that went unsent because there was no room, and records that could not be read;
    `thinned` heartbeats that went for room, `broken` records that are not whole.
    """

    def __init__(
        self,
        flash: "Flash",
        records: "Records" = batch,
        segments_max: int = SEGMENTS_MAX,
        per_segment: int = PER_SEGMENT,
    ):
        self.flash = flash
        self.records = records
        self.per_segment = per_segment
        self._segments_max = segments_max
        self._tight = False
        self._room = 0  # so many segments may begin before free blocks are counted again, which reads all metadata
        self._thinning: "Thinning | None" = None
        self.dropped = 0
        self.thinned = 0
        self.broken = 0
        self.oldest = self.newest = self.count = 0  # numbers of segments, and how many there are
        self.consumed = 0  # records of the oldest segment that need not be sent (any more)
        self.appended = 0  # records in the newest segment
        from device.look import look  # needed once

        look(self)
        if not flash.size(RESERVE):
            from device.reserve import keep_reserve

            keep_reserve(self)

    def append(self, epoch: int, boot_count: int, reading: tuple, heartbeat: bool = False) -> None:
        """Keep a reading (sequence, channel, uptime_s, raw, spread, temp_cc or None) as `keep` does."""
        self.keep(self.records.record(epoch, boot_count, reading, heartbeat))

    def keep(self, data: bytes) -> None:
        """Keep records, one behind the other, by one write; all are on flash on return.

        Where there is no room left, heartbeats are thinned, then the oldest movements become gaps. Raises OSError when
        that does not help either.
        """
        try:
            for _ in range(len(data) // self.records.RECORD_SIZE):
                if (self._tight or self.count > self._segments_max) and self.thinning().step():
                    self._tight = False
            self._append(data)
        except OSError as error:
            if error.errno != _ENOSPC:
                raise
            self.thinning().make_room()
            self._append(data)

    def peek(self, limit: int):
        """The oldest records not acked, at most `limit`, all of one (epoch, boot_count); None when there are none.

        A segment that cannot be read is passed over; OSError when nothing at all can be read.
        """
        size = self.records.RECORD_SIZE
        while self.count:
            try:
                data = self.flash.read_part(segment_name(self.oldest), self.consumed * size, limit * size)
            except OSError:
                from device.mend import readable  # not before: flash fails rarely

                data = readable(self, limit)
                if not data:
                    continue
            if self.records.is_record(data, 0):
                return self.records.Batch(self.oldest, self.consumed, data)
            if len(data) >= size:
                self.broken += 1
                self.consumed += 1
            else:
                self._remove_oldest()
        return None

    def ack(self, batch) -> None:
        """Forget a batch: only for what is durable in the fleet."""
        if not self.count or self.oldest != batch.segment:
            return  # dropped in the meantime, the outbox being full
        self.consumed = batch.end
        if batch.end >= self.flash.size(segment_name(batch.segment)) // self.records.RECORD_SIZE:
            self._remove_oldest()

    def set_aside(self, batch) -> None:
        """Move a batch of one record, which the fleet will never take, to REJECTED."""
        from device.set_aside import keep  # not before: a fleet takes nearly everything, and memory is small

        keep(self, batch)
        self.ack(batch)

    def thinning(self) -> "Thinning":
        if self._thinning is None:
            from device.thin import Thinning  # not before: most outboxes are never full

            self._thinning = Thinning(self)
        return self._thinning

    def state(self) -> bytes:
        """How far thinning is; nothing while nothing had to be thinned."""
        return b"" if self._thinning is None else self._thinning.state()

    def go_on(self, state: bytes) -> None:
        if state:
            self.thinning().go_on(state)

    def after(self, segment: int) -> int:
        """The number of the next segment, -1 when there is none."""
        if segment >= self.newest:
            return -1
        if self.flash.size(segment_name(segment + 1)):
            return segment + 1
        from device.after import after  # where heartbeats were thinned, numbers are missing

        return after(self, segment)

    def _append(self, data: bytes) -> None:
        records = len(data) // self.records.RECORD_SIZE
        if not self.count or self.appended + records > self.per_segment:
            if self._room <= 0:
                free_blocks = self.flash.free_blocks() - _FREE_BLOCKS_MIN
                self._tight = free_blocks < 0
                self._room = free_blocks // 2  # the other half is for who else writes
            self._room -= 1
            self.newest += 1
            if not self.count:
                self.oldest, self.consumed = self.newest, 0
            self.count += 1
            self.appended = 0
        name = segment_name(self.newest)
        try:
            self.flash.append(name, data)
        except OSError:
            from device.mend import clean_up  # not before: flash fails rarely

            clean_up(self)
            raise
        self.appended += records

    def _remove_oldest(self) -> None:
        self.flash.remove(segment_name(self.oldest))
        self.count -= 1
        self.consumed = 0
        self.oldest = max(self.after(self.oldest), 0)


def segment_name(segment: int) -> str:
    return "%s/%08d.log" % (FOLDER, segment)
