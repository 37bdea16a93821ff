# SPDX-License-Identifier: Apache-2.0
"""The outbox: what was appended is there until it was acked, whatever happens to power and flash."""

from device.batch import RECORD_SIZE, record
from device.outbox import RESERVE, Outbox, segment_name

from tests.expect import refused
from tests.fakes.flash import FakeFlash

EPOCH = 0xFFFFFFFF


def reading(sequence, temp_cc=None):
    return (sequence, sequence % 2, 1000 + sequence, -0x800000 + sequence, 65535, temp_cc)


def fill(outbox, first, last, epoch=EPOCH, boot_count=1):
    for sequence in range(first, last + 1):
        outbox.append(epoch, boot_count, reading(sequence))


def sequences(outbox, limit=60):
    batch = outbox.peek(limit)
    return [each[0] for each in batch] if batch else []


def drain(outbox, limit=60):
    """Everything in it, as (epoch, boot_count, sequence), acked on the way."""
    found = []
    batch = outbox.peek(limit)
    while batch is not None:
        found.extend((batch.epoch, batch.boot_count, each[0]) for each in batch)
        outbox.ack(batch)
        batch = outbox.peek(limit)
    return found


def test_an_empty_outbox_has_nothing_to_send():
    assert Outbox(FakeFlash()).peek(60) is None


def test_a_reading_comes_out_as_it_went_in():
    outbox = Outbox(FakeFlash())
    readings = [
        (0, 0, 0, 0, 0, None),
        (0xFFFFFFFE, 7, 0xFFFFFFFF, 0x7FFFFF, 65535, 15000),
        (0xFFFFFFFF, 1, 0, -0x800000, 0, -1),
    ]
    for each in readings:
        outbox.append(EPOCH, 0xFFFF, each)

    batch = outbox.peek(60)

    assert (batch.epoch, batch.boot_count, list(batch)) == (EPOCH, 0xFFFF, readings)


def test_peeking_changes_nothing():
    outbox = Outbox(FakeFlash())
    fill(outbox, 0, 5)

    assert sequences(outbox) == sequences(outbox) == [0, 1, 2, 3, 4, 5]


def test_readings_leave_in_order_and_no_more_than_asked_for():
    outbox = Outbox(FakeFlash(), per_segment=8)
    fill(outbox, 0, 29)

    assert sequences(outbox, 3) == [0, 1, 2]
    assert drain(outbox, 5) == [(EPOCH, 1, sequence) for sequence in range(30)]


def test_only_what_was_acked_goes():
    outbox = Outbox(FakeFlash())
    fill(outbox, 0, 5)
    batch = outbox.peek(4)
    fill(outbox, 6, 7)
    outbox.ack(batch)

    assert sequences(outbox) == [4, 5, 6, 7]


def test_an_outbox_that_was_emptied_leaves_no_file():
    flash = FakeFlash()
    outbox = Outbox(flash)
    fill(outbox, 0, 5)
    drain(outbox)

    assert list(flash.files) == [RESERVE]


def test_a_batch_is_of_one_epoch_and_one_boot():
    flash = FakeFlash()
    outbox = Outbox(flash)
    fill(outbox, 0, 1, boot_count=1)
    fill(outbox, 64, 65, boot_count=2)
    fill(outbox, 0, 1, epoch=5, boot_count=1)

    assert sequences(outbox) == [0, 1]
    assert drain(outbox) == [(EPOCH, 1, 0), (EPOCH, 1, 1), (EPOCH, 2, 64), (EPOCH, 2, 65), (5, 1, 0), (5, 1, 1)]


def test_after_a_restart_everything_not_acked_is_there():
    flash = FakeFlash()
    outbox = Outbox(flash, per_segment=8)
    fill(outbox, 0, 19)
    outbox.ack(outbox.peek(8))

    again = Outbox(flash, per_segment=8)
    fill(again, 64, 65, boot_count=2)

    assert drain(again) == [(EPOCH, 1, s) for s in range(8, 20)] + [(EPOCH, 2, 64), (EPOCH, 2, 65)]


def test_a_device_that_starts_often_fills_its_segments_all_the_same():
    flash = FakeFlash()
    for boot_count in range(20):
        fill(Outbox(flash, per_segment=8), boot_count, boot_count, boot_count=boot_count)

    assert sorted(flash.files) == [segment_name(each) for each in range(3)] + [RESERVE]
    assert drain(Outbox(flash, per_segment=8)) == [(EPOCH, boot_count, boot_count) for boot_count in range(20)]


def test_a_number_that_is_missing_hides_nothing():
    flash = FakeFlash()
    fill(Outbox(flash, per_segment=8), 0, 39)
    for missing in (1, 2):
        del flash.files[segment_name(missing)]

    assert drain(Outbox(flash, per_segment=8)) == [(EPOCH, 1, s) for s in range(40) if not 8 <= s < 24]


def test_a_torn_tail_hides_nothing_that_comes_later():
    flash = FakeFlash()
    fill(Outbox(flash), 0, 2)
    name = "outbox/00000000.log"
    for torn in range(1, RECORD_SIZE):
        files = {name: flash.files[name][: 3 * RECORD_SIZE - torn]}
        again = Outbox(FakeFlash(files))
        fill(again, 64, 64, boot_count=2)

        assert drain(again) == [(EPOCH, 1, 0), (EPOCH, 1, 1), (EPOCH, 2, 64)]


def test_a_broken_record_is_passed_over_and_counted():
    for broken in range(3):
        flash = FakeFlash()
        outbox = Outbox(flash)
        fill(outbox, 0, 2)
        data = bytearray(flash.files["outbox/00000000.log"])
        data[broken * RECORD_SIZE + 7] ^= 0x10
        flash.files["outbox/00000000.log"] = bytes(data)

        assert drain(outbox) == [(EPOCH, 1, s) for s in range(3) if s != broken]
        assert outbox.broken == 1
        assert list(flash.files) == [RESERVE]


def test_a_flash_that_others_filled_is_an_error_and_leaves_no_trace():
    flash = FakeFlash({"others": bytes(100)}, capacity=100)
    outbox = Outbox(flash)
    for sequence in range(10):
        refused(OSError, outbox.append, EPOCH, 1, reading(sequence))
    assert (list(flash.names("outbox")), outbox.dropped) == ([], 0)

    flash.room_for(100_000)
    fill(outbox, 10, 11)

    assert drain(outbox) == [(EPOCH, 1, 10), (EPOCH, 1, 11)]


def test_a_flash_that_fails_for_another_reason_gives_nothing_up():
    flash = FakeFlash(capacity=3 * RECORD_SIZE, error=5)
    outbox = Outbox(flash)
    fill(outbox, 0, 2)
    for _ in range(10):
        refused(OSError, outbox.append, EPOCH, 1, reading(3))
    flash.room_for(100_000)
    fill(outbox, 4, 5)

    assert drain(outbox) == [(EPOCH, 1, sequence) for sequence in (0, 1, 2, 4, 5)]
    assert outbox.dropped == 0


def test_files_of_others_are_left_alone():
    others = {"outbox/readme.txt": b"not a segment", "outbox/notes.log": b"nor this", "outbox/a.fold": b"nor this"}
    flash = FakeFlash(dict(others))
    outbox = Outbox(flash)
    fill(outbox, 0, 0)
    drain(outbox)
    del flash.files[RESERVE]

    assert flash.files == others


def test_records_kept_together_are_there_together_and_fill_no_segment_beyond_its_size():
    flash = FakeFlash()
    outbox = Outbox(flash, per_segment=8)
    for first in range(0, 30, 3):
        outbox.keep(b"".join([record(EPOCH, 1, reading(first + each)) for each in range(3)]))

    assert max(flash.size(name) for name in flash.files if name != RESERVE) <= 8 * RECORD_SIZE
    assert drain(Outbox(flash, per_segment=8)) == [(EPOCH, 1, sequence) for sequence in range(30)]


class AskedFlash(FakeFlash):
    """Counts how often it is asked for its free blocks: on a board that reads all of the file system's metadata."""

    asked = 0

    def free_blocks(self):
        self.asked += 1
        return super().free_blocks()


def test_a_device_whose_readings_are_acked_at_once_seldom_asks_how_much_room_there_is():
    flash = AskedFlash()
    outbox = Outbox(flash)
    for sequence in range(1000):
        fill(outbox, sequence, sequence)
        drain(outbox)

    assert flash.asked <= 1000 // 16


def test_a_flash_with_little_room_is_asked_at_each_new_segment():
    flash = AskedFlash()
    outbox = Outbox(flash, per_segment=8)
    flash.room_for(flash.size(RESERVE) + 9 * 4096)
    flash.asked = 0
    fill(outbox, 0, 10 * 8 - 1)

    assert flash.asked == 10
