# SPDX-License-Identifier: Apache-2.0
"""A device that posts: drives its link, and tells by status and console what becomes of what it has."""

from wire import const

_TYPING = const(0)
if _TYPING:
    from device.health import Health
    from device.link import Link
    from device.outbox import Outbox
    from device.ports import Batch, Source
    from device.sequence import ReadingSequence
    from device.status import Status

_FLASH_ERRORS_MAX = const(0xFFFF)  # stands for itself and for all that is more


class Sender:
    """`link` is given once it exists, for it tells us what it did; without one the device works and keeps. So is
    `health`, which is told what changed. `source` is what it posts; `sleep_s` above 0: it sleeps so long at a time.
    `flash_errors` counts what the flash failed to do since the start.
    """

    source: "Source"

    def __init__(self, outbox: "Outbox", sequence: "ReadingSequence", status: "Status", say):
        self._outbox = outbox
        self._sequence = sequence
        self._status = status
        self._say = say
        self.rejected = 0
        self.acks = 0
        self.flash_errors = 0
        self._dropped = 0
        self.sleep_s = 0
        self.link: "Link | None" = None
        self.health: "Health | None" = None

    def post(self) -> None:
        """One round of the link; never waits."""
        if self.link is not None:
            try:
                self.link.poll(self._sequence.epoch, self._sequence.boot_count)
            except OSError as error:
                self._flash_failed(error)
        if self._outbox.dropped > self._dropped:
            self._dropped = self._outbox.dropped
            self._status.set("outbox_full", "%d dropped since the start" % self._dropped)
            self.changed(True)

    def is_done(self) -> bool:
        """Whether the fleet has all there is. To look for more may be to find that it cannot be read: that is more."""
        dropped = self._outbox.dropped
        try:
            return self.link is not None and self.link.is_done() and self._outbox.dropped == dropped
        except OSError as error:
            self._flash_failed(error)
            return False

    def _flash_failed(self, error: OSError) -> None:
        self._status.set("flash_error", str(error))
        if not self.flash_errors:
            self.changed(True)  # each further one is told with the next record: it may be one each round
        self.flash_errors = min(self.flash_errors + 1, _FLASH_ERRORS_MAX)

    def is_lost(self) -> bool:
        """Whether it has had something for a day, and no fleet to take it."""
        return self.link is not None and self.link.is_lost()

    def tell(self) -> dict:
        """{key of wire.health: value} of what the device knows of itself."""
        return {}

    def changed(self, is_urgent: bool = False) -> None:
        """Something that the fleet should know before a day has passed; what is urgent before any sleep."""
        if self.health is not None:
            self.health.changed(is_urgent)

    # What the link tells.

    def acked(self, batch: "Batch") -> None:
        for code in ("no_network", "no_fleet", "fleet_busy", "rejected", "outbox_full"):
            self._status.clear(code)
        self._status.set("ok")
        self.acks += 1
        self._say("acked %s" % batch)

    def news(self, payload: bytes) -> None:
        """What came with an ack is for those who understand it."""

    def rejected_for_good(self, batch: "Batch") -> None:
        if batch is not self.health:
            self.rejected += len(batch)
            self._status.set("rejected", "%d since the start" % self.rejected)
        self._say("rejected %s" % batch)

    def asked_to_wait(self) -> None:
        self._status.clear("no_fleet")
        self._status.set("fleet_busy")

    def no_fleet(self, reason: str) -> None:
        self._status.clear("no_network")
        self._status.set("no_fleet", reason)

    def no_network(self) -> None:
        self._status.set("no_network")
