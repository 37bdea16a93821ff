# SPDX-License-Identifier: Apache-2.0
"""What there is of an outbox on flash: needed at the start, and when segments went out of their order."""

from wire import const

from device.outbox import FOLDER, segment_name

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox


def look(outbox: "Outbox") -> None:
    """Find the segments of an outbox: numbers from `oldest` to `newest`, `count` of them."""
    outbox.oldest = outbox.count = outbox.consumed = 0
    outbox.newest = -1
    folds = []
    for name in outbox.flash.names(FOLDER):  # once: to list hundreds of files takes half a second
        number = number_of(name)
        if number >= 0:
            outbox.oldest = min(outbox.oldest, number) if outbox.count else number
            outbox.newest = max(outbox.newest, number)
            outbox.count += 1
        elif name.endswith(".fold") and name[:8].isdigit():
            folds.append(name)
    if folds:
        from device.mend import recover

        recover(outbox, folds)
    else:
        outbox.appended = _appended(outbox)


def number_of(name: str) -> int:
    """The number of a segment, -1 when the file is none."""
    return int(name[:-4]) if name.endswith(".log") and name[:-4].isdigit() else -1


def _appended(outbox: "Outbox") -> int:
    """Records in the newest segment, or as if it were full: what ends with a torn record is not appended to, nor what
    cannot be read.
    """
    if outbox.count:
        name, size = segment_name(outbox.newest), outbox.records.RECORD_SIZE
        appended, torn = divmod(outbox.flash.size(name), size)
        try:
            last = outbox.flash.read_part(name, (appended - 1) * size, size) if appended else b""
        except OSError:
            return outbox.per_segment
        if not torn and (not appended or outbox.records.is_record(last, 0)):
            return appended
    return outbox.per_segment
