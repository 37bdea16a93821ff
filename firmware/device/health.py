# SPDX-License-Identifier: Apache-2.0
"""What the device says of itself: a record at each start, once a day, and when something changed."""

from wire import const
from wire.paths import HEALTH

from device.forget import forget

_TYPING = const(0)
if _TYPING:
    from device.ports import Clock, Flash

TRACEBACK = "state/traceback"  # of the last crash, until the fleet has it
_EVERY_S = const(86_400)
_PAUSE_S = const(60)


class Health:
    """A source for the link (device.ports.Source), and the one batch that it ever has: a record is made when it is
    packed, and so tells of that moment.

    `read_vitals` says how the board is, as drivers.vitals does; `tell` what the app knows: {key of wire.health: value}.
    `kept` is what `state` gave before a deep sleep, so that to wake is no start.
    """

    path = HEALTH

    def __init__(self, clock: "Clock", read_vitals, flash: "Flash", tell, kept: bytes = b""):
        self._clock = clock
        self._read_vitals = read_vitals
        self._flash = flash
        self._tell = tell
        self._changes = 1  # the start is one
        self._changes_told = 0
        self._changes_packed = 0
        self._is_urgent = False
        self._told_at_s = 0
        if len(kept) == 4:
            self._told_at_s = int.from_bytes(kept, "little")
            self._changes_told = self._changes

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return "health"

    def release(self) -> None:
        """Nothing is held."""

    def state(self) -> bytes:
        """Nothing while there is something to tell."""
        return self._told_at_s.to_bytes(4, "little") if self._changes == self._changes_told else b""

    def changed(self, is_urgent: bool = False) -> None:
        """Something happened that the fleet should know before a day has passed; what is urgent before any sleep."""
        self._changes += 1
        self._is_urgent = self._is_urgent or is_urgent

    def peek(self, limit: int) -> "Health | None":
        since_s = self._clock.uptime_s() - self._told_at_s
        if self._changes == self._changes_told:
            return self if since_s >= _EVERY_S else None
        # A loose wire changes all the time.
        return self if self._is_urgent or since_s >= _PAUSE_S or not self._changes_told else None

    def pack(self, batch: "Health", epoch: int, boot_count: int, uptime_s: int) -> "bytes | None":
        """The record; None when it cannot be made, because a file that it takes cannot be read."""
        self._changes_packed = self._changes
        try:
            from device.health_record import pack

            packed = pack((epoch, boot_count, uptime_s), self._read_vitals(), self._tell(), self._flash)
            del pack
            forget("device.health_record", "wire.health")
            return packed
        except (ImportError, OSError):
            return None

    def ack(self, batch: "Health") -> None:
        self.set_aside(batch)
        if self._flash.size(TRACEBACK):
            self._flash.remove(TRACEBACK)

    def set_aside(self, batch: "Health") -> None:
        """A fleet that does not take it, or a record that cannot be made: tomorrow again."""
        self._changes_told = self._changes_packed
        self._told_at_s = self._clock.uptime_s()
        self._is_urgent = False
