# SPDX-License-Identifier: Apache-2.0
"""An outbox without room: old heartbeats are thinned first, then the oldest movements become gaps, never silently."""

from device.batch import record
from device.outbox import RESERVE, Outbox
from device.sealed import CRC_SIZE, seal
from device.thin import KEEP_S
from device.thin_readings import gap

from tests.expect import refused
from tests.fakes.flash import FakeFlash, PowerCutError

EPOCH, BOOT = 7, 1
HOUR_S, DAY_S = KEEP_S
PER_SEGMENT = 16


def new_outbox(flash=None, segments_max=4):
    return Outbox(flash or FakeFlash(), segments_max=segments_max, per_segment=PER_SEGMENT)


def heartbeats(outbox, first, last, step_s=300, channels=1, boot_count=BOOT):
    for sequence in range(first, last + 1):
        reading = (sequence, sequence % channels, step_s * (sequence // channels), 1000, 5, None)
        outbox.append(EPOCH, boot_count, reading, True)


def movements(outbox, first, last, channel=0):
    for sequence in range(first, last + 1):
        outbox.append(EPOCH, BOOT, (sequence, channel, sequence, 1000, 5, 2150))


def drain(outbox):
    found = []
    batch = outbox.peek(60)
    while batch is not None:
        found.extend(batch)
        outbox.ack(batch)
        batch = outbox.peek(60)
    return found


def names(readings):
    return [each[0] for each in readings]


def gaps(readings):
    """[(channel, sequence, how many)]"""
    return [(each[1], each[0], each[4]) for each in readings if each[3] is None]


def longest_pause(times):
    return max(times[index + 1] - times[index] for index in range(len(times) - 1))


def test_nothing_goes_while_there_is_room():
    outbox = new_outbox()
    heartbeats(outbox, 0, 4 * PER_SEGMENT - 1)

    assert names(drain(outbox)) == list(range(4 * PER_SEGMENT))
    assert (outbox.thinned, outbox.dropped) == (0, 0)


def test_of_old_heartbeats_one_an_hour_stays_and_the_newest_all_stay():
    outbox = new_outbox()
    heartbeats(outbox, 0, 199)

    found = drain(outbox)
    times = [each[2] for each in found]

    assert outbox.dropped == 0
    assert outbox.thinned == 200 - len(found) > 50
    assert times == sorted(set(times))
    assert times[:PER_SEGMENT] == list(range(0, PER_SEGMENT * 300, 300))  # the oldest are being sent
    assert times[-PER_SEGMENT:] == list(range((200 - PER_SEGMENT) * 300, 200 * 300, 300))
    assert longest_pause(times) <= HOUR_S + 300


def test_each_channel_keeps_heartbeats_of_its_own():
    outbox = new_outbox()
    heartbeats(outbox, 0, 299, channels=2)

    found = drain(outbox)

    for channel in (0, 1):
        times = [each[2] for each in found if each[1] == channel]
        assert longest_pause(times) <= HOUR_S + 300


def test_when_one_an_hour_is_too_many_one_a_day_stays():
    outbox = new_outbox()
    heartbeats(outbox, 0, 999)

    times = [each[2] for each in drain(outbox)]

    assert longest_pause(times) > HOUR_S + 300
    assert longest_pause(times) <= DAY_S + 300
    assert outbox.dropped == 0


def test_movements_stay_while_there_are_heartbeats_to_thin():
    outbox = new_outbox()
    for first in range(0, 400, 40):
        heartbeats(outbox, first, first + 37)
        movements(outbox, first + 38, first + 39)

    found = drain(outbox)

    assert outbox.dropped == 0
    assert [name for name in names(found) if name % 40 > 37] == [name for name in range(400) if name % 40 > 37]
    assert gaps(found) == []


def test_when_only_movements_are_left_the_oldest_become_a_gap_that_says_how_many():
    outbox = new_outbox()
    movements(outbox, 0, 199)

    found = drain(outbox)
    ((channel, last, lost),) = gaps(found)

    assert (channel, last, lost) == (0, lost - 1, outbox.dropped)
    assert names(found) == list(range(last, 200))
    assert found[0] == (last, 0, last, None, lost, None)


def test_each_channel_has_a_gap_of_its_own_in_the_order_of_what_was_lost():
    outbox = new_outbox()
    for first in range(0, 300, 30):
        movements(outbox, first, first + 19, channel=0)
        movements(outbox, first + 20, first + 29, channel=5)

    found = drain(outbox)

    assert [channel for channel, _, _ in gaps(found)] in ([0, 5], [5, 0])
    assert names(found) == sorted(set(names(found)))
    assert sum(lost for _, _, lost in gaps(found)) == outbox.dropped == 300 - (len(found) - 2)


def test_a_gap_says_no_more_than_the_wire_can():
    before = record(EPOCH, BOOT, (1, 0, 1, None, 65535, None))

    assert gap(record(EPOCH, BOOT, (2, 0, 2, 5, 5, None)), 0, before) == record(
        EPOCH, BOOT, (2, 0, 2, None, 65535, None)
    )


def test_what_was_acked_is_neither_lost_nor_told():
    outbox = new_outbox()
    movements(outbox, 0, 4 * PER_SEGMENT - 1)
    outbox.ack(outbox.peek(10))
    movements(outbox, 4 * PER_SEGMENT, 5 * PER_SEGMENT)

    found = drain(outbox)

    assert sum(lost for _, _, lost in gaps(found)) + len(found) - 1 == 5 * PER_SEGMENT + 1 - 10


def test_an_ack_for_readings_lost_in_the_meantime_removes_no_others():
    outbox = new_outbox()
    movements(outbox, 0, 4 * PER_SEGMENT - 1)
    batch = outbox.peek(PER_SEGMENT)
    movements(outbox, 4 * PER_SEGMENT, 5 * PER_SEGMENT)

    outbox.ack(batch)

    found = drain(outbox)
    assert gaps(found) != []
    assert names(found)[-1] == 5 * PER_SEGMENT


def test_a_flash_without_room_is_thinned_the_same_way():
    flash = FakeFlash()
    outbox = new_outbox(flash, segments_max=99)
    flash.room_for(flash.size(RESERVE) + 7 * PER_SEGMENT * 28)
    for sequence in range(0, 300, 3):
        heartbeats(outbox, sequence, sequence + 1)
        movements(outbox, sequence + 2, sequence + 2)

    found = drain(outbox)

    assert outbox.thinned > 50
    assert sum(lost for _, _, lost in gaps(found)) + len([name for name in names(found) if name % 3 == 2]) >= 100
    assert flash.size(RESERVE) > 0


def test_looking_for_what_may_go_is_spread_over_appends():
    """Each append reads no more than two segments for that, however many there are."""
    flash = FakeFlash()
    outbox = new_outbox(flash, segments_max=30)
    movements(outbox, 0, 31 * PER_SEGMENT)
    reads = []
    read_part = flash.read_part
    flash.read_part = lambda *part: reads.append(1) or read_part(*part)
    for sequence in range(31 * PER_SEGMENT + 1, 60 * PER_SEGMENT):
        reads.clear()
        movements(outbox, sequence, sequence)
        assert len(reads) <= 4 * 3 + 2  # counted, planned and written, each with a look at the end; and the new tail


def test_an_outbox_before_the_kinds_keeps_its_readings_as_movements():
    old = b""
    for sequence in range(3):
        body = bytearray(record(EPOCH, BOOT, (sequence, 2, 5, -6, 7, 2150))[:-CRC_SIZE])
        body[0] = 1
        old += seal(bytes(body))
    outbox = new_outbox(FakeFlash({"outbox/00000004.log": old}))
    movements(outbox, 3, 3)

    assert drain(outbox) == [(n, 2, 5, -6, 7, 2150) for n in range(3)] + [(3, 0, 3, 1000, 5, 2150)]


def test_a_cut_at_any_step_of_thinning_loses_and_doubles_nothing():
    cut_after, cut = 0, True
    while cut:
        files, kept = {}, []
        try:
            outbox, cut = new_outbox(FakeFlash(files, cut_after), segments_max=2), False
            for sequence in range(5 * PER_SEGMENT):
                outbox.append(EPOCH, BOOT, (sequence, 0, sequence, 1, 1, None), sequence % 3 > 0)
                kept.append(sequence)
        except PowerCutError:
            cut = True
        found = drain(new_outbox(FakeFlash(files), segments_max=2))
        lost = sum(each[2] for each in gaps(found))
        there = [each[0] for each in found if each[3] is not None]
        assert names(found) == sorted(set(names(found))), cut_after
        assert lost + len([n for n in there if n % 3 == 0]) >= len([n for n in kept if n % 3 == 0]), cut_after
        cut_after += 1
    assert cut_after > 100


def test_an_error_while_the_fold_takes_its_place_is_mended_by_the_next_append():
    flash = FakeFlash()
    outbox = new_outbox(flash, segments_max=2)
    movements(outbox, 0, 2 * PER_SEGMENT + 1)  # a third segment was begun, and nothing was found to thin
    rename = flash.rename

    def fail(name, new_name):
        if name.endswith(".fold"):
            raise OSError(5, "worn")
        rename(name, new_name)

    flash.rename = fail
    refused(OSError, movements, outbox, 99, 99)
    flash.rename = rename
    movements(outbox, 2 * PER_SEGMENT + 2, 2 * PER_SEGMENT + 2)

    found = drain(outbox)
    lost = gaps(found)[0][2]
    assert names(found)[-1] == 2 * PER_SEGMENT + 2
    assert lost + len(found) - 1 == 2 * PER_SEGMENT + 3
