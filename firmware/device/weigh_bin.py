# SPDX-License-Identifier: Apache-2.0
"""A bin that weighs itself: conversions become readings, readings wait in the outbox, the link takes them away."""

from wire import const

from device.sequence import StateLostError

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from device.link import Link
    from device.outbox import Outbox
    from device.ports import Batch, Clock, Scale
    from device.sequence import ReadingSequence
    from device.status import Status
    from device.weigher import Weigher

NO_TEMPERATURE = None  # no board has a sensor yet


class WeighBin:
    """`channels` holds (channel, scale, weigher); `say` gets a line for each reading and each promise of the fleet.

    `link` is given once it exists, for it tells us what it did; without one the bin weighs and keeps.
    """

    def __init__(
        self,
        channels: "tuple[tuple[int, Scale, Weigher], ...]",
        outbox: "Outbox",
        sequence: "ReadingSequence",
        clock: "Clock",
        status: "Status",
        say,
    ):
        self._channels = channels
        self._outbox = outbox
        self._sequence = sequence
        self._clock = clock
        self._status = status
        self._say = say
        self._faulty: "list[int]" = []
        self._dropped = 0
        self.rejected = 0
        self.link: "Link | None" = None

    def poll(self) -> None:
        """One round; never waits. A flash that fails is a status, and the next round tries again."""
        uptime_s = self._clock.uptime_s()  # in each round, scale or no scale: it must not miss a wrap of the ticks
        for channel, scale, weigher in self._channels:
            self._weigh(channel, scale, weigher, uptime_s)
        if self.link is None:
            return
        try:
            self.link.poll(self._sequence.epoch, self._sequence.boot_count)
        except OSError as error:
            self._status.set("flash_error", str(error))
        except StateLostError as error:
            self.link = None
            self._status.set("oscore_state_lost", str(error))

    def _weigh(self, channel: int, scale: "Scale", weigher: "Weigher", uptime_s: int) -> None:
        try:
            raw = scale.read_raw()
        except OSError as error:
            scale.restart()
            weigher.interrupt()
            if channel not in self._faulty:
                self._faulty.append(channel)
            self._status.set("scale_fault", "channel %d: %s" % (channel, error.args[-1]))
            return
        if raw is None:
            return
        if channel in self._faulty:
            self._faulty.remove(channel)
            if not self._faulty:
                self._status.clear("scale_fault")
        window = weigher.add(raw, uptime_s, self._clock.ticks_ms())
        if window is None:
            return
        try:
            self._keep(channel, uptime_s, window[0], window[1])
        except OSError as error:
            weigher.forget()  # nobody has this reading: the next window is one again
            self._status.set("flash_error", str(error))

    def _keep(self, channel: int, uptime_s: int, raw: int, spread: int) -> None:
        sequence = self._sequence.take()
        reading = (sequence, channel, uptime_s, raw, spread, NO_TEMPERATURE)
        self._outbox.append(self._sequence.epoch, self._sequence.boot_count, reading)
        self._status.clear("flash_error")
        self._say(
            "reading sequence=%d channel=%d uptime_s=%d raw=%d spread=%d temp_cc=%s"
            % (sequence, channel, uptime_s, raw, spread, NO_TEMPERATURE)
        )
        if self._outbox.dropped > self._dropped:
            self._dropped = self._outbox.dropped
            self._status.set("outbox_full", "%d dropped since the start" % self._dropped)

    # What the link tells.

    def acked(self, batch: "Batch") -> None:
        for code in ("no_network", "no_fleet", "fleet_busy", "rejected", "outbox_full"):
            self._status.clear(code)
        self._status.set("ok")
        self._say("acked %s" % batch)

    def news(self, payload: bytes) -> None:
        """Nothing is understood yet."""

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
