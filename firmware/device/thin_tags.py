# SPDX-License-Identifier: Apache-2.0
"""What of tag events an outbox without room may thin out (device.ports.Rules): heartbeats, and nothing else.

The tag message has no gaps. So an outbox that is full of comings and goings takes no more, and whoever has the event
says what is lost.
"""

from wire import const
from wire.tags import PRESENT

from device.tag_batch import RECORD_SIZE, values

_ENOSPC = const(28)


def is_heartbeat(data: bytes, index: int) -> bool:
    return data[index * RECORD_SIZE + 1] == PRESENT


def is_gap(data: bytes, index: int) -> bool:
    return False


def stream(data: bytes, index: int) -> int:
    """The antenna."""
    return data[index * RECORD_SIZE + 2]


def taken(data: bytes, index: int) -> tuple:
    """(epoch, boot_count, uptime_s)."""
    said = values(data, index)
    return said[5], said[6], said[8]


def gap(data: bytes, index: int, before: "bytes | None") -> bytes:
    raise OSError(_ENOSPC, "no room for tag events")
