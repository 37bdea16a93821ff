# SPDX-License-Identifier: Apache-2.0
"""Makes room in an outbox that is full: of old heartbeats a few are kept, then the oldest movements become gaps.

Each step looks at two neighbouring segments and folds them into one when what is kept of both fits into it, from the
oldest but one (the oldest is being sent) to the newest but one, and then again keeping less. When no pair will fold any
more, the two oldest are: what does not fit is lost, and in its place stands a gap for each stream, which says how many
movements were lost. A gap that is lost is added to the next.
"""

import struct

from wire import const

from device.mend import check, finish, fold_name, put_aside
from device.outbox import FOLDER, RESERVE, segment_name
from device.reserve import keep_reserve

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox
    from device.ports import Flash, Records

KEEP_S = (3_600, 86_400)  # of heartbeats one in so many seconds stays: in the first round, in the second
_AT_ONCE = const(48)  # records read in one piece
_STEPS_MAX = const(16)  # in one call that has to end with room: about a second on an ESP32
_STATE = const("<Bi")  # round, next
_ENOSPC = const(28)
_ASIDE = FOLDER + "/fold.new"


class Thinning:
    """`outbox` is told of all that changes on flash."""

    def __init__(self, outbox: "Outbox"):
        self._outbox = outbox
        self._flash = outbox.flash
        self._round = 0
        self._next = -1  # the first of the two segments to look at next
        self._begun: "tuple[int, int] | None" = None  # folded, but not yet in the place of these two

    def state(self) -> bytes:
        """What a thinning that is made after a deep sleep goes on from."""
        return struct.pack(_STATE, self._round, self._next)

    def go_on(self, state: bytes) -> None:
        if len(state) == struct.calcsize(_STATE):
            self._round, self._next = struct.unpack(_STATE, state)

    def step(self) -> bool:
        """Look at one pair; whether a segment went."""
        outbox = self._outbox
        if self._begun is not None:
            self._finish(*self._begun)
            return True
        if outbox.count < 2:
            return False
        if self._next <= outbox.oldest:  # what was thinned has been sent: begin anew
            self._round = 0
            self._next = outbox.after(outbox.oldest)
        second = outbox.after(self._next)
        if 0 <= second < outbox.newest:
            gone = self._fold(self._next, second, False)
            self._next = second
            return gone
        if self._round + 1 < len(KEEP_S):
            self._round += 1
            self._next = outbox.after(outbox.oldest)
            return False
        return self._lose_oldest()

    def make_room(self) -> None:
        """Free a block of a flash that has none left; OSError when there is nothing to give up."""
        self._flash.remove(RESERVE)
        try:
            for _ in range(_STEPS_MAX):
                if self.step():
                    return
            if not self._lose_oldest():
                raise OSError(_ENOSPC, "the flash is full")
        finally:
            keep_reserve(self._outbox)

    def _lose_oldest(self) -> bool:
        outbox = self._outbox
        return outbox.count > 1 and self._fold(outbox.oldest, outbox.after(outbox.oldest), True)

    def _fold(self, first: int, second: int, lossy: bool) -> bool:
        outbox = self._outbox
        places = ((first, outbox.consumed if first == outbox.oldest else 0), (second, 0))
        fold = Fold(self._flash, outbox.records, places, KEEP_S[self._round])
        try:
            if not fold.plan(outbox.per_segment, lossy):
                return False
        except OSError:  # what cannot be read is not folded, and goes when something has to
            if lossy:
                check(self._flash)
                put_aside(outbox, fold.segment)
                self._next = -1
            return lossy
        self._flash.write(_ASIDE, fold.pieces())
        self._flash.rename(_ASIDE, fold_name(first, second))  # from here on it counts
        self._begun = first, second
        outbox.dropped += fold.dropped
        outbox.thinned += fold.thinned
        if second == outbox.newest:
            outbox.appended = outbox.per_segment  # whatever comes now must not go where the fold will be
        self._finish(first, second)
        return True

    def _finish(self, first: int, second: int) -> None:
        finish(self._flash, first, second)
        self._begun = None
        outbox = self._outbox
        outbox.count -= 1
        if first == outbox.oldest:
            outbox.oldest, outbox.consumed = second, 0


class Fold:
    """What is kept of some parts of segments: planned, then given out piece by piece, since memory is small."""

    def __init__(self, flash: "Flash", records: "Records", places: "tuple[tuple[int, int], ...]", keep_s: int):
        """`places` has (segment, number of its first record)."""
        self._flash = flash
        self._records = records
        self._rules = records.rules()
        self._places = places
        self._keep_s = keep_s
        self._to_lose = 0
        self.segment = -1  # that is being read
        self.dropped = 0
        self.thinned = 0

    def plan(self, room: int, lossy: bool) -> bool:
        """Whether what is kept has room in so many records; if it must, the oldest are lost for that."""
        kept = 0
        for _ in self._kept():
            kept += 1
        if kept <= room:
            return True
        if not lossy:
            return False
        gaps: "set[int]" = set()
        for data, index in self._kept():
            if kept - self._to_lose + len(gaps) <= room:
                break
            self._to_lose += 1
            if not self._rules.is_heartbeat(data, index):
                gaps.add(self._rules.stream(data, index))
        return True

    def pieces(self):
        """The records that remain, oldest first."""
        size = self._records.RECORD_SIZE
        gaps: "list[tuple[int, bytes]]" = []
        self.dropped = self.thinned = 0
        for data, index in self._kept(True):
            if self._to_lose:
                self._to_lose -= 1
                self._lose(gaps, data, index)
                continue
            while gaps:
                yield gaps.pop(0)[1]
            yield data[index * size : (index + 1) * size]
        while gaps:
            yield gaps.pop(0)[1]

    def _lose(self, gaps: "list[tuple[int, bytes]]", data: bytes, index: int) -> None:
        """Gaps stay in the order of the last record they stand for."""
        if self._rules.is_heartbeat(data, index):
            self.thinned += 1
            return
        if not self._rules.is_gap(data, index):
            self.dropped += 1
        stream = self._rules.stream(data, index)
        before = None
        for place, gap in enumerate(gaps):
            if gap[0] == stream:
                before = gaps.pop(place)[1]
                break
        gaps.append((stream, self._rules.gap(data, index, before)))

    def _kept(self, counting: bool = False):
        """(data, index) of each record but the heartbeats that come too soon after what is kept of their stream."""
        last: "dict[int, tuple]" = {}
        for data, index in self._each():
            stream = self._rules.stream(data, index)
            taken = self._rules.taken(data, index)
            if self._rules.is_heartbeat(data, index):
                before = last.get(stream)
                if before is not None and before[:2] == taken[:2] and taken[2] - before[2] < self._keep_s:
                    self.thinned += counting
                    continue
            last[stream] = taken
            yield data, index

    def _each(self):
        """(data, index) of each whole record."""
        size = self._records.RECORD_SIZE
        for segment, place in self._places:
            self.segment = segment
            name = segment_name(segment)
            data = self._flash.read_part(name, place * size, _AT_ONCE * size)
            while len(data) >= size:
                for index in range(len(data) // size):
                    if self._records.is_record(data, index):
                        yield data, index
                place += _AT_ONCE
                data = self._flash.read_part(name, place * size, _AT_ONCE * size)
