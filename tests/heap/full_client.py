# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython with a small heap: the client without a bin around it posts 200 messages over UDP, then something
large, whose answer is as large, in blocks.

Arguments: port of the fleet on this machine, its keys.
"""

import sys
import time

import boot  # noqa: F401 - as a board does
import wire.oscore  # noqa: F401 - the largest first
from cryptolib import aes
from device.link import Link
from device.session import Session
from drivers.clock import Clock
from drivers.entropy import Entropy
from drivers.udp import Udp
from wire import ccm, coap, oscore, reading
from wire.exchange import ACKED, PENDING, Exchange

MESSAGES = 200
BODY = bytes(2000)
KID, KEYS = b"\x00\x01", [bytes.fromhex(each) for each in sys.argv[2:]]


class Batch(list):
    def release(self):
        pass


class Readings:
    """A source of one reading after the other."""

    path = "r"

    def __init__(self):
        self.number = 0

    def peek(self, limit):
        number = self.number
        return Batch([(number, 0, 60 * number, 3_000_000 + number, 200, 2150)]) if number < MESSAGES else None

    def pack(self, batch, epoch, boot_count, uptime_s):
        return reading.pack(epoch, boot_count, None, batch)

    def ack(self, batch):
        self.number += 1


class Cable:
    def connected(self):
        return True


class Notice:
    def acked(self, batch):
        pass


class Ivs:
    next = 0
    is_lost, is_told, id_context = False, True, b""

    def take(self):
        self.next += 1
        return self.next


class Count:
    """Takes what is read, piece by piece, as a flash would."""

    total = 0

    def take(self, data):
        self.total += len(data)


def run(transfer, radio, clock, random, session):
    while not transfer.is_done:
        code, options, payload = transfer.request()
        number = session.ivs.take()
        value, ciphertext, binding = session.context.protect_request(number, code, options, payload)
        datagram = coap.datagram(coap.CON, coap.POST, number, b"", [(coap.OSCORE, value)], ciphertext)
        one = Exchange(datagram, number, b"", clock.ticks_ms(), random.below)
        del options, payload, ciphertext
        while one.state in (PENDING, ACKED):
            datagram = one.due(clock.ticks_ms())
            if datagram is not None:
                radio.send(datagram)
            datagram = radio.receive()
            if datagram is not None:
                one.receive(coap.decode(datagram), clock.ticks_ms())
            clock.sleep_ms(1)
        transfer.take(*session.context.unprotect_response(binding, one.response))


def main(port):
    clock, random, readings = Clock(time), Entropy(), Readings()
    context = oscore.Context(ccm.Ccm(aes), KID, KEYS[0], b"", KEYS[1], KEYS[2])
    session = Session(Ivs(), random, lambda id_context: context)
    radio = Udp(Cable(), "127.0.0.1", port)
    link = Link((readings,), radio, clock, random, session, Notice())
    while readings.number < MESSAGES:
        link.poll(7, 1)
        clock.sleep_ms(1)
    from wire.blockwise import Transfer  # now and then

    count = Count()
    run(Transfer(coap.POST, [(coap.URI_PATH, b"big")], BODY, len(BODY), count.take), radio, clock, random, session)
    print("acked", readings.number, "read", count.total)


main(int(sys.argv[1]))
