# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: the outbox fills LittleFS to its last block; each new reading still finds room, and no number
fails to be reserved. The last line says how many readings were dropped.
"""

from device.outbox import Outbox
from device.sequence import PartialIvs, ReadingSequence
from drivers.flash import Flash

from tests.fakes.littlefs import KEYS, Nor, mount, provisioned
from tests.fakes.random import FakeRandom

READINGS = 1500


def main():
    mount(Nor(provisioned()))
    flash = Flash(("state", "outbox"))
    sequence, ivs, outbox = ReadingSequence(flash, FakeRandom()), PartialIvs(flash, KEYS), Outbox(flash)
    for _ in range(READINGS):
        number = sequence.take()
        ivs.take()
        outbox.append(sequence.epoch, sequence.boot_count, (number, 0, 0, 0, 0, None))
    kept = []
    outbox = Outbox(flash)
    batch = outbox.peek(60)
    while batch is not None:
        kept.extend(each[0] for each in batch)
        outbox.ack(batch)
        batch = outbox.peek(60)
    assert kept == list(range(READINGS - len(kept), READINGS)), kept
    print(f"dropped={READINGS - len(kept)}")


main()
