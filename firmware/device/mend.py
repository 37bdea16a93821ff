# SPDX-License-Identifier: Apache-2.0
"""Mends an outbox: after a power cut, after a failure of the flash, and by room that is kept to make room with."""

from device.outbox import FOLDER, RESERVE, segment_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from device.outbox import Outbox
    from device.ports import Flash

_PIECE = 64  # bytes written at once


def recover(outbox: "Outbox") -> None:
    """At the start: finish what a power cut left of device.thin's work, and keep the reserve."""
    folds = [name for name in outbox.flash.names(FOLDER) if name.endswith(".fold") and name[:8].isdigit()]
    for name in folds:
        finish(outbox.flash, int(name[:8]), int(name[9:17]))
    keep_reserve(outbox)


def finish(flash: "Flash", first: int, second: int) -> None:
    """A fold takes the place of both segments in its name."""
    flash.remove(segment_name(first))
    flash.rename(fold_name(first, second), segment_name(second))


def fold_name(first: int, second: int) -> str:
    return "%s/%08d-%08d.fold" % (FOLDER, first, second)


def keep_reserve(outbox: "Outbox") -> None:
    pieces = 2 * outbox.per_segment * outbox.records.RECORD_SIZE // _PIECE
    if outbox.flash.size(RESERVE) < pieces * _PIECE:
        try:
            outbox.flash.write(RESERVE, (bytes(_PIECE) for _ in range(pieces)))
        except OSError:
            outbox.flash.remove(RESERVE)  # another time


def clean_up(outbox: "Outbox") -> None:
    """After an append that failed and may have torn: go on in a new segment."""
    outbox.appended = outbox.per_segment
    name = segment_name(outbox.newest)
    if outbox.flash.size(name) < outbox.records.RECORD_SIZE:
        outbox.flash.remove(name)  # nothing is in it, and the next attempt begins another
        outbox.newest -= 1
        outbox.count -= 1
