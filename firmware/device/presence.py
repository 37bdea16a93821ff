# SPDX-License-Identifier: Apache-2.0
"""Which tags are before the antennas: thousands of reads become few events - a tag entered, it left, it is still there.

It is harder to enter than to stay. A tag enters when it was read often enough, strongly enough, within a short time; it
stays while it is read at all, above a lower strength; it left when that was too long ago. So a tag at the edge of the
field, or one that is carried past, makes no storm of events.
"""

from wire import const
from wire.tags import ENTERED, LEFT, PRESENT, READS_MAX

_THERE, _SINCE_S, _READS, _BEST_DBM, _LAST_S = const(0), const(1), const(2), const(3), const(4)
_UNKNOWN = const(-1000)
TAGS_MAX = const(100)  # about 12 KB


class Presence:
    """The table of tags. An event is (kind, antenna, best RSSI in dBm since the last one, reads since, EPC).

    It is told again, each time with what is new, until `told` says that somebody has it. There is room
    for `tags_max` tags, on all antennas together. When none is left, a new tag takes that of the one that has not
    entered and was not read for longest; when all have entered, it is overlooked until one leaves: `overlooked` counts
    its reads.
    """

    def __init__(
        self,
        enter_reads: int,
        enter_s: int,
        enter_dbm: int,
        leave_s: int,
        leave_dbm: int,
        heartbeat_s: int,
        tags_max: int = TAGS_MAX,
    ):
        self._enter_reads = enter_reads
        self._enter_s = enter_s
        self._enter_dbm = enter_dbm
        self._leave_s = leave_s
        self._leave_dbm = leave_dbm
        self._heartbeat_s = heartbeat_s
        self._room = tags_max
        self._antennas: "dict[int, dict[bytes, list[int]]]" = {}
        self.overlooked = 0

    def read(self, epc: bytes, rssi_dbm: int, antenna: int, uptime_s: int) -> "tuple | None":
        """A tag was read; the event if it has entered with that."""
        tags = self._antennas.setdefault(antenna, {})
        tag = tags.get(epc)
        if tag is None:
            if rssi_dbm < self._enter_dbm or not self._make_room():
                return None
            tag = tags[epc] = [0, uptime_s, 0, _UNKNOWN, uptime_s]
            self._room -= 1
        elif rssi_dbm < (self._leave_dbm if tag[_THERE] else self._enter_dbm):
            return None
        elif not tag[_THERE] and uptime_s - tag[_SINCE_S] > self._enter_s:
            tag[_SINCE_S] = uptime_s
            tag[_READS] = 0
        tag[_LAST_S] = uptime_s
        tag[_READS] = min(tag[_READS] + 1, READS_MAX)
        tag[_BEST_DBM] = max(tag[_BEST_DBM], rssi_dbm)
        if tag[_THERE] or tag[_READS] < self._enter_reads:
            return None
        return _event(ENTERED, antenna, tag, epc)

    def due(self, uptime_s: int):
        """Yields the events that are due because time passes. Asked now and then, once a second at most."""
        for antenna, tags in self._antennas.items():
            for epc in [epc for epc, tag in tags.items() if self._is_due(tag, uptime_s)]:
                tag = tags[epc]
                kind = LEFT if uptime_s - tag[_LAST_S] >= self._leave_s else PRESENT
                yield _event(kind, antenna, tag, epc)

    def told(self, event: tuple, uptime_s: int) -> None:
        """Somebody keeps that event."""
        kind, antenna, _, _, epc = event
        if kind == LEFT:
            self._remove(antenna, epc)
            return
        tag = self._antennas[antenna][epc]
        tag[_THERE] = 1
        tag[_SINCE_S] = uptime_s
        tag[_READS] = 0
        tag[_BEST_DBM] = _UNKNOWN

    def _is_due(self, tag: "list[int]", uptime_s: int) -> bool:
        """Of those that have entered alone: the others stay in the table until their place is wanted."""
        if not tag[_THERE]:
            return False
        return uptime_s - tag[_LAST_S] >= self._leave_s or uptime_s - tag[_SINCE_S] >= self._heartbeat_s

    def _make_room(self) -> bool:
        if self._room:
            return True
        oldest = None
        for antenna, tags in self._antennas.items():
            for epc, tag in tags.items():
                if not tag[_THERE] and (oldest is None or tag[_LAST_S] < oldest[0]):
                    oldest = tag[_LAST_S], antenna, epc
        if oldest is None:
            self.overlooked += 1
            return False
        self._remove(oldest[1], oldest[2])
        return True

    def _remove(self, antenna: int, epc: bytes) -> None:
        del self._antennas[antenna][epc]
        self._room += 1


def _event(kind: int, antenna: int, tag: "list[int]", epc: bytes) -> tuple:
    best_dbm = tag[_BEST_DBM]
    return kind, antenna, None if best_dbm == _UNKNOWN else best_dbm, tag[_READS], epc
