# SPDX-License-Identifier: Apache-2.0
"""A reader of tags: reads become events, events wait in the outbox, the link takes them away."""

from wire import const
from wire.tags import PRESENT

from device.sender import Sender

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox
    from device.ports import Clock, Reader
    from device.presence import Presence
    from device.sequence import ReadingSequence
    from device.status import Status

ROUND_MS = const(50)  # between two looks at the module: at 115200 baud half a kilobyte
_KINDS = ("entered", "left", "present")
_NO_CHIP = const(1)  # as a cell that does not answer


class TagReader(Sender):
    """`reader` is a module; `say` gets a line for each event and each promise of the fleet."""

    sample_ms = ROUND_MS

    def __init__(
        self,
        reader: "Reader",
        presence: "Presence",
        outbox: "Outbox",
        sequence: "ReadingSequence",
        clock: "Clock",
        status: "Status",
        say,
    ):
        super().__init__(outbox, sequence, status, say)
        self._reader = reader
        self._presence = presence
        self._clock = clock
        self._read = False
        self._faulty = False
        self._looked_at_s = 0
        self._failed_at_s = -1

    def poll(self) -> None:
        """One round; never waits. An event that the flash does not take is told again, a second later at least."""
        uptime_s = self._clock.uptime_s()
        try:
            for epc, rssi_dbm, antenna in self._reader.poll():
                event = self._presence.read(epc, rssi_dbm, antenna, uptime_s)
                if event is not None:
                    self._keep(event, uptime_s)
        except OSError as error:
            self._fault(str(error.args[-1]))
            self._reader.start()
        if self._reader.reads != self._read:
            self._read = self._reader.reads
            if self._read:
                self._reads_now()
        if uptime_s != self._looked_at_s:
            self._looked_at_s = uptime_s
            for event in self._presence.due(uptime_s):
                self._keep(event, uptime_s)
        self.post()

    def tell(self) -> dict:
        """{key of wire.health: value} of what the reader knows of itself."""
        from wire import health  # now and then: device.health forgets it again

        return {
            health.CELL_FAULTS: ((0, _NO_CHIP if self._faulty else 0),),
            health.DROPPED: self._outbox.dropped,
            health.REJECTED: self.rejected,
            health.FLASH_ERRORS: self.flash_errors,
        }

    def _fault(self, reason: str) -> None:
        self._status.set("reader_fault", reason)
        if not self._faulty:
            self._faulty = True
            self.changed()

    def _reads_now(self) -> None:
        self._say("reader firmware=%s" % (self._reader.firmware or "unknown"))
        self._status.clear("reader_fault")
        if self._faulty:
            self._faulty = False
            self.changed()

    def _keep(self, event: tuple, uptime_s: int) -> None:
        if uptime_s == self._failed_at_s:
            return
        kind, antenna, rssi_dbm, reads, epc = event
        epoch, boot_count = self._sequence.epoch, self._sequence.boot_count
        try:
            sequence = self._sequence.take()
            kept = (sequence, kind, antenna, uptime_s, rssi_dbm, reads, epc)
            self._outbox.append(epoch, boot_count, kept, kind == PRESENT)
        except OSError as error:
            self._failed_at_s = uptime_s
            self._flash_failed(error)
            return
        self._presence.told(event, uptime_s)
        self._status.clear("flash_error")
        self._say(
            "tag sequence=%d kind=%s antenna=%d uptime_s=%d rssi_dbm=%s reads=%d epc=%s"
            % (sequence, _KINDS[kind], antenna, uptime_s, rssi_dbm, reads, epc.hex())
        )
