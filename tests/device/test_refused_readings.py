# SPDX-License-Identifier: Apache-2.0
"""A reading that the fleet refuses for good is set aside alone: the others go on, and nothing is thrown away."""

from device.batch import RECORD_SIZE, Batch
from device.outbox import RESERVE
from device.set_aside import REJECTED, REJECTED_MAX

from tests.fakes.fleet import ScriptedFleet
from tests.fakes.linked_device import BOOT, EPOCH, Device


def set_aside(device):
    """Sequences of the readings in the file of the rejected."""
    data = device.flash.read(REJECTED) or b""
    return [Batch(0, 0, data[at : at + RECORD_SIZE]).newest[0] for at in range(0, len(data), RECORD_SIZE)]


def test_of_a_refused_message_only_the_reading_that_is_refused_is_set_aside():
    device = Device(ScriptedFleet(refuses=(0, 41, 59)))
    device.take(0, 99)
    device.run(60)

    assert device.stored() == [each for each in range(100) if each not in (0, 41, 59)]
    assert set_aside(device) == [0, 41, 59]
    assert [heard for heard in device.notice.heard if heard[0] == "rejected"] == [
        ("rejected", [each]) for each in (0, 41, 59)
    ]
    assert device.outbox.peek(60) is None


def test_after_a_refused_reading_messages_grow_again():
    device = Device(ScriptedFleet(refuses=(0,)))
    device.take(0, 437)
    device.run(60)

    assert len([heard for heard in device.notice.heard if heard[0] == "acked" and len(heard[1]) == 60]) >= 5


def test_a_fleet_that_refuses_everything_does_not_empty_the_outbox_as_fast_as_we_can():
    device = Device(ScriptedFleet(["reject"] * 1000))
    device.take(0, 99)
    device.run(3600, step_ms=500)

    assert 8 <= len(set_aside(device)) <= 14


def test_of_the_rejected_the_newest_are_kept():
    device = Device(ScriptedFleet(["reject"] * 1000))
    device.take(0, REJECTED_MAX + 9)
    device.run(48 * 3600, step_ms=5000)

    assert set_aside(device) == list(range(10, REJECTED_MAX + 10))


def poll_on_a_full_flash(device):
    try:
        device.link.poll(EPOCH, BOOT)
    except OSError:
        device.flash_errors += 1


def test_a_rejected_reading_that_finds_no_room_is_kept_and_not_sent_as_fast_as_we_can():
    device = Device(ScriptedFleet(["reject"] * 1000))
    device.take(0, 0)
    device.flash.room_for(device.flash.size(RESERVE) + 60)  # enough for partial IVs, not for one more reading
    device.flash_errors = 0
    for _ in range(600):
        poll_on_a_full_flash(device)
        device.clock.sleep_ms(100)

    assert 3 <= len(device.radio.sent) == device.flash_errors <= 6
    assert device.outbox.peek(60) is not None


def test_a_record_that_no_message_can_hold_is_set_aside_and_the_others_go():
    device = Device(ScriptedFleet())
    device.take(0, 4)
    device.outbox.append(EPOCH, BOOT, (5, 9, 0, 0, 0, None))  # a channel there is not
    device.take(6, 9)
    device.run(60)

    assert device.stored() == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    assert set_aside(device) == [5]
