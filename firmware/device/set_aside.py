# SPDX-License-Identifier: Apache-2.0
"""Records that the fleet will never take: the newest of them are kept for a person to look at."""

from wire import const

from device.outbox import segment_name

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox

REJECTED = "outbox/rejected.log"
REJECTED_MAX = 32


def keep(outbox: "Outbox", batch) -> None:
    """`batch` has one record."""
    flash, size = outbox.flash, outbox.records.RECORD_SIZE
    record = flash.read_part(segment_name(batch.segment), (batch.end - 1) * size, size)
    start = max(0, flash.size(REJECTED) - (REJECTED_MAX - 1) * size)
    try:
        kept = flash.read_part(REJECTED, start, REJECTED_MAX * size)
    except OSError:
        kept = b""  # those before cannot be read any more, and this one must not stay for that
    flash.replace(REJECTED, kept + record)
