# SPDX-License-Identifier: Apache-2.0
"""Mends an outbox, after a power cut and after a failure of the flash."""

from wire import const

from device.outbox import FOLDER, RESERVE, segment_name

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox
    from device.ports import Flash

_EIO = const(5)
_OTHERS = (RESERVE, "state/readings", "state/oscore")  # which are there when all is well
_ASIDE_MAX = const(4)  # files that cannot be read, for a person to look at; their blocks are out of use meanwhile


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


def readable(outbox: "Outbox", limit: int) -> bytes:
    """Of the oldest segment, which cannot be read in one piece, the next records that can, at most `limit`.

    Those before them are passed over and counted; when none can be read, the segment is put aside. Raises OSError when
    nothing else can be read either: such a flash gives nothing up.
    """
    flash, size = outbox.flash, outbox.records.RECORD_SIZE
    name = segment_name(outbox.oldest)
    check(flash)
    data = b""
    for place in range(outbox.consumed, flash.size(name) // size):
        try:
            data += flash.read_part(name, place * size, size)
        except OSError:
            if data:
                break
            outbox.consumed += 1
            outbox.dropped += 1
        if len(data) >= limit * size:
            break
    if not data:
        put_aside(outbox, outbox.oldest)
    return data


def check(flash: "Flash") -> None:
    """OSError when the flash reads nothing, and not one file alone is lost."""
    for name in _OTHERS:
        try:
            if flash.read_part(name, 0, 1):
                return
        except OSError:
            pass  # one of the others tells
    raise OSError(_EIO)


def put_aside(outbox: "Outbox", segment: int) -> None:
    """A segment that cannot be read goes out of the way, under one of a few names; what was in it counts as dropped."""
    name = segment_name(segment)
    following, lost = outbox.after(segment), outbox.flash.size(name) // outbox.records.RECORD_SIZE
    try:
        outbox.flash.rename(name, "%s/unreadable.%d" % (FOLDER, segment % _ASIDE_MAX))
    except OSError:
        if segment != outbox.oldest:
            raise
        # It is passed over all the same, and the next start meets it again.
    outbox.count -= 1
    outbox.dropped += lost
    if segment == outbox.newest:
        outbox.appended = outbox.per_segment  # the next record begins another
    if segment == outbox.oldest:
        outbox.dropped -= outbox.consumed
        outbox.oldest, outbox.consumed = max(following, 0), 0
