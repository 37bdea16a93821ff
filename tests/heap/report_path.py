# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython with a small heap: readings are kept on files, reported in full messages over UDP, and acked.

Arguments: port of the fleet on this machine, how many readings, and "lost" for a device without OSCORE state. Runs in
an empty working directory, with firmware/, or what mpy-cross made of it, on MICROPYPATH.
"""

import gc
import sys
import time

import boot  # noqa: F401 - as a board does
import wire.oscore
import wire.reading  # noqa: F401 - as apps.joined does
from cryptolib import aes
from device.forget import forget
from device.keys import fingerprint
from device.link import Link
from device.outbox import Outbox
from device.reading_source import ReadingSource
from device.sequence import PartialIvs, ReadingSequence
from device.session import Session
from drivers.clock import Clock
from drivers.entropy import Entropy
from drivers.flash import Flash
from drivers.udp import Udp
from wire.ccm import Ccm
from wire.oscore import Context

SECRET, SALT, KID = bytes(range(16)), b"", b"\x00\x01"
FULL = 60  # readings in one message


class Cable:
    def connected(self):
        return True


class Notice:
    """Counts the readings that were acked; whatever else the link says would be a failure."""

    count = 0

    def acked(self, batch):
        self.count += len(batch)


def derive(id_context):
    context = Context.derive(Ccm(aes), SECRET, SALT, KID, b"", id_context)
    forget("wire.derive", "wire.hkdf", "wire.renewal", "device.renewing")  # as the app does
    return context


def main(port, wanted, is_lost):
    clock, notice = Clock(time), Notice()
    flash = Flash(("state", "outbox"))
    keys = fingerprint(SECRET, SALT, KID)
    ivs = PartialIvs(flash, keys)
    if not is_lost:
        ivs.begin(b"")
    sequence = ReadingSequence(flash, Entropy())
    outbox = Outbox(flash)
    forget("device.look", "device.reserve", "device.keys")
    session = Session(ivs, Entropy(), derive)
    radio = Udp(Cable(), "127.0.0.1", port)
    link = Link((ReadingSource(outbox),), radio, clock, Entropy(), session, notice)
    taken = 0
    while notice.count < wanted:
        while taken < notice.count + FULL:
            taken += 1
            reading = (sequence.take(), 0, clock.uptime_s(), 3_000_000 + taken % 2 * 40_000, 200, 2150)
            outbox.append(sequence.epoch, sequence.boot_count, reading)
        link.poll(sequence.epoch, sequence.boot_count)
        clock.sleep_ms(1)
    gc.collect()
    print(f"acked={notice.count} heap_used={gc.mem_alloc()}")


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["lost"])
