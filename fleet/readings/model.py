# SPDX-License-Identifier: Apache-2.0
"""A reading, and when it was taken: the pure part of the log."""

from collections.abc import Callable
from dataclasses import dataclass

Message = tuple[int, int, int | None, list[tuple[int, int, int, int | None, int, int | None]]]
"""(epoch, boot_count, age_s, readings) as wire.unpack_reading gives it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell said once, under the name (epoch, sequence) within its device."""

    epoch: int
    sequence: int
    boot_count: int
    channel: int
    uptime_s: int
    raw: int
    spread: int
    temp_cc: int | None
    taken_at_ms: int | None
    """UTC milliseconds; null when only bounds are known: the device lost its power before we heard of that boot."""

    def says(self) -> tuple[int | None, ...]:
        """What must be the same whenever the same reading is sent again; times of arrival are not part of it."""
        return (self.boot_count, self.channel, self.uptime_s, self.raw, self.spread, self.temp_cc)


@dataclass(frozen=True, slots=True)
class Gap:
    """What one cell said and the device lost, having no room; named like the last of those readings."""

    epoch: int
    sequence: int
    boot_count: int
    channel: int
    uptime_s: int
    lost: int
    """How many readings, heartbeats not counted; the greatest that fits stands for more, too."""
    taken_at_ms: int | None
    """Of the last of them; UTC milliseconds, null when unknown, because the device has booted since."""

    def says(self) -> tuple[int, ...]:
        """What must be the same whenever the same gap is sent again."""
        return (self.boot_count, self.channel, self.uptime_s, self.lost)

    def what(self) -> str:
        """What was lost, in words."""
        return f"{self.lost} readings of channel {self.channel}"


def from_message(message: Message, when: Callable[[int], int | None]) -> list[Reading]:
    """The message's readings; `when` is the time at an uptime of their boot."""
    epoch, boot_count, _, rows = message
    return [
        Reading(epoch, sequence, boot_count, channel, uptime_s, raw, spread, temp_cc, when(uptime_s))
        for sequence, channel, uptime_s, raw, spread, temp_cc in rows
        if raw is not None
    ]


def gaps_from_message(message: Message, when: Callable[[int], int | None]) -> list[Gap]:
    """The message's gaps, which have their times as readings have."""
    epoch, boot_count, _, rows = message
    return [
        Gap(epoch, sequence, boot_count, channel, uptime_s, lost, when(uptime_s))
        for sequence, channel, uptime_s, raw, lost, _ in rows
        if raw is None
    ]
