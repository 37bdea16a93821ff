# SPDX-License-Identifier: Apache-2.0
"""The link posts from several sources, and passes on what an ack brings along."""

from tests.fakes.fleet import ScriptedFleet
from tests.fakes.linked_device import Device


class Notes:
    """A source with notes of its own, each a message."""

    path = "h"

    def __init__(self, *notes):
        self.notes = list(notes)
        self.refused = []

    def peek(self, limit):
        return Note(self.notes[0]) if self.notes else None

    def pack(self, batch, epoch, boot_count, uptime_s):
        return batch.text

    def ack(self, batch):
        self.notes.remove(batch.text)

    def set_aside(self, batch):
        self.refused.append(batch.text)
        self.ack(batch)


class Note:
    def __init__(self, text):
        self.text = text

    def __len__(self):
        return 1

    def __str__(self):
        return self.text.decode()

    def release(self):
        pass


def test_the_first_source_that_has_something_goes_first():
    fleet, notes = ScriptedFleet(), Notes(b"one", b"two")
    device = Device(fleet, before=(notes,))
    device.take(0, 2)
    device.run(1)

    assert fleet.posted == [("h", b"one"), ("h", b"two")]
    assert device.notice.heard == [("acked", "one"), ("acked", "two"), ("acked", [0, 1, 2])]
    assert notes.notes == []


def test_what_one_source_is_refused_keeps_no_other_back():
    fleet, notes = ScriptedFleet(["reject"]), Notes(b"bad")
    device = Device(fleet, before=(notes,))
    device.take(0, 2)
    device.run(10)

    assert notes.refused == [b"bad"]
    assert device.stored() == [0, 1, 2]


def test_a_fleet_that_knows_nothing_of_a_source_gets_the_readings_all_the_same():
    fleet, notes = ScriptedFleet(["broken"]), Notes(b"new")
    device = Device(fleet, before=(notes,))
    device.take(0, 2)
    device.run(1)

    assert notes.refused == [b"new"]
    assert device.stored() == [0, 1, 2]


def test_news_come_with_an_ack_and_only_when_there_are_any():
    fleet = ScriptedFleet()
    device = Device(fleet)
    device.take(0, 0)
    device.run(1)
    fleet.news = b"plan"
    device.take(1, 1)
    device.run(1)

    assert device.notice.heard == [("acked", [0]), ("acked", [1]), ("news", b"plan")]
