# SPDX-License-Identifier: Apache-2.0
"""Records that the fleet will never take: the newest of them are kept for a person to look at."""

from wire import const

_TYPING = const(0)
if _TYPING:
    from device.ports import Flash

REJECTED = "outbox/rejected.log"
REJECTED_MAX = 32


def keep(flash: "Flash", record: bytes) -> None:
    size = len(record)
    start = max(0, flash.size(REJECTED) - (REJECTED_MAX - 1) * size)
    flash.replace(REJECTED, flash.read_part(REJECTED, start, REJECTED_MAX * size) + record)
