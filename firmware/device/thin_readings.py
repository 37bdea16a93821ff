# SPDX-License-Identifier: Apache-2.0
"""What of readings an outbox without room may thin out, and what it leaves of those it loses (device.ports.Rules)."""

from wire import const

from device.batch import CHANNEL, GAP, HEARTBEAT, RECORD_SIZE, record, values

_LOST_MAX = const(0xFFFF)  # stands for itself and for all that is more


def is_heartbeat(data: bytes, index: int) -> bool:
    return data[index * RECORD_SIZE + 1] & HEARTBEAT != 0


def is_gap(data: bytes, index: int) -> bool:
    return data[index * RECORD_SIZE + 1] & GAP != 0


def stream(data: bytes, index: int) -> int:
    """The channel."""
    return data[index * RECORD_SIZE + 1] & CHANNEL


def taken(data: bytes, index: int) -> tuple:
    """(epoch, boot_count, uptime_s)."""
    said = values(data, index)
    return said[2], said[3], said[5]


def gap(data: bytes, index: int, before: "bytes | None") -> bytes:
    """The record that is left when a movement (or a gap) is lost, and with it what the gap `before` told."""
    _, kind, epoch, boot_count, sequence, uptime_s, _, lost, _ = values(data, index)
    if not kind & GAP:
        lost = 1
    if before is not None:
        lost += values(before, 0)[7]
    return record(epoch, boot_count, (sequence, kind & CHANNEL, uptime_s, None, min(lost, _LOST_MAX), None))
