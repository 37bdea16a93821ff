# SPDX-License-Identifier: Apache-2.0
"""A weigh bin on a battery: what is to be known of its cells before it may sleep, and through its sleep."""

from wire import const

from device.cell_faults import OK
from device.weigh_bin import WeighBin

_TYPING = const(0)
if _TYPING:
    from device.ports import Scale
    from device.weigher import Weigher


class SleepingWeighBin(WeighBin):
    def __init__(self, channels: "tuple[tuple[int, Scale, Weigher], ...]", *others):
        super().__init__(channels, *others)
        self._told_faults = self._last_faults = bytes(len(channels))

    def is_moving(self) -> bool:
        """Whether a cell moved a moment ago."""
        uptime_s = self._clock.uptime_s()
        return any(weigher.is_settling(uptime_s) for _, _, weigher, _ in self._channels)

    def has_moved(self) -> bool:
        """Whether a cell moved since the start, or since what it was when the device fell asleep."""
        return any(weigher.has_moved for _, _, weigher, _ in self._channels)

    def has_weighed(self) -> bool:
        """Whether each cell was weighed since the start, but for those that cannot be."""
        return all(weigher.has_weighed or faults.code != OK for _, _, weigher, faults in self._channels)

    def fall_asleep(self) -> "list[bytes]":
        """Power the cells down; what is to be known after the sleep, for `wake`."""
        for _, scale, _, _ in self._channels:
            scale.power_down()
        faults = self._told_faults + self._fault_codes()
        return [self._outbox.state(), faults] + [weigher.state() for _, _, weigher, _ in self._channels]

    def wake(self, states: "list[bytes]") -> None:
        if states:
            self._outbox.go_on(states[0])
            count = len(self._channels)
            self._told_faults, self._last_faults = states[1][:count], states[1][count:]
            for place, (_, _, weigher, _) in enumerate(self._channels[: len(states) - 2]):
                weigher.go_on(states[2 + place])

    def has_new_fault(self) -> bool:
        """Whether a cell is otherwise than it was told, before the sleep perhaps; or flash failed since the start: no
        sleep remembers that.
        """
        return self._told_faults != self._fault_codes() or self._outbox.dropped > 0 or self.flash_errors > 0

    def has_changed_fault(self) -> bool:
        """Whether a cell is otherwise than when the device fell asleep, told or not."""
        return self._last_faults != self._fault_codes()

    def faults_are_told(self) -> None:
        """The fleet has all there was; a fault that began after the health record waits for another, and stays new."""
        if self.health is not None and self.health.state():
            self._told_faults = self._fault_codes()

    def _fault_codes(self) -> bytes:
        return bytes([faults.code for _, _, _, faults in self._channels])

    def look_often(self) -> None:
        """Of a device that sleeps each look is a reading."""
        for _, _, weigher, _ in self._channels:
            weigher.look_often()
