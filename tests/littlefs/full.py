# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: the outbox fills LittleFS to its last block; each new reading still finds room, no number fails
to be reserved, and what is lost is told to the last reading. The last line says how many that were.
"""

from device.outbox import Outbox
from device.sequence import PartialIvs, ReadingSequence
from drivers.flash import Flash

from tests.fakes.littlefs import KEYS, Nor, mount, provisioned
from tests.fakes.random import FakeRandom

READINGS = 1500
CHANNELS = 3


def main():
    mount(Nor(provisioned()))
    flash = Flash(("state", "outbox"))
    sequence, ivs = ReadingSequence(flash, FakeRandom()), PartialIvs(flash, KEYS)
    outbox = Outbox(flash, per_segment=16)
    for _ in range(READINGS):
        number = sequence.take()
        ivs.take()
        reading = (number, number % CHANNELS, number, 0, 0, None)
        outbox.append(sequence.epoch, sequence.boot_count, reading, number % 2 == 0)
    kept, lost = [], 0
    outbox = Outbox(flash, per_segment=16)
    batch = outbox.peek(60)
    while batch is not None:
        for number, _, _, raw, spread, _ in batch:
            if raw is None:
                lost += spread
            elif number % 2:
                kept.append(number)
        outbox.ack(batch)
        batch = outbox.peek(60)
    assert kept == list(range(READINGS - 2 * len(kept) + 1, READINGS, 2)), kept
    assert lost + len(kept) == READINGS // 2, lost
    print(f"lost={lost}")


main()
