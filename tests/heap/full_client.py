# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython with a small heap: the client without a bin around it posts 200 messages over UDP.

Argument: port of the fleet on this machine. Block-wise transfer belongs here as soon as the wire has it.
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
from wire import ccm, oscore, reading

MESSAGES = 200
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


def main(port):
    clock, random, readings = Clock(time), Entropy(), Readings()
    context = oscore.Context(ccm.Ccm(aes), KID, KEYS[0], b"", KEYS[1], KEYS[2])
    session = Session(Ivs(), random, lambda id_context: context)
    link = Link((readings,), Udp(Cable(), "127.0.0.1", port), clock, random, session, Notice())
    while readings.number < MESSAGES:
        link.poll(7, 1)
        clock.sleep_ms(1)
    print("acked", readings.number)


main(int(sys.argv[1]))
