# SPDX-License-Identifier: Apache-2.0
"""What of tag events an outbox without room may thin out, and what it leaves of those it loses (device.ports.Rules)."""

from wire.tags import GAP, PRESENT, READS_MAX

from device.tag_batch import RECORD_SIZE, record, values


def is_heartbeat(data: bytes, index: int) -> bool:
    return data[index * RECORD_SIZE + 1] == PRESENT


def is_gap(data: bytes, index: int) -> bool:
    return data[index * RECORD_SIZE + 1] == GAP


def stream(data: bytes, index: int) -> int:
    """The antenna."""
    return data[index * RECORD_SIZE + 2]


def taken(data: bytes, index: int) -> tuple:
    """(epoch, boot_count, uptime_s)."""
    said = values(data, index)
    return said[5], said[6], said[8]


def gap(data: bytes, index: int, before: "bytes | None") -> bytes:
    """The record that is left when a coming or going (or a gap) is lost, and with it what the gap `before` told."""
    _, kind, antenna, _, lost, epoch, boot_count, sequence, uptime_s, _, _ = values(data, index)
    if kind != GAP:
        lost = 1
    if before is not None:
        lost += values(before, 0)[4]
    return record(epoch, boot_count, (sequence, GAP, antenna, uptime_s, None, min(lost, READS_MAX), b""))
