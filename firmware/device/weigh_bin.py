# SPDX-License-Identifier: Apache-2.0
"""A bin that weighs itself: conversions become readings, readings wait in the outbox, the link takes them away."""

from wire import const, health

from device.sender import Sender

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from device.outbox import Outbox
    from device.ports import Clock, Scale
    from device.sequence import ReadingSequence
    from device.status import Status
    from device.weigher import Weigher

NO_TEMPERATURE = None  # no board has a sensor yet


class WeighBin(Sender):
    """`channels` holds (channel, scale, weigher); `say` gets a line for each reading and each promise of the fleet.

    `keep_news` is given later: it gives the sampling plan in the fleet's news once it is on flash.
    """

    def __init__(
        self,
        channels: "tuple[tuple[int, Scale, Weigher], ...]",
        outbox: "Outbox",
        sequence: "ReadingSequence",
        clock: "Clock",
        status: "Status",
        say,
        sample_ms: int = 100,
    ):
        super().__init__(sequence, status, say)
        self._channels = channels
        self._outbox = outbox
        self._clock = clock
        self._faulty: "list[int]" = []
        self._dropped = 0
        self.keep_news = _keep_none
        self._plan_version = 0
        self.sample_ms = sample_ms

    def poll(self) -> None:
        """One round; never waits. A flash that fails is a status, and the next round tries again."""
        uptime_s = self._clock.uptime_s()  # in each round, scale or no scale: it must not miss a wrap of the ticks
        for channel, scale, weigher in self._channels:
            self._weigh(channel, scale, weigher, uptime_s)
        self.post()

    def follow(self, plan: tuple) -> None:
        """Weigh by this sampling plan (wire.plan) from here on, and tell the fleet so."""
        version, heartbeat_s, settle_s, sample_ms, _, _, change_counts = plan
        for channel, _, weigher in self._channels:
            counts = change_counts[channel] if channel < len(change_counts) else None
            weigher.follow(heartbeat_s, settle_s, sample_ms, counts)
        self.sample_ms = sample_ms
        self._plan_version = version
        self._say("plan version=%d" % version)
        self.changed()

    def tell(self) -> dict:
        """{key of wire.health: value} of what the bin knows of itself."""
        return {
            health.PLAN_VERSION: self._plan_version,
            health.CELL_FAULTS: self.cell_faults(),
            health.DROPPED: self._outbox.dropped,
            health.REJECTED: self.rejected,
        }

    def cell_faults(self) -> "tuple[tuple[int, int], ...]":
        """(channel, fault) of each."""
        return tuple((channel, 1 if channel in self._faulty else 0) for channel, _, _ in self._channels)

    def _weigh(self, channel: int, scale: "Scale", weigher: "Weigher", uptime_s: int) -> None:
        try:
            raw = scale.read_raw()
        except OSError as error:
            scale.restart()
            weigher.interrupt()
            if channel not in self._faulty:
                self._faulty.append(channel)
                self.changed()
            self._status.set("scale_fault", "channel %d: %s" % (channel, error.args[-1]))
            return
        if raw is None:
            return
        if channel in self._faulty:
            self._faulty.remove(channel)
            self.changed()
            if not self._faulty:
                self._status.clear("scale_fault")
        window = weigher.add(raw, uptime_s, self._clock.ticks_ms())
        if window is None:
            return
        try:
            self._keep(channel, uptime_s, window[0], window[1], weigher.heartbeat)
        except OSError as error:
            weigher.forget()  # nobody has this reading: the next window is one again
            self._status.set("flash_error", str(error))

    def _keep(self, channel: int, uptime_s: int, raw: int, spread: int, heartbeat: bool) -> None:
        sequence = self._sequence.take()
        reading = (sequence, channel, uptime_s, raw, spread, NO_TEMPERATURE)
        self._outbox.append(self._sequence.epoch, self._sequence.boot_count, reading, heartbeat)
        self._status.clear("flash_error")
        self._say(
            "reading sequence=%d channel=%d uptime_s=%d raw=%d spread=%d temp_cc=%s"
            % (sequence, channel, uptime_s, raw, spread, NO_TEMPERATURE)
        )
        if self._outbox.dropped > self._dropped:
            self._dropped = self._outbox.dropped
            self._status.set("outbox_full", "%d readings dropped since the start" % self._dropped)

    def news(self, payload: bytes) -> None:
        plan = self.keep_news(payload)
        if plan is not None and plan[0] != self._plan_version:
            self.follow(plan)


def _keep_none(payload: bytes) -> "tuple | None":
    return None
