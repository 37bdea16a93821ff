# SPDX-License-Identifier: Apache-2.0
"""A bin that weighs itself: conversions become readings, readings wait in the outbox, the link takes them away."""

from wire import const

from device.cell_faults import CODES, OK, CellFaults
from device.sender import Sender

_SILENCE_MAX_S = const(86_400)  # what a health record can say
_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox
    from device.ports import Clock, Scale, Thermometer
    from device.sequence import ReadingSequence
    from device.status import Status
    from device.weigher import Weigher


class WeighBin(Sender):
    """`channels` holds (channel, scale, weigher); `say` gets a line for each reading and each promise of the fleet.

    `keep_news` is given later: it gives the sampling plan in the fleet's news once it is on flash. One `thermometer`
    serves all channels.
    """

    def __init__(
        self,
        channels: "tuple[tuple[int, Scale, Weigher], ...]",
        outbox: "Outbox",
        sequence: "ReadingSequence",
        clock: "Clock",
        status: "Status",
        say,
        thermometer: "Thermometer | None" = None,
        sample_ms: int = 100,
    ):
        super().__init__(outbox, sequence, status, say)
        self._channels = tuple((channel, scale, weigher, CellFaults()) for channel, scale, weigher in channels)
        self._clock = clock
        self._thermometer = thermometer
        self._temp_cc: "int | None" = None
        self.keep_news = _keep_none
        self._plan_version = 0
        self.sample_ms = sample_ms
        self.report_s = 0

    def poll(self) -> None:
        """One round; never waits. A flash that fails is a status, and the next round tries again."""
        uptime_s = self._clock.uptime_s()  # in each round, scale or no scale: it must not miss a wrap of the ticks
        if self._thermometer is not None:
            self._temp_cc = self._thermometer.read_cc()
        due: "tuple[tuple[int, Weigher, tuple[int, int]], ...]" = ()
        for channel, scale, weigher, faults in self._channels:
            window = self._weigh(channel, scale, weigher, faults, uptime_s)
            if window is not None:
                due += ((channel, weigher, window),)
        if due:
            self._keep(due, uptime_s)
        self.post()

    def follow(self, plan: tuple) -> None:
        """Weigh by this sampling plan (wire.plan) from here on, and tell the fleet so."""
        version, heartbeat_s, settle_s, sample_ms, sleep_s, report_s, change_counts = plan
        if sleep_s is not None:
            self.sleep_s = sleep_s
        if report_s is not None:
            self.report_s = report_s
        for channel, _, weigher, _ in self._channels:
            counts = change_counts[channel] if channel < len(change_counts) else None
            weigher.follow(heartbeat_s, settle_s, sample_ms, counts)
        self.sample_ms = sample_ms
        self._plan_version = version
        self._say("plan version=%d" % version)
        self.changed(True)  # by its silence of before the fleet would miss it

    def tell(self) -> dict:
        """{key of wire.health: value} of what the bin knows of itself."""
        from wire import health  # now and then: device.health forgets it again

        return {
            health.PLAN_VERSION: self._plan_version,
            health.CELL_FAULTS: self.cell_faults(),
            health.DROPPED: self._outbox.dropped,
            health.REJECTED: self.rejected,
            health.SILENCE_S: self._silence_s(),
            health.FLASH_ERRORS: self.flash_errors,
        }

    def _silence_s(self) -> int:
        """From one report to the next: a sleeper that wakes too early for it reports when it wakes again."""
        if not self.sleep_s:
            return 0
        naps = max(1, (self.report_s + self.sleep_s - 1) // self.sleep_s)
        return min(naps * self.sleep_s, _SILENCE_MAX_S)

    def cell_faults(self) -> "tuple[tuple[int, int], ...]":
        """(channel, place in device.cell_faults.CODES) of every channel."""
        return tuple((channel, faults.code) for channel, _, _, faults in self._channels)

    def _weigh(
        self, channel: int, scale: "Scale", weigher: "Weigher", faults: CellFaults, uptime_s: int
    ) -> "tuple[int, int] | None":
        """(raw, spread) when a reading is due."""
        code = faults.code
        try:
            raw = scale.read_raw()
        except OSError as error:
            scale.restart()
            weigher.interrupt()
            faults.failed(error.args[-1])
            raw = None
        if raw is not None:
            raw = self._judge(raw, scale, faults)
        if faults.code != code:
            self._tell_fault(channel, faults.code)
        return None if raw is None else weigher.add(raw, uptime_s, self._clock.ticks_ms())

    def _judge(self, raw: int, scale: "Scale", faults: CellFaults) -> "int | None":
        """The conversion, unless it was made to find out what is wrong."""
        if faults.wants_wide_look():
            scale.narrow()
            faults.looked(raw)
            return None
        faults.saw(raw)
        if faults.wants_wide_look() and not scale.widen():
            faults.looked(None)
        return raw

    def _tell_fault(self, channel: int, code: int) -> None:
        faulty = ["channel %d: %s" % (each, CODES[fault]) for each, fault in self.cell_faults() if fault != OK]
        if faulty:
            self._status.set("scale_fault", ", ".join(faulty))
        else:
            self._status.clear("scale_fault")
        self._say("cell channel=%d fault=%s" % (channel, CODES[code]))
        self.changed()

    def _keep(self, due: "tuple[tuple[int, Weigher, tuple[int, int]], ...]", uptime_s: int) -> None:
        """All readings of a round by one write, so that cells which move together need not wait for each other."""
        sequence, data = self._sequence, b""
        lines = []
        try:
            for channel, weigher, (raw, spread) in due:
                reading = (sequence.take(), channel, uptime_s, raw, spread, self._temp_cc)
                data += self._outbox.records.record(sequence.epoch, sequence.boot_count, reading, weigher.heartbeat)
                lines.append("reading sequence=%d channel=%d uptime_s=%d raw=%d spread=%d temp_cc=%s" % reading)
            self._outbox.keep(data)
        except OSError as error:
            for _, weigher, _ in due:
                weigher.forget()  # nobody has this reading: the next window is one again
            self._flash_failed(error)
            return
        self._status.clear("flash_error")
        for line in lines:
            self._say(line)

    def news(self, payload: bytes) -> None:
        plan = self.keep_news(payload)
        if plan is not None and plan[0] != self._plan_version:
            self.follow(plan)


def _keep_none(payload: bytes) -> "tuple | None":
    return None
