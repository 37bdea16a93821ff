# SPDX-License-Identifier: Apache-2.0
"""A reading, and when it was taken: the pure part of the log."""

from dataclasses import dataclass

Message = tuple[int, int, int | None, list[tuple[int, int, int, int | None, int, int | None]]]
"""(epoch, boot_count, age_s, readings) as wire.reading.unpack gives it."""


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
    """UTC milliseconds; null when unknown, because the device has booted since."""

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


def from_message(message: Message, received_at_ms: int) -> list[Reading]:
    """The message's readings. A device has no clock: `age_s` is how old its newest one was when it was sent."""
    epoch, boot_count, age_s, rows = message
    newest_s = max(uptime_s for _, _, uptime_s, _, _, _ in rows)

    def taken_at_ms(uptime_s: int) -> int | None:
        return None if age_s is None else received_at_ms - 1000 * (age_s + newest_s - uptime_s)

    return [
        Reading(epoch, sequence, boot_count, channel, uptime_s, raw, spread, temp_cc, taken_at_ms(uptime_s))
        for sequence, channel, uptime_s, raw, spread, temp_cc in rows
        if raw is not None
    ]


def gaps_from_message(message: Message, received_at_ms: int) -> list[Gap]:
    """The message's gaps, which have their times as readings have."""
    rows = message[3]
    timed = from_message((*message[:3], [(*row[:3], row[3] or 0, *row[4:]) for row in rows]), received_at_ms)
    return [
        Gap(at.epoch, at.sequence, at.boot_count, at.channel, at.uptime_s, at.spread, at.taken_at_ms)
        for row, at in zip(rows, timed, strict=True)
        if row[3] is None
    ]
