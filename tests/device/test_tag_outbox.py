# SPDX-License-Identifier: Apache-2.0
"""Tag events on flash and on their way: an outbox keeps them as it keeps readings, and the link takes them away."""

from device import tag_batch
from device.outbox import Outbox
from device.tag_batch import PER_SEGMENT
from device.tag_source import TagSource
from wire import tags, unpack_tags
from wire.paths import PAYLOAD_MAX, TAGS

from tests.fakes.flash import FakeFlash
from tests.fakes.fleet import ScriptedFleet
from tests.fakes.linked_device import BOOT, EPOCH, Device


def event(sequence, kind=tags.ENTERED, epc=bytes(12), uptime_s=None):
    return (sequence, kind, 1, sequence if uptime_s is None else uptime_s, -50, 3, epc)


def new_outbox(flash=None, **sizes):
    sizes.setdefault("per_segment", PER_SEGMENT)
    return Outbox(flash or FakeFlash(), tag_batch, **sizes)


def keep(outbox, events):
    for each in events:
        outbox.append(EPOCH, BOOT, each, each[1] == tags.PRESENT)


def drain(outbox):
    found = []
    batch = outbox.peek(40)
    while batch is not None:
        found.extend(batch)
        outbox.ack(batch)
        batch = outbox.peek(40)
    return found


def test_an_event_comes_out_as_it_went_in():
    events = [
        (0, tags.ENTERED, 0, 0, 0, 0, b"\x00\x00"),
        (1, tags.LEFT, 15, 7, None, 65535, bytes(62)),
        (0xFFFFFFFF, tags.PRESENT, 1, 0xFFFFFFFF, -128, 1, bytes(range(12))),
    ]
    outbox = new_outbox()
    keep(outbox, events)

    batch = outbox.peek(40)

    assert (batch.epoch, batch.boot_count, list(batch)) == (EPOCH, BOOT, events)


def test_a_block_of_the_flash_is_full_of_records():
    assert 4096 - tag_batch.RECORD_SIZE < PER_SEGMENT * tag_batch.RECORD_SIZE <= 4096


def test_events_outlive_a_restart_and_a_torn_record():
    flash = FakeFlash()
    keep(new_outbox(flash), [event(0), event(1)])
    name = next(name for name in flash.files if name.endswith(".log"))
    flash.files[name] += flash.files[name][:50]
    outbox = new_outbox(flash)
    keep(outbox, [event(2)])

    assert [each[0] for each in drain(outbox)] == [0, 1, 2]


def test_a_reading_is_no_event():
    flash = FakeFlash()
    bins = Outbox(flash)
    bins.append(EPOCH, BOOT, (0, 0, 0, 1000, 5, None))

    assert new_outbox(flash).peek(40) is None


def test_a_full_outbox_thins_heartbeats_and_keeps_every_change():
    outbox = new_outbox(segments_max=4, per_segment=8)
    kept = []
    for sequence in range(200):
        kind = tags.PRESENT if sequence % 10 else tags.ENTERED
        if kind == tags.ENTERED:
            kept.append(sequence)
        keep(outbox, [event(sequence, kind)])

    changes = [each[0] for each in drain(outbox) if each[1] == tags.ENTERED]

    assert changes == kept


def test_an_outbox_full_of_changes_loses_the_oldest_and_a_gap_of_each_antenna_says_how_many():
    flash = FakeFlash()
    outbox = new_outbox(flash, segments_max=4, per_segment=8)
    for sequence in range(200):
        keep(outbox, [(sequence, tags.LEFT, sequence % 2, sequence, -50, 3, bytes(12))])

    events = drain(new_outbox(flash, per_segment=8))
    gaps = [each for each in events if each[1] == tags.GAP]
    kept = [each[0] for each in events if each[1] != tags.GAP]
    assert [(each[2], each[4], each[6]) for each in gaps] == [(gaps[0][2], None, b""), (1 - gaps[0][2], None, b"")]
    assert [each[0] for each in gaps] == [kept[0] - 2, kept[0] - 1]  # they have the names of the last that went
    assert kept == list(range(kept[0], 200))
    assert sum(each[5] for each in gaps) == kept[0] == outbox.dropped


def test_a_gap_goes_out_as_an_event_does():
    fleet = ScriptedFleet()
    device = Reader(fleet)
    gap = (4, tags.GAP, 1, 0, None, 41, b"")
    keep(device.tags, [gap, event(5, uptime_s=0)])
    device.run(2)

    assert told(fleet) == [(EPOCH, BOOT, 0, [gap, event(5, uptime_s=0)])]


class Reader(Device):
    """A device whose tag events go before its readings."""

    def __init__(self, fleet):
        self.tags = new_outbox()
        super().__init__(fleet, before=(TagSource(self.tags),))


def told(fleet):
    return [unpack_tags.unpack(payload) for path, payload in fleet.posted if path == TAGS]


def test_events_reach_the_fleet_and_are_forgotten():
    fleet = ScriptedFleet()
    device = Reader(fleet)
    events = [event(1, uptime_s=0), event(2, tags.LEFT, uptime_s=0)]
    keep(device.tags, events)
    device.run(2)

    assert told(fleet) == [(EPOCH, BOOT, 0, events)]
    assert device.tags.peek(40) is None


def test_events_that_do_not_fit_go_in_several_messages():
    fleet = ScriptedFleet()
    device = Reader(fleet)
    events = [event(sequence, epc=bytes(62), uptime_s=0) for sequence in range(30)]
    keep(device.tags, events)
    device.run(5)

    messages = told(fleet)
    assert [len(message[3]) for message in messages][:2] == [tags.count_fitting(events)] * 2
    assert [each for message in messages for each in message[3]] == events
    assert all(len(payload) <= PAYLOAD_MAX for _, payload in fleet.posted)


def test_an_event_that_the_fleet_refuses_is_set_aside_alone():
    fleet = ScriptedFleet(["reject"])
    device = Reader(fleet)
    keep(device.tags, [event(5, uptime_s=0)])
    device.run(2)

    assert told(fleet) == []
    assert device.tags.peek(40) is None
    assert [what for what, _ in device.notice.heard] == ["rejected"]
