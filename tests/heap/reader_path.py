# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython with a small heap: a module reads tags, their events are kept on files, reported, and acked.

Arguments: port of the fleet on this machine, how many events. Runs in an empty working directory, with firmware/, or
what mpy-cross made of it, on MICROPYPATH.
"""

import gc
import sys
import time

import boot  # noqa: F401 - as a board does
import wire.oscore  # noqa: F401 - as the app does
from cryptolib import aes
from device import tag_batch
from device.forget import forget
from device.keys import fingerprint
from device.link import Link
from device.outbox import Outbox
from device.presence import Presence
from device.sequence import PartialIvs, ReadingSequence
from device.session import Session
from device.status import Status
from device.tag_reader import TagReader
from device.tag_source import TagSource
from drivers.clock import Clock
from drivers.crc16 import gen2
from drivers.entropy import Entropy
from drivers.flash import Flash
from drivers.magicrf import MagicRf
from drivers.udp import Udp
from wire.ccm import Ccm
from wire.oscore import Context

SECRET, SALT, KID = bytes(range(16)), b"", b"\x00\x01"
TAGS = 100  # as many as have a place


class Cable:
    def connected(self):
        return True


class Line:
    """A module that agrees to everything and reads one tag after the other, each as often as it takes to enter."""

    def __init__(self):
        self._frame = bytearray(24)
        self._count = 0
        self._answer = b""
        self._reads = False

    def write(self, data):
        self._reads = data[2] == 0x27
        self._answer = b"" if self._reads else self._framed(1, data[2], b"\0")
        return len(data)

    def readinto(self, buffer):
        answer, self._answer = self._answer, b""
        if not answer and self._reads:
            pc_epc = b"\x30\x00" + bytes(10) + (self._count // 3 % TAGS).to_bytes(2, "big")
            self._count += 1
            answer = self._framed(2, 0x22, b"\xc9" + pc_epc + gen2(pc_epc, 0, 14).to_bytes(2, "big"))
        buffer[: len(answer)] = answer
        return len(answer) or None

    def _framed(self, kind, command, parameters):
        body = bytes((kind, command, 0, len(parameters))) + parameters
        return b"\xbb" + body + bytes((sum(body) & 255, 0x7E))


class Fast(Clock):
    """Seconds pass a thousand times as fast, so that tags have heartbeats."""

    def uptime_s(self):
        return self.ticks_ms()


def derive(id_context):
    context = Context.derive(Ccm(aes), SECRET, SALT, KID, b"", id_context)
    forget("wire.derive", "wire.hkdf")  # as the app does
    return context


def main(port, wanted):
    clock = Fast(time)
    flash = Flash(("state", "outbox"))
    keys = fingerprint(SECRET, SALT, KID)
    ivs = PartialIvs(flash, keys)
    ivs.begin(b"")
    sequence = ReadingSequence(flash, Entropy())
    outbox = Outbox(flash, tag_batch, per_segment=tag_batch.PER_SEGMENT)
    forget("device.look", "device.reserve", "device.keys")
    session = Session(ivs, Entropy(), derive)
    radio = Udp(Cable(), "127.0.0.1", port)
    module = MagicRf(Line(), clock, "m100", "eu", 20)
    said = [0, 0]

    def say(line):
        said[line.startswith("acked")] += 1

    reader = TagReader(module, Presence(3, 60000, -60, 60000, -70, 300), outbox, sequence, clock, Status(say), say)
    reader.link = Link((TagSource(outbox),), radio, clock, Entropy(), session, reader)
    while said[1] * 20 < wanted:
        reader.poll()
        clock.sleep_ms(1)
    gc.collect()
    print(f"acked={said[1]} heap_used={gc.mem_alloc()}")


main(int(sys.argv[1]), int(sys.argv[2]))
