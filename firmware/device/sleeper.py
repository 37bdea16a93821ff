# SPDX-License-Identifier: Apache-2.0
"""The life of a device on a battery: it looks, reports when there is a reason, and sleeps.

It is awake until each cell was weighed and is at rest; it reports a movement or a new fault at once, and heartbeats and
its health together every `report_s`. Of two reports in a row one at most is for a fault alone: a loose wire changes all
the time. What fails is tried again later and later, and readings wait on flash meanwhile.

A cell that never lies still, or a wire that comes and goes, would empty the battery in weeks. So who found no rest in
wake after wake looks briefly, and reports every `report_s` only, until one to three wakes were calm.
"""

import struct

from wire import const

_TYPING = const(0)
if _TYPING:
    from device.ports import Clock
    from device.sleeping_weigh_bin import SleepingWeighBin

_FORMAT = const("<IIBBBB")  # reported at, not before (uptime, s), failures, owed, was the last for a fault, unrest
_FAULT = const(2)  # owed: a report for a fault alone
_WEIGHS_WITHIN_S = const(10)  # the chip settles, four conversions are discarded, one second is weighed
_MOVES_WITHIN_S = const(120)  # what moves for longer is no hand: a shelf that shakes, a threshold below the noise
_UNREST = const(2)  # of a wake that found no rest; a calm one takes 1 off
_RESTLESS = const(12)  # six such wakes in a row; what comes and goes in every other wake gets there, too
_UNREST_MAX = const(14)  # so three calm wakes at most bring it back
JOINS_WITHIN_S = const(20)
REPORTS_WITHIN_S = const(45)
_AGAIN_AFTER_S = const(60)
_DOUBLINGS = const(8)
_AGAIN_MAX_S = const(14_400)
_LEASE_S = const(43_200)


class Sleeper:
    """`kept` is what `state` gave before the sleep; a device that just started reports at once."""

    def __init__(self, weigh_bin: "SleepingWeighBin", clock: "Clock", report_s: int, kept: bytes = b""):
        self._weigh_bin = weigh_bin
        self._clock = clock
        self._report_s = report_s
        self._is_new = len(kept) != struct.calcsize(_FORMAT)
        state = (0, 0, 0, 0, 0, 0) if self._is_new else struct.unpack(_FORMAT, kept)
        self._reported_at_s, self._not_before_s, self.failures, self._owes, self._was_for_fault, unrest = state
        self._unrest = min(unrest, _UNREST_MAX)
        self._began_s = clock.uptime_s()

    def state(self) -> bytes:
        last = (self.failures, self._owes, self._was_for_fault, self._unrest)
        return struct.pack(_FORMAT, self._reported_at_s, self._not_before_s, *last)

    def weighs(self) -> bool:
        """Whether a cell still has something to say: stay awake, and ask again."""
        awake_s = self._clock.uptime_s() - self._began_s
        if self._weigh_bin.is_moving() and not self._is_restless():
            return awake_s < _MOVES_WITHIN_S
        return awake_s < _WEIGHS_WITHIN_S and not self._weigh_bin.has_weighed()

    def looked(self) -> bool:
        """Called once, when it weighs no more. Whether it has just become restless."""
        was_restless = self._is_restless()
        moves = self._weigh_bin.has_moved() if was_restless else self._weigh_bin.is_moving()
        if moves or self._weigh_bin.has_changed_fault():
            self._unrest = min(self._unrest + _UNREST, _UNREST_MAX)
        elif self._unrest:
            self._unrest -= 1
        return self._is_restless() and not was_restless

    def asks_for_address(self) -> bool:
        """Whether the address of the last report is to be forgotten: networks lend them, mostly for a day."""
        return self.failures > 0 or self._clock.uptime_s() // _LEASE_S != self._reported_at_s // _LEASE_S

    def reports(self) -> bool:
        """Whether to join the network now."""
        if self._is_new or self._weigh_bin.has_moved():
            self._owes = 1
        elif not (self._owes or self._was_for_fault) and self._weigh_bin.has_new_fault():
            self._owes = _FAULT
        now_s = self._clock.uptime_s()
        is_pressing = self._owes > 0 and not self._is_restless()
        return now_s >= self._not_before_s and (is_pressing or now_s - self._reported_at_s >= self._report_s)

    def reported(self) -> None:
        """The fleet has all there was."""
        self._reported_at_s = self._clock.uptime_s()
        self._was_for_fault = int(self._owes == _FAULT)
        self.failures = self._not_before_s = self._owes = 0

    def failed(self, has_progressed: bool = False) -> None:
        """No network, or no fleet, or more than fits: later, and later each time unless some of it was taken."""
        if has_progressed:
            self.failures = 0
        again_s = min(_AGAIN_AFTER_S << min(self.failures, _DOUBLINGS), _AGAIN_MAX_S)
        self.failures = min(self.failures + 1, 255)
        self._owes = self._owes or 1
        self._not_before_s = self._clock.uptime_s() + again_s

    def _is_restless(self) -> bool:
        return self._unrest >= _RESTLESS
