# SPDX-License-Identifier: Apache-2.0
"""What there is of an outbox on flash: needed at the start, and when segments went out of their order."""

from device.outbox import FOLDER, segment_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from device.outbox import Outbox
    from device.ports import Flash


def look(outbox: "Outbox") -> None:
    """Find the segments of an outbox: numbers from `oldest` to `newest`, `count` of them."""
    was_oldest = outbox.oldest
    outbox.oldest = outbox.count = 0
    outbox.newest = -1
    for number in numbers(outbox.flash):
        outbox.oldest = min(outbox.oldest, number) if outbox.count else number
        outbox.newest = max(outbox.newest, number)
        outbox.count += 1
    if outbox.oldest != was_oldest:
        outbox.consumed = 0
    outbox.appended = _appended(outbox)


def numbers(flash: "Flash"):
    """The numbers of all segments on flash, in any order."""
    for name in flash.names(FOLDER):
        if name.endswith(".log") and name[:-4].isdigit():
            yield int(name[:-4])


def _appended(outbox: "Outbox") -> int:
    """Records in the newest segment, or as if it were full: what ends with a torn record is not appended to."""
    if outbox.count:
        name, size = segment_name(outbox.newest), outbox.records.RECORD_SIZE
        appended, torn = divmod(outbox.flash.size(name), size)
        last = outbox.flash.read_part(name, (appended - 1) * size, size) if appended else b""
        if not torn and (not appended or outbox.records.is_record(last, 0)):
            return appended
    return outbox.per_segment
