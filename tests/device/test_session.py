# SPDX-License-Identifier: Apache-2.0
"""A device whose OSCORE state is gone has new keys within two round trips, and nobody else can make it take any."""

from device.sequence import OSCORE
from wire import coap, oscore, renewal

from tests.expect import refused
from tests.fakes.flash import FakeFlash
from tests.fakes.fleet import ScriptedFleet
from tests.fakes.linked_device import Device
from tests.fakes.renewing_fleet import RenewingFleet, context_of


def lost(fleet=None, **options):
    """A device without state, and one reading to tell."""
    device = Device(fleet or RenewingFleet(), provisioned=False, **options)
    device.take(0, 0)
    return device


def test_without_state_the_reading_is_stored_within_two_round_trips():
    device = lost()
    assert device.session.context is None
    device.run(1)

    assert device.stored() == [0]
    assert len(device.radio.sent) == 2
    assert device.session.context is not None


def test_the_new_keys_are_named_until_the_fleet_has_them_and_no_longer():
    fleet = RenewingFleet(["broken"])
    device = lost(fleet)
    device.run(10)
    device.take(1, 1)
    device.run(1)

    r1, first, second, third = fleet.named
    assert len(r1) == 8
    assert first == fleet.id_context
    assert first[:8] == b"R2-00000"
    assert (second, third) == (None, None)  # "broken" was a protected answer
    assert fleet.partial_ivs == [0, 1, 2]


def test_the_new_keys_outlast_a_restart():
    fleet, flash = RenewingFleet(), FakeFlash()
    lost(fleet, flash=flash).run(1)

    device = Device(fleet, flash=flash, provisioned=False)
    device.take(1, 1)
    device.run(1)

    assert sorted(sequence for _, sequence in fleet.stored) == [0, 1]
    assert len(fleet.offers) == 1
    assert fleet.named[-1] is None


def test_new_keys_that_the_fleet_never_heard_of_are_named_again_after_a_restart():
    fleet, flash = RenewingFleet(["lose"]), FakeFlash()
    lost(fleet, flash=flash).run(1)

    device = Device(fleet, flash=flash, provisioned=False, seed=2)
    device.take(1, 1)
    device.run(1)

    assert len(fleet.offers) == 1
    assert fleet.named[2:] == [fleet.id_context]
    assert sorted(sequence for _, sequence in fleet.stored) == [0, 1]


def test_broken_state_and_the_state_of_another_secret_are_no_state():
    for state in (b"", b"broken", bytes(40)):
        device = lost(flash=FakeFlash({OSCORE: state}))
        device.run(1)

        assert device.stored() == [0]
        assert len(device.radio.sent) == 2


def test_when_all_numbers_are_used_new_keys_are_asked_for():
    device = Device(RenewingFleet())
    device.session.ivs._next = device.session.ivs._reserved = 0xFFFFFFC0
    device.take(0, 0)
    device.run(1)

    assert device.stored() == [0]
    assert len(device.radio.sent) == 2


def test_a_fleet_that_forgot_what_it_offered_offers_again():
    fleet = RenewingFleet(deaf=1)
    device = lost(fleet)
    device.run(1)
    assert len(fleet.offers) == 2
    assert device.stored() == []  # not as fast as the flash can be written
    device.run(5)

    assert device.stored() == [0]
    assert len(fleet.offers) <= 3


def test_a_fleet_that_takes_none_of_its_offers_is_not_asked_as_fast_as_we_can():
    fleet = RenewingFleet(deaf=1000)
    device = lost(fleet)
    device.run(120)

    assert 4 <= len(device.radio.sent) <= 9
    assert device.notice.heard[0] == ("no_fleet", "it does not take the keys it gave")


def test_a_fleet_whose_database_is_older_than_our_keys_gives_new_ones():
    flash = FakeFlash()
    lost(RenewingFleet(), flash=flash).run(1)
    fleet = RenewingFleet(id_context=b"what the backup said")
    device = Device(fleet, flash=flash, provisioned=False, seed=3)
    device.take(1, 1)
    device.run(700, step_ms=1000)

    assert device.stored() == [1]
    assert fleet.named[0] is None
    assert len(fleet.offers) == 1


def test_a_device_without_an_id_context_asks_for_one_when_nothing_is_understood():
    fleet = RenewingFleet(id_context=b"what the backup said")
    device = Device(fleet)
    device.take(0, 0)
    device.run(700, step_ms=1000)

    assert device.stored() == [0]
    assert [len(named) for named in fleet.named if named is not None] == [8, 16]


def test_hints_alone_change_no_keys():
    """Somebody who keeps the fleet's answers out, and sends his own."""
    flash = FakeFlash()
    lost(RenewingFleet(), flash=flash).run(1)
    state = bytes(flash.files[OSCORE])
    device = Device(ScriptedFleet(), flash=flash, provisioned=False)
    device.radio._peer = lambda datagram: [
        coap.encode(coap.Message(coap.ACK, coap.UNAUTHORIZED, coap.decode(datagram).message_id))
    ]
    device.take(1, 1)
    device.run(3600, step_ms=1000)

    assert flash.files[OSCORE][8:] == state[8:][:-4] + flash.files[OSCORE][-4:]  # but for numbers and checksum
    assert device.outbox.peek(60) is not None


def test_an_offer_is_taken_once():
    fleet = RenewingFleet(["lose"])
    device = lost(fleet)
    device.run(1)
    id_context = device.session.ivs.id_context
    offer = fleet._offer(coap.decode(device.radio.sent[0]), renewal.unwrap(context_in(device.radio.sent[0])))
    for _ in range(3):
        device.radio.deliver(offer)
        device.run(2)

    assert device.session.ivs.id_context == id_context


def test_an_offer_of_another_run_or_with_other_keys_or_touched_is_passed_over():
    fleet = RenewingFleet()
    other = lost(RenewingFleet(), seed=7)
    other.run(1)
    device = lost(fleet, drop_out=range(1))
    device.run(1)
    request = coap.decode(device.radio.sent[0])
    offer = fleet._offer(request, renewal.unwrap(context_in(device.radio.sent[0])))
    device.radio.deliver(other_offer(other, request.message_id))
    for place in range(6, len(offer)):
        forged = bytearray(offer)
        forged[place] ^= 1
        device.radio.deliver(bytes(forged))
    device.run(1)

    assert device.session.context is None
    assert OSCORE not in device.flash.files

    device.radio.deliver(offer)
    device.run(1)

    assert device.stored() == [0]


def context_in(datagram):
    """What a request says of its ID context."""
    value = oscore.protection(coap.decode(datagram))
    start = 2 + (value[0] & 7)
    return value[start : start + value[start - 1]]


def other_offer(device, message_id):
    """The offer that another device got."""
    named = renewal.unwrap(context_in(device.radio.sent[0]))
    datagram = device.fleet._offer(coap.decode(device.radio.sent[0]), named)
    message = coap.decode(datagram)
    message.message_id = message_id
    return coap.encode(message)


def test_a_protected_error_with_an_r2_is_no_offer():
    """Only a 4.01 is (appendix B.2, step 2)."""
    context = context_of(b"R1R1R1R1")
    asking = oscore.Context.derive(context._aead, bytes(range(16)), b"", b"\x00\x01", b"", b"R1R1R1R1")
    asking.kid_context = renewal.wrap(b"R1R1R1R1")
    datagram, binding = renewal.first_request(asking, 1)
    seen = context.unprotect_request(coap.decode(datagram))[3]
    device = oscore.Context.derive(context._aead, bytes(range(16)), b"", b"\x00\x01", b"", b"R2R2R2R2R1R1R1R1")
    for code, is_offer in ((coap.UNAUTHORIZED, True), (coap.CHANGED, False), (coap.BAD_REQUEST, False)):
        _, ciphertext = context_of(b"R2R2R2R2R1R1R1R1").protect_response(seen, code, [], b"", 0)
        value = oscore.encode_option(b"\0", None, renewal.wrap(b"R2R2R2R2"))
        message = coap.Message(coap.ACK, coap.CHANGED, 1, b"", [(coap.OSCORE, value)], ciphertext)
        assert renewal.offered(message) == b"R2R2R2R2"
        assert renewal.is_offer(device, binding, message) == is_offer


def test_old_keys_never_meet_new_numbers_when_there_is_no_room_to_make_new_ones():
    fleet = RenewingFleet(["lose"])
    device = lost(fleet)
    device.run(1)
    old = device.session.context
    derive = device.session.derive
    device.session.derive = out_of_memory
    refused(MemoryError, device.session.renew, b"R2-00009")
    assert device.session.context is None

    device.session.derive = derive
    device.run(120)

    assert device.session.context is not old
    assert device.stored() == [0]


def out_of_memory(id_context):
    raise MemoryError


def test_a_session_in_doubt_names_its_keys_from_the_first_request_on():
    """As a device does that sleeps between its attempts, after one that came to nothing."""
    fleet, flash = RenewingFleet(), FakeFlash()
    lost(fleet, flash=flash).run(1)
    before = len(fleet.named)

    device = Device(fleet, flash=flash, provisioned=False, is_doubted=True)
    device.take(1, 1)
    device.run(1)

    assert fleet.named[before] == fleet.id_context
    assert sorted(sequence for _, sequence in fleet.stored) == [0, 1]
