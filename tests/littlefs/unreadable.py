# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: a block of LittleFS with readings in it cannot be read any more, wherever it lies in the order.

A device that starts then sends all other readings, counts those, and keeps new ones; so it does when the power is cut
at any step of that, torn ones too. The last line says how many cuts there were.
"""

from device.outbox import Outbox, segment_name
from device.sequence import ReadingSequence
from drivers.flash import Flash

from tests.fakes.littlefs import BLOCK_BYTES, Nor, mount, program, provisioned, unmount
from tests.fakes.random import FakeRandom

EIO = 5
PER_SEGMENT, SEGMENTS = 16, 5
READINGS = SEGMENTS * PER_SEGMENT - 3  # the last segment is not full
NEW = (1000, 1003)


class Worn(Nor):
    """Whoever reads the `bad` block gets an error; `read` are the blocks that were."""

    def __init__(self, cells, journal=None, bad=-1):
        super().__init__(cells, journal)
        self.bad = bad
        self.read = []

    def readblocks(self, block, buffer, offset=0):
        if block == self.bad:
            return -EIO
        self.read.append(block)
        return super().readblocks(block, buffer, offset)


def new_outbox():
    return Outbox(Flash(("state", "outbox")), per_segment=PER_SEGMENT)


def append(outbox, first, last):
    for number in range(first, last):
        outbox.append(7, 1, (number, number % 3, number, 1000, 5, None))


def filled():
    """The flash with those readings on it."""
    cells = provisioned()
    mount(Nor(cells))
    outbox = new_outbox()
    append(outbox, 0, READINGS)
    outbox.flash.remove("nothing")  # what is open is closed with it
    unmount()
    return cells


def block_of(cells, segment):
    """The block that the data of a segment are in."""
    nor = Worn(cells)
    mount(nor)
    nor.read.clear()
    data = Flash(()).read(segment_name(segment))
    unmount()
    (block,) = {each for each in nor.read if bytes(cells[each * BLOCK_BYTES : each * BLOCK_BYTES + len(data)]) == data}
    return block


def start(cells, bad, journal=None):
    """Start a device: it takes three readings, and sends all there is.

    Numbers are reserved first, as in apps.parts: until something is written, LittleFS does not list the file behind one
    whose renaming was cut.

    Returns ([(steps of the flash before the fleet had it, name)], dropped, files).
    """
    journal = [] if journal is None else journal
    mount(Worn(cells, journal, bad))
    ReadingSequence(Flash(()), FakeRandom())
    outbox, sent = new_outbox(), []
    append(outbox, *NEW)
    batch = outbox.peek(10)
    while batch is not None:
        sent.extend((len(journal), each[0]) for each in batch)
        outbox.ack(batch)
        batch = outbox.peek(10)
    files = sorted(outbox.flash.names("outbox"))
    outbox.flash.remove("nothing")
    unmount()
    return sent, outbox.dropped, files


def torn(cells, place, data):
    """The flash as a cut at this step may leave it: before it, or after a part of it."""
    yield bytearray(cells)
    for part in (1, len(data) // 2, len(data) - 1) if data else ():
        cut = bytearray(cells)
        program(cut, place, data[:part])
        yield cut


def check(segment):
    """How many cuts there were of a device that meets this segment."""
    cells = filled()
    bad = block_of(cells, segment)
    lost = range(segment * PER_SEGMENT, min((segment + 1) * PER_SEGMENT, READINGS))
    kept = [each for each in range(READINGS) if each not in lost] + list(range(*NEW))
    now, steps, cuts = bytearray(cells), [], 0
    sent, dropped, files = start(cells, bad, steps)
    assert [name for _, name in sent] == kept, sent
    assert (dropped, files) == (len(lost), ["reserve", f"unreadable.{segment % 4}"]), (dropped, files)
    for number, (place, data) in enumerate(steps):
        for cut in torn(now, place, data):
            again = [name for _, name in start(cut, bad)[0]]
            assert again[-1] == NEW[1] - 1, again
            assert set(kept) <= set(again) | {name for at, name in sent if at <= number}, "lost"
            cuts += 1
        if data is None:
            now[place : place + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
        else:
            program(now, place, data)
    return cuts


print(f"cuts={sum(check(segment) for segment in range(SEGMENTS))}")
