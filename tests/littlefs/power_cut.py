# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: the power is cut at every program and every erase of a device's flash, which is NOR in memory.

Arguments: the workload (roomy, thinned, gaps, full or together) and how many rounds it takes. A workload runs once, and
what it does to the flash is written down. Then, for each step, the flash is made as a cut there leaves it: before the
step, or in the middle of it, with a part of a program, or of an erase. A device that starts with it must find what was
promised.
The last line says how many cuts there were, and of what.
"""

import gc
import sys

from device.outbox import Outbox
from device.sequence import PartialIvs, ReadingSequence
from device.thin import KEEP_S
from drivers.flash import Flash

from tests.fakes.littlefs import BLOCK_BYTES, KEYS, Nor, mount, program, provisioned, unmount
from tests.fakes.random import FakeRandom

PER_SEGMENT = 16  # times 28 bytes: most of a block
PLAN = "state/plan"
BALLAST = "state/ballast"  # takes the room that a workload shall not have
FAR = 10**9
# blocks, of them taken by others, segments_max, rounds from one ack to the next, heartbeats in ten readings, the most
# readings that come in one round
WORKLOADS = {
    "roomy": (48, 0, 99, 19, 7, 1),
    "thinned": (48, 0, 4, 110, 8, 1),
    "gaps": (48, 0, 4, 115, 3, 1),
    "full": (32, 21, 99, 100, 5, 1),
    "together": (48, 0, 4, 60, 5, 8),
}


class History:
    """What a device promised, with the step of the flash at which it held."""

    def __init__(self):
        self.steps = []  # the journal of the flash
        self.readings = []  # (step handed over, step kept, (sequence, channel, uptime_s, heartbeat))
        self.stored = []  # (step, name): the fleet has it
        self.plans = []  # (step begun, step done, content)
        self.ivs = []  # (step, partial IV)
        self.thinned = self.dropped = 0

    def end(self, device):
        device.close()
        self.thinned += device.outbox.thinned
        self.dropped += device.outbox.dropped

    def now(self):
        return len(self.steps)


class Device:
    """A device from its start, on whatever flash is mounted."""

    def __init__(self, segments_max, seed):
        self.flash = Flash(("state", "outbox"))
        self.sequence = ReadingSequence(self.flash, FakeRandom(seed))
        self.ivs = PartialIvs(self.flash, KEYS)
        self.outbox = Outbox(self.flash, segments_max=segments_max, per_segment=PER_SEGMENT)

    def keep(self, readings):
        """By one write."""
        data = b""
        for number, channel, uptime_s, heartbeat in readings:
            values = (number, channel, uptime_s, uptime_s, 0, None)
            data += self.outbox.records.record(self.sequence.epoch, self.sequence.boot_count, values, heartbeat)
        self.outbox.keep(data)

    def close(self):
        self.flash.remove("nothing")  # what is open is closed with it


def work(history, rounds, segments_max, ack_every, heartbeats, together):
    """Readings, partial IVs, acks, plans, and restarts in between."""
    random, device = FakeRandom(7), Device(segments_max, 1)
    for index in range(rounds):
        if index % 97 == 96:
            history.end(device)
            device = Device(segments_max, 1)
        readings = []
        for each in range(1 + random.below(together) if together > 1 else 1):
            heartbeat = random.below(10) < heartbeats
            readings.append((device.sequence.take(), random.below(3), 1000 * index + each, heartbeat))
        begun = history.now()
        device.keep(readings)
        history.readings.extend((begun, history.now(), reading) for reading in readings)
        for _ in range(3):
            iv = device.ivs.take()
            history.ivs.append((history.now(), iv))
        if index % ack_every == ack_every - 1:
            ack(device.outbox, history, 1 + random.below(40))
        if index % 23 == 22:
            begun, plan = history.now(), b"plan %d" % index
            device.flash.replace(PLAN, plan)
            history.plans.append((begun, history.now(), plan))
    history.end(device)


def ack(outbox, history, limit):
    batch = outbox.peek(limit)
    if batch is not None:
        for each in batch:
            history.stored.append((history.now(), each))
        outbox.ack(batch)


def fill(blocks):
    """Take that much room away."""
    Flash(()).write(BALLAST, (bytes(BLOCK_BYTES - 8) for _ in range(blocks)))


def cells_of(workload):
    """The flash before a workload begins."""
    blocks, taken = WORKLOADS[workload][:2]
    cells = provisioned(blocks)
    nor = Nor(cells)
    mount(nor)
    if taken:
        fill(taken)
    unmount()
    return cells


def torn(step):
    """How far a step may have got: functions of (cells) that do a part of it."""
    data = step[1]
    if data is None:
        return (_half_erased, _weakly_erased)
    size = len(data)
    return tuple(_programmed(part) for part in sorted({1, size // 2, size - 1}))


def _programmed(part):
    return lambda cells, place, data: program(cells, place, data[:part])


def _half_erased(cells, place, _):
    cells[place : place + BLOCK_BYTES // 2] = b"\xff" * (BLOCK_BYTES // 2)


def _weakly_erased(cells, place, _):
    for index in range(place, place + BLOCK_BYTES):
        cells[index] |= 0x55 if index & 1 else 0xC7


class Checker:
    """Starts a device on flash that was cut at a step, and compares what it finds with what was promised."""

    def __init__(self, history, segments_max, thins):
        self.history = history
        self.segments_max = segments_max
        self.thins = thins

    def check(self, cells, step):
        mount(Nor(cells))
        device = Device(self.segments_max, 99)
        self.check_numbers(device, step)
        self.check_plan(device.flash.read(PLAN), step)
        found = drain(device.outbox)
        device.keep([(device.sequence.take(), 0, FAR, False)])  # and on it goes
        device.flash.replace(PLAN, b"next")
        assert [each[2] for each in device.outbox.peek(60)] == [FAR], "what is kept after the cut"
        device.close()
        unmount()
        self.check_readings(found, step)

    def check_numbers(self, device, step):
        taken = [reading[0] for begun, _, reading in self.history.readings if begun <= step]
        assert not taken or device.sequence.take() > taken[-1], "a name comes twice"
        used = [iv for at, iv in self.history.ivs if at <= step]
        assert not used or device.ivs.take() > used[-1], "a nonce comes twice"

    def check_plan(self, plan, step):
        """The newest that was done, or one that was begun after it."""
        old = [content for _, done, content in self.history.plans if done <= step]
        new = [content for begun, done, content in self.history.plans if begun <= step < done]
        assert plan in old[-1:] + new or (plan is None and not old), "another plan"

    def check_readings(self, found, step):
        names = [each[0] for each in found]
        assert names == sorted(set(names)), "out of order, or twice"
        fleet = {each[0]: each for at, each in self.history.stored if at <= step}
        for each in found:
            assert fleet.setdefault(each[0], each) == each, "one name, two readings"
        gaps = gaps_in(fleet)
        self.check_kept(fleet, gaps, step)
        assert not gaps or self.thins, "lost"

    def check_kept(self, fleet, gaps, step):
        """Each reading is there, or thinned by the rule, or told by a gap."""
        seen, missing = {}, {}
        told = first_after(fleet, max((last for last, _ in gaps.values()), default=-1))
        for begun, kept, (number, channel, uptime_s, heartbeat) in self.history.readings:
            if begun > step:
                break
            if fleet.get(number, (0, 0, 0, None))[3] is not None:
                assert fleet[number][1:4] == (channel, uptime_s, uptime_s), "another reading"
                seen[channel] = number, uptime_s
            elif kept > step:
                pass  # on its way when the power went
            elif heartbeat:
                last, last_s = seen.get(channel, (-1, 0))
                assert self.thins, "lost"
                assert last < told or uptime_s - last_s < KEEP_S[-1], "more thinned than the rule says"
            else:
                assert number <= gaps.get(channel, (-1, 0))[0], "lost without a gap"
                missing[channel] = missing.get(channel, 0) + 1
        for channel in missing:
            assert missing[channel] <= gaps[channel][1], "a gap tells too few"


def gaps_in(fleet):
    """{channel: (name of the last reading that was lost, how many)}"""
    gaps = {}
    for number, channel, _, raw, lost, _ in fleet.values():
        if raw is None:
            last, before = gaps.get(channel, (-1, 0))
            gaps[channel] = max(last, number), before + lost
    return gaps


def first_after(fleet, number):
    """The name of the first reading after that one."""
    return min((name for name, each in fleet.items() if name > number and each[3] is not None), default=FAR)


def drain(outbox):
    found = []
    batch = outbox.peek(60)
    while batch is not None:
        found.extend(batch)
        outbox.ack(batch)
        batch = outbox.peek(60)
    return found


def cut_at(step, cells, check):
    """Check all that a cut of this step may leave; how many that is."""
    place, data = step
    parts = torn(step)
    check(bytearray(cells))
    for tear in parts:
        part = bytearray(cells)
        tear(part, place, data)
        check(part)
    return 1 + len(parts)


def main(workload, rounds):
    _, _, *how = WORKLOADS[workload]
    cells, history = cells_of(workload), History()
    now = bytearray(cells)
    mount(Nor(cells, history.steps))
    work(history, rounds, *how)
    unmount()
    checker = Checker(history, how[0], workload != "roomy")
    cuts = erases = 0
    for number, step in enumerate(history.steps):
        gc.collect()
        cuts += cut_at(step, now, lambda cells, number=number: checker.check(cells, number))
        place, data = step
        if data is None:
            erases += 1
            now[place : place + BLOCK_BYTES] = b"\xff" * BLOCK_BYTES
        else:
            program(now, place, data)
    assert now == cells
    programs = len(history.steps) - erases
    print(f"cuts={cuts} programs={programs} erases={erases} thinned={history.thinned} dropped={history.dropped}")


main(sys.argv[1], int(sys.argv[2]))
