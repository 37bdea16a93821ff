# SPDX-License-Identifier: Apache-2.0
"""A bin that weighs itself: conversions become readings, readings wait in the outbox, the link takes them away."""

from wire import const, health

from device.cell_faults import CODES, OK, CellFaults

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from device.health import Health
    from device.link import Link
    from device.outbox import Outbox
    from device.ports import Batch, Clock, Scale, Thermometer
    from device.sequence import ReadingSequence
    from device.status import Status
    from device.weigher import Weigher


class WeighBin:
    """`channels` holds (channel, scale, weigher); `say` gets a line for each reading and each promise of the fleet.

    `link` is given once it exists, for it tells us what it did; without one the bin weighs and keeps. So are `health`,
    which is told what changed, and `keep_news`, which gives the sampling plan in the fleet's news once it is on flash.
    One `thermometer` serves all channels.
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
        self._channels = tuple((channel, scale, weigher, CellFaults()) for channel, scale, weigher in channels)
        self._outbox = outbox
        self._sequence = sequence
        self._clock = clock
        self._status = status
        self._say = say
        self._thermometer = thermometer
        self._temp_cc: "int | None" = None
        self._dropped = 0
        self.rejected = 0
        self.link: "Link | None" = None
        self.health: "Health | None" = None
        self.keep_news = _keep_none
        self._plan_version = 0
        self.sample_ms = sample_ms

    def poll(self) -> None:
        """One round; never waits. A flash that fails is a status, and the next round tries again."""
        uptime_s = self._clock.uptime_s()  # in each round, scale or no scale: it must not miss a wrap of the ticks
        if self._thermometer is not None:
            self._temp_cc = self._thermometer.read_cc()
        for channel, scale, weigher, faults in self._channels:
            self._weigh(channel, scale, weigher, faults, uptime_s)
        if self.link is None:
            return
        try:
            self.link.poll(self._sequence.epoch, self._sequence.boot_count)
        except OSError as error:
            self._status.set("flash_error", str(error))

    def follow(self, plan: tuple) -> None:
        """Weigh by this sampling plan (wire.plan) from here on, and tell the fleet so."""
        version, heartbeat_s, settle_s, sample_ms, _, _, change_counts = plan
        for channel, _, weigher, _ in self._channels:
            counts = change_counts[channel] if channel < len(change_counts) else None
            weigher.follow(heartbeat_s, settle_s, sample_ms, counts)
        self.sample_ms = sample_ms
        self._plan_version = version
        self._say("plan version=%d" % version)
        self._changed()

    def tell(self) -> dict:
        """{key of wire.health: value} of what the bin knows of itself."""
        return {
            health.PLAN_VERSION: self._plan_version,
            health.CELL_FAULTS: self.cell_faults(),
            health.DROPPED: self._outbox.dropped,
            health.REJECTED: self.rejected,
        }

    def cell_faults(self) -> "tuple[tuple[int, int], ...]":
        """(channel, place in device.cell_faults.CODES) of every channel."""
        return tuple((channel, faults.code) for channel, _, _, faults in self._channels)

    def _changed(self) -> None:
        if self.health is not None:
            self.health.changed()

    def _weigh(self, channel: int, scale: "Scale", weigher: "Weigher", faults: CellFaults, uptime_s: int) -> None:
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
        if raw is None:
            return
        window = weigher.add(raw, uptime_s, self._clock.ticks_ms())
        if window is None:
            return
        try:
            self._keep(channel, uptime_s, window[0], window[1], weigher.heartbeat)
        except OSError as error:
            weigher.forget()  # nobody has this reading: the next window is one again
            self._status.set("flash_error", str(error))

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
        self._changed()

    def _keep(self, channel: int, uptime_s: int, raw: int, spread: int, heartbeat: bool) -> None:
        sequence = self._sequence.take()
        reading = (sequence, channel, uptime_s, raw, spread, self._temp_cc)
        self._outbox.append(self._sequence.epoch, self._sequence.boot_count, reading, heartbeat)
        self._status.clear("flash_error")
        self._say(
            "reading sequence=%d channel=%d uptime_s=%d raw=%d spread=%d temp_cc=%s"
            % (sequence, channel, uptime_s, raw, spread, self._temp_cc)
        )
        if self._outbox.dropped > self._dropped:
            self._dropped = self._outbox.dropped
            self._status.set("outbox_full", "%d readings dropped since the start" % self._dropped)

    # What the link tells.

    def acked(self, batch: "Batch") -> None:
        for code in ("no_network", "no_fleet", "fleet_busy", "rejected", "outbox_full"):
            self._status.clear(code)
        self._status.set("ok")
        self._say("acked %s" % batch)

    def news(self, payload: bytes) -> None:
        plan = self.keep_news(payload)
        if plan is not None and plan[0] != self._plan_version:
            self.follow(plan)

    def rejected_for_good(self, batch: "Batch") -> None:
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


def _keep_none(payload: bytes) -> "tuple | None":
    return None
