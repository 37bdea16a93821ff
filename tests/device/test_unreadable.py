# SPDX-License-Identifier: Apache-2.0
"""A part of the flash cannot be read any more: what was in it is lost and told, and nothing else is."""

from device import plan
from device.batch import RECORD_SIZE
from device.mend import put_aside
from device.outbox import RESERVE, Outbox, segment_name
from device.sender import Sender
from device.sequence import OSCORE, READINGS, PartialIvs, ReadingSequence
from device.status import Status
from wire import pack_plan

from tests.expect import refused
from tests.fakes.fleet import ScriptedFleet
from tests.fakes.linked_device import KEYS, Device
from tests.fakes.provisioned import provision
from tests.fakes.random import FakeRandom
from tests.fakes.worn_flash import WornFlash

EPOCH, BOOT, PER_SEGMENT = 7, 1, 16
NEWS = pack_plan.pack((1, 300, 16, 100, 0, 0, (1200,)))


def new_outbox(flash, segments_max=99):
    return Outbox(flash, segments_max=segments_max, per_segment=PER_SEGMENT)


def movements(outbox, first, last):
    for sequence in range(first, last + 1):
        outbox.append(EPOCH, BOOT, (sequence, 0, sequence, 1000, 5, 2150))


def drain(outbox, limit=60):
    """The names of all that is in it, acked on the way."""
    found = []
    batch = outbox.peek(limit)
    while batch is not None:
        found.extend(each[0] for each in batch)
        outbox.ack(batch)
        batch = outbox.peek(limit)
    return found


def taken(outbox, sequence):
    """The name, when the outbox took it."""
    try:
        movements(outbox, sequence, sequence)
    except OSError:
        return []
    return [sequence]


def aside(flash):
    return [name for name in flash.names("outbox") if name.startswith("unreadable")]


def worn(segments, *unreadable):
    """A flash with so many segments, of which these cannot be read, and the outbox that wrote them."""
    flash = WornFlash()
    outbox = new_outbox(flash)
    movements(outbox, 0, segments * PER_SEGMENT - 1)
    for segment in unreadable:
        flash.wear(segment_name(segment))
    return flash, outbox


def test_the_oldest_segment_is_put_aside_and_counted_and_all_others_go_their_way():
    flash, outbox = worn(3, 0)

    assert drain(outbox) == list(range(PER_SEGMENT, 3 * PER_SEGMENT))
    assert outbox.dropped == PER_SEGMENT
    assert aside(flash) == ["unreadable.0"]


def test_so_it_is_wherever_the_segment_lies_and_after_a_restart():
    for segment in range(3):
        flash, _ = worn(3, segment)
        outbox = new_outbox(flash)
        movements(outbox, 100, 101)

        lost = range(segment * PER_SEGMENT, (segment + 1) * PER_SEGMENT)
        assert drain(outbox) == [name for name in range(3 * PER_SEGMENT) if name not in lost] + [100, 101]
        assert outbox.dropped == PER_SEGMENT


def test_the_newest_segment_is_appended_to_no_more():
    flash = WornFlash()
    movements(new_outbox(flash), 0, 4)
    flash.wear(segment_name(0))

    outbox = new_outbox(flash)
    movements(outbox, 5, 6)

    assert drain(outbox) == [5, 6]
    assert outbox.dropped == 5


def test_of_a_segment_whose_other_records_can_be_read_they_are_sent():
    for first, last in ((0, 2), (3, 4), (10, PER_SEGMENT)):
        for limit in (1, 4, 60):
            flash, outbox = worn(2)
            flash.wear(segment_name(0), first * RECORD_SIZE, last * RECORD_SIZE - 1)

            assert drain(outbox, limit) == [name for name in range(2 * PER_SEGMENT) if not first <= name < last]
            assert outbox.dropped == last - first


def test_what_was_acked_is_not_counted_as_lost():
    flash, outbox = worn(2)
    outbox.ack(outbox.peek(10))
    flash.wear(segment_name(0))

    assert drain(outbox) == list(range(PER_SEGMENT, 2 * PER_SEGMENT))
    assert outbox.dropped == PER_SEGMENT - 10


def test_a_flash_that_reads_nothing_at_all_gives_nothing_up():
    flash, _ = worn(3)
    outbox = new_outbox(flash, segments_max=1)
    flash.reads_nothing = True
    new = []
    for sequence in range(100, 120):
        refused(OSError, outbox.peek, 60)
        new += taken(outbox, sequence)
    flash.reads_nothing = False

    assert drain(outbox) == list(range(3 * PER_SEGMENT)) + new
    assert outbox.dropped == 0


def test_a_flash_that_cannot_be_written_keeps_nothing_back_either():
    flash, outbox = worn(3, 0)
    flash.writes_nothing = True

    assert [each[0] for each in outbox.peek(60)] == list(range(PER_SEGMENT, 2 * PER_SEGMENT))


def test_a_reserve_that_cannot_be_read_either_is_no_reason_to_give_nothing_up():
    flash, outbox = worn(2, 0)
    flash.replace(READINGS, b"read well")
    flash.wear(RESERVE)

    assert drain(outbox) == list(range(PER_SEGMENT, 2 * PER_SEGMENT))
    assert outbox.dropped == PER_SEGMENT


def test_without_a_reserve_a_flash_that_reads_nothing_gives_nothing_up_either():
    flash, outbox = worn(2)
    flash.remove(RESERVE)
    flash.reads_nothing = True
    for _ in range(3):
        refused(OSError, outbox.peek, 1)

    flash.reads_nothing = False
    assert drain(outbox) == list(range(2 * PER_SEGMENT))
    assert outbox.dropped == 0


def test_when_the_newest_segment_is_put_aside_the_next_reading_begins_another():
    flash, outbox = worn(1)
    movements(outbox, PER_SEGMENT, PER_SEGMENT + 2)
    flash.wear(segment_name(outbox.newest))
    put_aside(outbox, outbox.newest)

    movements(outbox, 200, 205)

    assert drain(outbox) == list(range(PER_SEGMENT)) + list(range(200, 206))
    assert outbox.dropped == 3


class DoneLink:
    """A link that has nothing more, and finds the rest unreadable while it looks."""

    def __init__(self, outbox, lost, error=None):
        self.outbox, self.lost, self.error = outbox, lost, error

    def is_done(self):
        if self.error is not None:
            raise self.error
        self.outbox.dropped += self.lost
        self.lost = 0
        return True


def sender_with(lost, error=None):
    said = []
    outbox = new_outbox(WornFlash())
    sender = Sender(outbox, None, Status(said.append), said.append)
    sender.link = DoneLink(outbox, lost, error)
    return sender


def test_what_is_found_unreadable_while_looking_for_more_is_something_to_tell_yet():
    sender = sender_with(lost=20)

    assert [sender.is_done(), sender.is_done()] == [False, True]


def test_a_flash_that_fails_while_looking_for_more_is_told_and_no_crash():
    sender = sender_with(0, OSError(5))

    assert not sender.is_done()
    assert sender.flash_errors == 1


def test_no_more_than_a_few_such_files_are_kept():
    flash, outbox = worn(9, *range(8))

    assert drain(outbox) == list(range(8 * PER_SEGMENT, 9 * PER_SEGMENT))
    assert outbox.dropped == 8 * PER_SEGMENT
    assert aside(flash) == ["unreadable.0", "unreadable.1", "unreadable.2", "unreadable.3"]
    assert len(flash.files) == 5
    assert RESERVE in flash.files


def test_whatever_cannot_be_read_an_outbox_without_room_keeps_each_new_reading():
    for segments_max in (2, 3, 4):
        for unreadable in ((0,), (1,), (2,), (1, 2), (3,), (0, 1, 2, 3)):
            flash, _ = worn(4, *unreadable)
            outbox = new_outbox(flash, segments_max)
            movements(outbox, 100, 300)

            found = drain(outbox)

            assert found[-1] == 300
            assert found == sorted(set(found))
            assert 64 + 201 - len(found) <= outbox.dropped <= 64 + 201
            assert not [name for name in flash.names("outbox") if name.endswith(".log")]


def test_readings_that_the_fleet_refuses_are_set_aside_though_those_before_cannot_be_read():
    flash, outbox = worn(1)
    outbox.set_aside(outbox.peek(1))
    flash.wear("outbox/rejected.log")

    outbox.set_aside(outbox.peek(1))

    assert flash.size("outbox/rejected.log") == RECORD_SIZE
    assert drain(outbox) == list(range(2, PER_SEGMENT))


def test_a_device_with_an_unreadable_segment_sends_all_others_and_polls_on():
    flash = WornFlash()
    device = Device(ScriptedFleet(), flash=flash)
    device.take(0, 399)
    flash.wear(segment_name(0))

    device.run(20)

    assert device.stored() == list(range(146, 400))
    assert device.link.is_done()


def test_a_device_starts_whatever_of_its_state_cannot_be_read():
    flash = WornFlash()
    provision(flash, KEYS)
    epoch = ReadingSequence(flash, FakeRandom(1)).epoch
    plan.keep(flash, NEWS)
    for name in (READINGS, OSCORE, plan.FILE):
        flash.wear(name)

    assert ReadingSequence(flash, FakeRandom(2)).epoch != epoch  # names of before are not known
    assert PartialIvs(flash, KEYS).is_lost
    assert plan.load(flash) is None
    assert plan.keep(flash, NEWS) is not None
    assert plan.load(flash) is not None
