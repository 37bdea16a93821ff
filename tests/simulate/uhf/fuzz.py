# SPDX-License-Identifier: Apache-2.0
"""What a bad line can make of frames: random and mutated ones, for a driver that must neither fail nor believe them."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.clock import FakeClock
from tests.fakes.uart import FakeUart
from tools.simulate.uhf.magicrf import tag_crc

ENTER_READS = 3  # of one tag within two seconds, which is longer than a block (device/parse_reader.py)
BLOCK = 500  # frames between two looks at what came out


@dataclass
class Outcome:
    frames: int = 0
    whole: int = 0  # sent as they are
    damaged: int = 0  # anything else
    tags: int = 0  # that came out
    lost: int = 0  # sent whole, and no tag
    false: list[str] = field(default_factory=list)  # tags that nobody sent like that
    broken: list[str] = field(default_factory=list)  # of the false ones, those that not even the tag's CRC speaks for
    entered: list[str] = field(default_factory=list)  # of the false ones, those that were read as often as enters
    signal: int = 0  # of the right EPC, which the tag's own CRC protects, with a signal that was damaged unseen

    def __str__(self) -> str:
        return (
            f"{self.frames} frames, {self.whole} whole, {self.damaged} random or mutated: {self.tags} tags, "
            f"{len(self.false)} false, {len(self.entered)} entered, {self.lost} lost, "
            f"{self.signal} with a wrong signal"
        )


def fuzz(seed: int, count: int, module: Any, make_reader: Callable[[FakeUart, FakeClock], Any]) -> Outcome:
    """Bring a reader up, then put `count` frames on its line; each tag has an EPC of its own."""
    chance, clock, outcome = random.Random(seed), FakeClock(), Outcome()
    uart = FakeUart(module.hear)
    reader = make_reader(uart, clock)
    uart.arrives(module.nothing())
    while not reader.reads:
        assert list(reader.poll()) == []
        clock.sleep_ms(1100)
        uart.arrives(module.nothing())
    while outcome.frames < count:
        _block(chance, min(BLOCK, count - outcome.frames), module, uart, clock, reader, outcome)
    return outcome


def _block(
    chance: random.Random, count: int, module: Any, uart: FakeUart, clock: FakeClock, reader: Any, outcome: Outcome
) -> None:
    line = bytearray()
    tags: dict[bytes, bytes] = {}  # EPC: its frame
    whole: set[bytes] = set()
    before = b"-"
    for _ in range(count):
        epc = chance.randbytes(2 * chance.choice((6, 6, 6, 1, 2, 8, 12, 31)))
        rssi_dbm = chance.randrange(-90, -20)
        frame = module.tag(epc, rssi_dbm)
        tags[epc] = frame
        arrived = frame if chance.random() < 0.2 else damaged(chance, frame)
        # A frame that only lacked its last byte may find it in the head of the next, which then has none.
        if arrived == frame and not (line + frame[:1]).endswith(before):
            whole.add(epc)
        before = frame
        line += arrived
    found: list[tuple[bytes, int]] = []
    start = 0
    while start < len(line):
        size = chance.randrange(1, 400)
        uart.arrives(bytes(line[start : start + size]))
        found.extend((epc, rssi_dbm) for epc, rssi_dbm, _ in reader.poll())
        start += size
        clock.sleep_ms(10)
    clock.sleep_ms(200)
    found.extend((epc, rssi_dbm) for epc, rssi_dbm, _ in reader.poll())
    times = Counter(epc for epc, _ in found)
    for epc, rssi_dbm in found:
        if epc not in tags:
            outcome.false.append(f"{epc.hex()} {rssi_dbm} dBm")
            outcome.broken += [epc.hex()] * (not _is_by_crc(epc, line))
            outcome.entered += [epc.hex()] * (times[epc] >= ENTER_READS)
        elif epc not in whole and tags[epc] not in line:  # a stump that what came after it made whole is whole
            outcome.signal += 1
    outcome.frames += count
    outcome.whole += len(whole)
    outcome.damaged += count - len(whole)
    outcome.tags += len(found)
    outcome.lost += len(whole - {epc for epc, _ in found})


def _is_by_crc(epc: bytes, line: bytearray) -> bool:
    """Whether the EPC is somewhere on the line behind a PC and before the CRC that a tag would send with both."""
    at = line.find(epc)
    while at >= 0:
        if tag_crc(bytes(line[at - 2 : at]) + epc) == line[at + len(epc) : at + len(epc) + 2]:
            return True
        at = line.find(epc, at + 1)
    return False


def damaged(chance: random.Random, frame: bytes) -> bytes:
    """The frame after one thing or another happened to it, or something that looks like one."""
    if chance.random() < 0.5:
        return _mutated(chance, bytearray(frame))
    at = chance.randrange(len(frame))
    return chance.choice(
        (
            chance.randbytes(chance.randrange(1, 60)),
            frame[:1] + chance.randbytes(chance.randrange(1, 60)),
            frame[:5] + chance.randbytes(len(frame) - 6) + frame[-1:],  # all but the contents
            frame[:at],
            frame[at + 1 :],
        )
    )


def _mutated(chance: random.Random, frame: bytearray) -> bytes:
    kind, at, size = chance.randrange(5), chance.randrange(len(frame)), chance.randrange(1, 9)
    if kind == 0:
        del frame[at : at + size]
    elif kind == 1:
        frame[at:at] = chance.randbytes(size)
    elif kind == 2:  # two bytes change places
        other = chance.randrange(len(frame))
        frame[at], frame[other] = frame[other], frame[at]
    elif kind == 3:
        frame[at : at + size] = chance.randbytes(len(frame[at : at + size]))
    else:
        for _ in range(size):
            frame[chance.randrange(len(frame))] ^= 1 << chance.randrange(8)
    return bytes(frame)
