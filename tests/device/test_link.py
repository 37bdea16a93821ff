# SPDX-License-Identifier: Apache-2.0
"""The link: readings reach the fleet, and none is forgotten before the fleet promised to keep it."""

from device.link import BACK_OFF_MAX_MS
from wire import coap

from tests.fakes.fleet import ScriptedFleet
from tests.fakes.linked_device import BOOT, EPOCH, Device


def test_readings_are_stored_and_then_forgotten():
    device = Device(ScriptedFleet())
    device.take(0, 2)
    device.run(1)

    assert device.stored() == [0, 1, 2]
    assert device.outbox.peek(60) is None
    assert device.notice.heard == [("acked", [0, 1, 2])]
    assert len(device.radio.sent) == 1


def test_nothing_to_say_is_said_to_nobody():
    device = Device(ScriptedFleet())
    device.run(60)

    assert device.radio.sent == []


def test_a_hundred_readings_go_in_two_messages():
    device = Device(ScriptedFleet())
    device.take(0, 99)
    device.run(1)

    assert device.stored() == list(range(100))
    assert len(device.radio.sent) == 2


def test_readings_too_wide_for_one_message_go_in_two():
    device = Device(ScriptedFleet())
    for step in range(60):
        raw = 0x7FFFFF if step % 2 else -0x800000
        device.outbox.append(1, 1, (step * 70_000_000, 7, step * 70_000_000, raw, 65535, 15000 if step % 2 else -6000))
    device.run(1)

    assert len(device.stored()) == 60
    assert len(device.radio.sent) == 2


def test_a_lost_request_is_sent_again_the_same_byte_for_byte():
    device = Device(ScriptedFleet(), drop_out=(0, 1))
    device.take(0, 0)
    device.run(20)

    assert device.stored() == [0]
    assert len(device.radio.sent) == 3
    assert len(set(device.radio.sent)) == 1
    assert device.fleet.partial_ivs == [0]


def test_a_lost_answer_brings_the_request_again_and_stores_it_once():
    device = Device(ScriptedFleet(), drop_in=(0,))
    device.take(0, 0)
    device.run(20)

    assert device.stored() == [0]
    assert device.outbox.peek(60) is None
    assert len(set(device.radio.sent)) == 1


def test_a_new_attempt_takes_a_new_partial_iv():
    device = Device(ScriptedFleet(["lose"]))
    device.take(0, 0)
    device.run(200)

    assert device.stored() == [0]
    assert device.fleet.partial_ivs == [0, 1]
    assert device.notice.heard == [("no_fleet", "no answer"), ("acked", [0])]
    assert device.radio.reopened == 1


def test_back_off_doubles_with_jitter_up_to_a_quarter_of_an_hour():
    device = Device(ScriptedFleet(["broken"] * 14))
    device.take(0, 0)
    waits = []
    for _ in range(14):
        sent, waited = len(device.radio.sent), 0
        while len(device.radio.sent) == sent:
            device.run(1, step_ms=1000)
            waited += 1
        waits.append(waited)

    assert all(2 ** (n + 1) <= wait <= 2 ** (n + 2) + 2 for n, wait in enumerate(waits[1:9]))
    assert all(BACK_OFF_MAX_MS // 2000 <= wait <= BACK_OFF_MAX_MS // 1000 + 1 for wait in waits[10:])
    assert len(set(waits[10:])) > 1
    assert device.stored() == []


def test_a_network_through_which_nothing_comes_is_left_and_joined_anew_less_and_less_often():
    device = Device(lambda datagram: [])
    device.take(0, 3)
    rejoined_at = []
    for minute in range(24 * 60):
        device.run(60, step_ms=1000)
        rejoined_at += [minute] * (device.radio.rejoined - len(rejoined_at))

    assert 4 < rejoined_at[0] < 10
    assert len(rejoined_at) == 5


def test_a_fleet_that_answers_whatever_it_is_is_behind_a_network_that_is_well():
    def refusing(datagram):
        request = coap.decode(datagram)
        return [coap.encode(coap.Message(coap.ACK, coap.UNAUTHORIZED, request.message_id, b"", [], b""))]

    device = Device(refusing)
    device.take(0, 3)
    device.run(86_400, step_ms=1000)

    assert device.radio.rejoined == 0


def lost_and_found(has_network):
    fleet, is_silent = ScriptedFleet(), [True]
    device = Device(lambda datagram: [] if is_silent[0] else fleet(datagram))
    device.radio.network = has_network
    device.run(3 * 86_400, step_ms=10_000)
    assert not device.link.is_lost()  # it had nothing to say

    device.take(0, 3)
    device.run(86_000, step_ms=1000)
    assert not device.link.is_lost()
    device.run(3_600, step_ms=1000)
    assert device.link.is_lost()

    device.radio.network, is_silent[0] = True, False
    device.run(1_800, step_ms=1000)
    assert not device.link.is_lost()


def test_a_device_with_something_to_post_is_lost_after_a_day_without_the_fleet():
    lost_and_found(has_network=True)


def test_and_so_is_one_without_a_network():
    lost_and_found(has_network=False)


def test_a_flood_of_datagrams_is_taken_in_rounds():
    device = Device(lambda datagram: [])
    for _ in range(100):
        device.radio.deliver(coap.encode(coap.Message(coap.CON, coap.POST, 1, b"", [], b"")))

    device.link.poll(EPOCH, BOOT)

    assert len(device.radio.sent) == 8


def test_after_a_success_back_off_begins_anew():
    device = Device(ScriptedFleet(["broken"] * 6 + ["store", "broken"]))
    device.take(0, 0)
    device.run(600)
    device.take(1, 1)
    device.run(6)

    assert device.stored() == [0, 1]


def test_the_fleet_may_ask_for_echo():
    device = Device(ScriptedFleet(["echo"]))
    device.take(0, 0)
    device.run(1)
    device.take(1, 1)
    device.run(1)

    assert device.stored() == [0, 1]
    assert device.fleet.echoes == [None, b"12345678", None]
    assert device.fleet.partial_ivs == [0, 1, 2]


def test_a_challenge_after_failures_is_answered_at_once():
    """As when the fleet was away for long and comes back with no memory of replays."""
    device = Device(ScriptedFleet(["broken"] * 6 + ["echo"]))
    device.take(0, 0)
    while len(device.fleet.echoes) < 7:
        device.run(1)
    device.run(1)

    assert device.stored() == [0]


def test_an_echo_that_is_answered_with_another_is_a_failure():
    device = Device(ScriptedFleet(["echo"] * 100))
    device.take(0, 0)
    device.run(60)

    assert 6 <= len(device.radio.sent) <= 10
    assert device.fleet.echoes[:4] == [None, b"12345678", None, b"12345678"]
    assert device.outbox.peek(60) is not None


def test_a_busy_fleet_is_left_alone_for_max_age():
    device = Device(ScriptedFleet(["busy"], max_age_s=300))
    device.take(0, 0)
    device.run(299)
    assert len(device.radio.sent) == 1

    device.run(2)

    assert device.stored() == [0]
    assert device.notice.heard == [("asked_to_wait", None), ("acked", [0])]


def test_a_message_too_large_for_the_fleet_is_halved_until_it_is_not_and_stays_so():
    device = Device(ScriptedFleet(["too large", "too large"]))
    device.take(0, 63)
    device.run(2)

    assert device.stored() == list(range(64))
    assert [heard for heard, _ in device.notice.heard] == ["acked"] * 5  # of 60, 30 and then 15
    assert [len(sequences) for _, sequences in device.notice.heard] == [15, 15, 15, 15, 4]
    assert len(device.radio.sent) == 7


def test_one_reading_that_is_too_large_is_kept_and_not_sent_as_fast_as_we_can():
    device = Device(ScriptedFleet(["too large"] * 100))
    device.take(0, 7)
    device.run(60)

    assert 5 <= len(device.radio.sent) <= 12
    assert device.notice.heard[0] == ("no_fleet", "it cannot take them now")
    assert [each[0] for each in device.outbox.peek(60)] == list(range(8))


def test_an_unprotected_answer_forgets_nothing_and_is_told_when_no_other_came():
    device = Device(ScriptedFleet(["bare"]))
    device.take(0, 0)
    device.run(62)
    assert device.outbox.peek(60) is not None
    assert len(device.radio.sent) == 5
    device.run(32)
    assert device.notice.heard[0] == ("no_fleet", "answered 2.04, not protected")

    device.run(10)

    assert device.stored() == [0]


def test_an_unprotected_answer_does_not_keep_the_right_one_out():
    """Anybody can send one: RFC 8613 section 8.4 has it passed over."""
    device = Device(ScriptedFleet(), drop_in=(0,))
    device.take(0, 0)
    device.run(1)
    message_id = coap.decode(device.radio.sent[0]).message_id
    device.radio.deliver(coap.encode(coap.Message(coap.ACK, coap.UNAUTHORIZED, message_id)))
    device.run(4)

    assert device.notice.heard == [("acked", [0])]
    assert device.fleet.partial_ivs == [0]


def test_an_empty_acknowledgement_is_no_promise():
    device = Device(ScriptedFleet(["ack"]))
    device.take(0, 0)
    device.run(85)
    assert len(device.radio.sent) == 1
    assert device.outbox.peek(60) is not None

    device.run(15)

    assert device.stored() == [0]


def test_a_separate_answer_is_acknowledged_and_counts():
    device = Device(ScriptedFleet(["separate"]))
    device.take(0, 0)
    device.run(1)
    device.radio.deliver(device.fleet.answer_late())
    device.run(1)

    assert device.outbox.peek(60) is None
    assert [each.type for each in device.fleet.strangers] == [coap.ACK]


def test_a_late_answer_to_an_earlier_request_is_not_taken_for_this_one():
    device = Device(ScriptedFleet(["separate", "ack"]))
    device.take(0, 0)
    device.run(1)
    late = device.fleet.answer_late()
    device.radio.deliver(late)
    device.run(1)
    device.take(1, 1)
    device.run(1)
    device.radio.deliver(late)
    device.run(1)

    assert [each[0] for each in device.outbox.peek(60)] == [1]
    assert device.notice.heard == [("acked", [0])]  # and the request goes on waiting for its own


def test_a_stranger_who_wants_an_answer_is_reset():
    device = Device(ScriptedFleet())
    device.radio.deliver(coap.encode(coap.Message(coap.CON, coap.CHANGED, 99)))
    device.run(1)

    assert [(each.type, each.message_id) for each in device.fleet.strangers] == [(coap.RST, 99)]


def test_noise_on_the_line_is_passed_over():
    device = Device(ScriptedFleet())
    for noise in (b"", b"\x00", bytes(1152), b"\xff" * 40):
        device.radio.deliver(noise)
    device.take(0, 0)
    device.run(1)

    assert device.stored() == [0]


def test_a_reset_is_tried_again_later():
    device = Device(ScriptedFleet(["reset"]))
    device.take(0, 0)
    device.run(10)

    assert device.stored() == [0]
    assert device.fleet.partial_ivs == [0, 1]


def test_without_a_network_nothing_is_tried_and_no_partial_iv_used():
    device = Device(ScriptedFleet())
    device.radio.network = False
    device.take(0, 0)
    device.run(60)
    assert device.radio.sent == []
    assert device.notice.heard == [("no_network", None)] * 4  # after 0, 5, 15 and 35 s

    device.radio.network = True
    device.run(16)

    assert device.stored() == [0]
    assert device.fleet.partial_ivs == [0]


def test_a_network_away_for_long_is_tried_every_few_minutes():
    """Each try may look up the fleet's name, and while nobody answers that, nothing is weighed."""
    device = Device(ScriptedFleet())
    device.radio.network = False
    device.take(0, 0)
    device.run(3600, step_ms=1000)
    assert 20 < len(device.notice.heard) < 30

    device.radio.network = True
    device.run(161, step_ms=1000)

    assert device.stored() == [0]


def test_when_the_network_was_the_cause_back_off_begins_anew():
    device = Device(ScriptedFleet(["lose"] * 5))
    device.take(0, 0)
    while len(device.fleet.partial_ivs) < 5:
        device.run(1)
    device.radio.network = False
    device.run(100)
    assert device.notice.heard[-1][0] == "no_network"

    device.radio.network = True
    device.run(41)

    assert device.stored() == [0]


def test_the_age_is_of_the_newest_reading_and_of_an_earlier_boot_when_the_present_one_began():
    device = Device(ScriptedFleet())
    device.take(0, 0, boot_count=BOOT - 1)
    device.take(1, 1, epoch=EPOCH - 1)
    device.take(2, 2)
    device.clock.sleep_ms(42_000)
    device.run(1)

    assert device.fleet.ages == [-1 - 42, -1 - 42, 42]


def test_waiting_is_right_across_the_wrap_of_the_ticks():
    device = Device(ScriptedFleet(["busy"], max_age_s=30), start_ms=(1 << 30) - 10_000)
    device.take(0, 0)
    device.run(29)
    assert len(device.radio.sent) == 1

    device.run(2)

    assert device.stored() == [0]


def test_a_link_that_never_fails_sends_on_for_ever():
    """No wait is begun in all that time; the ticks that the last one is counted from come round again after 12 days."""
    device = Device(ScriptedFleet())
    for quarter in range(14 * 4):
        device.take(quarter, quarter)
        device.run(6 * 3600, step_ms=100_000)

        assert device.outbox.peek(60) is None, quarter
