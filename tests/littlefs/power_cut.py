# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: the flash driver on LittleFS on NOR flash in memory, the power cut at every step of it.

What the outbox was told is kept must be there after every cut, in the order it was kept, and no number may come twice:
no name of a reading, and no partial IV, whose state must never be lost.
The last line says how many cuts there were.
"""

from device.outbox import Outbox
from device.sequence import PartialIvs, ReadingSequence
from drivers.flash import Flash

from tests.fakes.littlefs import KEYS, Nor, PowerCutError, mount, provisioned, unmount
from tests.fakes.random import FakeRandom

READINGS = 30
IVS_PER_READING = 5  # so that a run reserves several blocks of them


def run(kept, names, ivs_taken, seed):
    """A device from its start: keeps readings, takes partial IVs, has every seventh batch acked."""
    flash = Flash(("state", "outbox"))
    ivs = PartialIvs(flash, KEYS)
    sequence = ReadingSequence(flash, FakeRandom(seed))
    outbox = Outbox(flash, segments_max=8, per_segment=8)
    for index in range(READINGS):
        number = sequence.take()
        names.append((sequence.epoch, number))
        outbox.append(sequence.epoch, sequence.boot_count, (number, 0, index, index, 0, None))
        kept.append((sequence.epoch, number))
        for _ in range(IVS_PER_READING):
            ivs_taken.append(ivs.take())
        if index % 7 == 6:
            batch = outbox.peek(5)
            for each in batch:  # from here on it may be gone
                kept.remove((batch.epoch, each[0]))
            outbox.ack(batch)


def drain():
    outbox = Outbox(Flash(("state", "outbox")), segments_max=8, per_segment=8)
    found = []
    batch = outbox.peek(60)
    while batch is not None:
        found.extend((batch.epoch, each[0]) for each in batch)
        outbox.ack(batch)
        batch = outbox.peek(60)
    return found


def cut(cells, cut_at):
    """Says whether the power was cut before the run ended; checks what is left."""
    kept, names, ivs, was_cut = [], [], [], False
    nor = Nor(bytearray(cells), cut_at)
    try:
        mount(nor)
        run(kept, names, ivs, 1)
    except (PowerCutError, OSError):
        was_cut = True
    unmount()
    mount(Nor(nor.cells))
    found = drain()
    assert [name for name in found if name in kept] == kept, (cut_at, kept, found)
    again, ivs_again = [], []
    run([], again, ivs_again, 2)  # a lost state of partial IVs would end it here
    assert len(ivs_again) == READINGS * IVS_PER_READING, cut_at
    assert not set(ivs) & set(ivs_again), (cut_at, ivs, ivs_again)
    assert len(set(ivs)) == len(ivs), cut_at
    assert not [name for name in again if name in names], (cut_at, names, again)
    unmount()
    return was_cut


def main():
    cells, cuts = provisioned(), 0
    while cut(cells, cuts):
        cuts += 1
    print(f"cuts={cuts}")


main()
