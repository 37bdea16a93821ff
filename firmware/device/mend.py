# SPDX-License-Identifier: Apache-2.0
"""Mends an outbox, after a power cut and after a failure of the flash."""

from wire import const

from device.outbox import FOLDER, segment_name

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox
    from device.ports import Flash


def recover(outbox: "Outbox", folds: "list[str]") -> None:
    """Finish what a power cut left of device.thin's work, and look again."""
    from device.look import look

    for name in folds:
        finish(outbox.flash, int(name[:8]), int(name[9:17]))
    look(outbox)


def finish(flash: "Flash", first: int, second: int) -> None:
    """A fold takes the place of both segments in its name."""
    flash.remove(segment_name(first))
    flash.rename(fold_name(first, second), segment_name(second))


def fold_name(first: int, second: int) -> str:
    return "%s/%08d-%08d.fold" % (FOLDER, first, second)


def clean_up(outbox: "Outbox") -> None:
    """After an append that failed and may have torn: go on in a new segment."""
    outbox.appended = outbox.per_segment
    name = segment_name(outbox.newest)
    if outbox.flash.size(name) < outbox.records.RECORD_SIZE:
        outbox.flash.remove(name)  # nothing is in it, and the next attempt begins another
        outbox.newest -= 1
        outbox.count -= 1
