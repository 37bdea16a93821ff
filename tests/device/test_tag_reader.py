# SPDX-License-Identifier: Apache-2.0
"""The reader of tags: what its module reads becomes events in the outbox, whatever module and flash do."""

from device import tag_batch
from device.outbox import Outbox
from device.presence import Presence
from device.sequence import ReadingSequence
from device.status import Status
from device.tag_reader import TagReader
from wire import health, tags

from tests.fakes.clock import FakeClock
from tests.fakes.flash import FakeFlash
from tests.fakes.random import FakeRandom

EPC, OTHER = bytes(12), bytes(11) + b"\x01"


class FakeModule:
    """Reads what it is given; raises once what it is told to."""

    firmware = "1.0"

    def __init__(self):
        self.reads = True
        self.before = []
        self.fails = None
        self.starts = 0

    def start(self):
        self.starts += 1
        self.reads = False

    def poll(self):
        for epc in self.before:
            yield epc, -50, 1
        if self.fails is not None:
            error, self.fails = self.fails, None
            raise error


class Set:
    def __init__(self, **sizes):
        self.lines = []
        self.flash = FakeFlash()
        self.clock = FakeClock()
        self.module = FakeModule()
        self.status = Status(self.lines.append)
        self.outbox = Outbox(self.flash, tag_batch, **sizes)
        presence = Presence(2, 2, -60, 10, -70, 60)
        sequence = ReadingSequence(self.flash, FakeRandom())
        self.reader = TagReader(
            self.module, presence, self.outbox, sequence, self.clock, self.status, self.lines.append
        )

    def run(self, rounds, step_ms=500):
        for _ in range(rounds):
            self.reader.poll()
            self.clock.sleep_ms(step_ms)

    def events(self):
        batch = self.outbox.peek(40)
        return [] if batch is None else [(each[1], each[6]) for each in batch]


def test_a_tag_that_comes_and_goes_is_two_events():
    device = Set()
    device.module.before = [EPC]
    device.run(4)
    device.module.before = []
    device.run(30)

    assert device.events() == [(tags.ENTERED, EPC), (tags.LEFT, EPC)]
    assert any(line.startswith("tag sequence=0 kind=entered antenna=1 ") for line in device.lines)


def test_a_tag_that_stays_is_told_now_and_then():
    device = Set()
    device.module.before = [EPC]
    device.run(250)

    assert device.events() == [(tags.ENTERED, EPC), (tags.PRESENT, EPC), (tags.PRESENT, EPC)]


def test_a_module_that_fails_is_a_status_and_starts_again():
    device = Set()
    device.run(1)
    device.module.fails = OSError(5, "no_answer: region")
    device.run(1)

    assert (device.status.code, device.module.starts) == ("reader_fault", 1)
    assert device.reader.tell()[health.CELL_FAULTS] == ((0, 1),)
    device.module.reads = True
    device.run(1)
    assert device.status.code == "ok"
    assert device.reader.tell()[health.CELL_FAULTS] == ((0, 0),)
    assert device.lines.count("reader firmware=1.0") == 2


def test_tags_that_were_read_before_the_module_failed_count():
    device = Set()
    device.module.before = [EPC, EPC]
    device.module.fails = OSError(5, "no_answer: read")
    device.run(1)

    assert device.events() == [(tags.ENTERED, EPC)]


def test_an_event_that_the_flash_does_not_take_is_told_again():
    device = Set()
    device.flash.room_for(0)
    device.module.before = [EPC]
    device.run(4)
    assert device.status.code == "flash_error"
    device.flash.room_for(None)
    device.run(4)

    assert device.events() == [(tags.ENTERED, EPC)]
    assert device.status.code == "ok"


def test_where_nothing_but_changes_is_left_the_oldest_become_a_gap_and_it_is_said():
    device = Set(segments_max=3, per_segment=8)
    for number in range(100):
        device.module.before = [bytes((number, 0))]
        device.run(6)

    assert device.reader.tell()[health.DROPPED] == device.outbox.dropped > 0
    assert device.status.code == "outbox_full"
    newest = []
    batch = device.outbox.peek(40)
    while batch is not None:
        newest.extend(each[:2] + each[5:6] for each in batch)
        device.outbox.ack(batch)
        batch = device.outbox.peek(40)
    assert newest == sorted(newest)
    lost = sum(reads for _, kind, reads in newest if kind == tags.GAP)
    changes = sum(kind != tags.GAP for _, kind, _ in newest)
    assert lost == device.outbox.dropped
    assert lost + changes >= 180
