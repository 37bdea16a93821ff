# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython with a small heap: readings are kept on real files, reported in full messages, and acked.

Argument: how many readings. Runs in an empty working directory, with firmware/ on MICROPYPATH. The fleet's half of each
exchange lives in the same heap, so that a device needs less than this.
"""

import gc
import sys

from cryptolib import aes
from device.link import Link
from device.outbox import Outbox
from device.sequence import PartialIvs, ReadingSequence, fingerprint, provision
from drivers.entropy import Entropy
from drivers.flash import Flash
from wire import coap, oscore
from wire.ccm import Ccm

SECRET, SALT, KID = bytes(16), b"", b"\x00\x01"
FULL = 60  # readings in one message


class Clock:
    now_ms = 0

    def ticks_ms(self):
        return self.now_ms & 0x3FFFFFFF

    def uptime_s(self):
        return self.now_ms // 1000


class Fleet:
    """A radio whose far end answers every request with a protected 2.04."""

    def __init__(self):
        self._context = oscore.Context.derive(Ccm(aes), SECRET, SALT, b"", KID)
        self._answer = None
        self.longest = 0

    def ready(self):
        return True

    def send(self, datagram):
        self.longest = max(self.longest, len(datagram))
        message = coap.decode(datagram)
        binding = self._context.unprotect_request(message)[3]
        option, ciphertext = self._context.protect_response(binding, coap.CHANGED, [], b"")
        answer = coap.Message(coap.ACK, coap.CHANGED, message.message_id, b"", [(coap.OSCORE, option)], ciphertext)
        self._answer = coap.encode(answer)

    def receive(self):
        answer, self._answer = self._answer, None
        return answer


class Notice:
    """Counts the readings that were acked; whatever else the link says would be a failure."""

    count = 0

    def acked(self, batch):
        self.count += len(batch)


def main(wanted):
    clock, fleet, notice = Clock(), Fleet(), Notice()
    flash = Flash(("state", "outbox"))
    keys = fingerprint(SECRET, SALT, KID)
    provision(flash, keys)
    sequence = ReadingSequence(flash, Entropy())
    outbox = Outbox(flash)
    context = oscore.Context.derive(Ccm(aes), SECRET, SALT, KID, b"")
    link = Link(outbox, fleet, clock, Entropy(), context, PartialIvs(flash, keys), notice)
    while notice.count < wanted:
        for _ in range(FULL):
            raw = 3_000_000 if clock.uptime_s() % 2 else 3_040_000
            reading = (sequence.take(), 0, clock.uptime_s(), raw, 200, 2150)
            outbox.append(sequence.epoch, sequence.boot_count, reading)
            clock.now_ms += 1000
        for _ in range(2):
            link.poll(sequence.epoch, sequence.boot_count)
    gc.collect()
    print(f"acked={notice.count} longest_datagram={fleet.longest} heap_used={gc.mem_alloc()}")


main(int(sys.argv[1]))
