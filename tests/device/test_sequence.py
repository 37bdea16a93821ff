# SPDX-License-Identifier: Apache-2.0
"""Sequence numbers and partial IVs: none is ever given twice."""

from device.keys import fingerprint
from device.sequence import BLOCK, OSCORE, READINGS, PartialIvs, ReadingSequence, StateLostError

from tests.expect import refused
from tests.fakes.flash import FakeFlash
from tests.fakes.random import FakeRandom

KEYS = fingerprint(bytes(16), b"", b"\x01")
OTHER_KEYS = fingerprint(bytes(16), b"", b"\x02")


def test_a_new_device_begins_at_zero_in_a_random_epoch():
    first = ReadingSequence(FakeFlash(), FakeRandom(1))
    other = ReadingSequence(FakeFlash(), FakeRandom(2))

    assert (first.boot_count, first.take(), first.take()) == (1, 0, 1)
    assert first.epoch != other.epoch


def test_a_restart_keeps_the_epoch_counts_the_boot_and_skips_what_was_reserved():
    flash = FakeFlash()
    before = ReadingSequence(flash, FakeRandom(1))
    before.take()

    after = ReadingSequence(flash, FakeRandom(2))

    assert (after.epoch, after.boot_count, after.take()) == (before.epoch, 2, BLOCK)


def test_the_sequence_goes_on_without_a_gap_from_block_to_block():
    sequence = ReadingSequence(FakeFlash(), FakeRandom())

    assert [sequence.take() for _ in range(3 * BLOCK)] == list(range(3 * BLOCK))


def test_flash_is_written_once_a_block():
    flash = FakeFlash()
    sequence = ReadingSequence(flash, FakeRandom())
    steps = flash.steps
    for _ in range(BLOCK):
        sequence.take()

    assert flash.steps == steps


def test_lost_or_broken_state_begins_a_new_epoch():
    flash = FakeFlash()
    epoch = ReadingSequence(flash, FakeRandom(1)).epoch
    whole = flash.files[READINGS]
    for broken in (b"", whole[:-1], whole[:5] + bytes((whole[5] ^ 1,)) + whole[6:], whole + b"\0"):
        flash.files[READINGS] = broken
        sequence = ReadingSequence(flash, FakeRandom(2))

        assert sequence.epoch != epoch
        assert (sequence.boot_count, sequence.take()) == (1, 0)


def test_more_boots_than_the_wire_can_count_begin_a_new_epoch():
    flash = FakeFlash()
    sequence = ReadingSequence(flash, FakeRandom(1))
    sequence.boot_count = 0xFFFF
    for _ in range(BLOCK + 1):
        sequence.take()

    after = ReadingSequence(flash, FakeRandom(2))

    assert after.epoch != sequence.epoch
    assert after.boot_count == 1


def begun(flash=None, id_context=b""):
    """Partial IVs of a new ID context."""
    ivs = PartialIvs(flash or FakeFlash(), KEYS)
    ivs.begin(id_context)
    ivs._store(0)
    return ivs


def test_partial_ivs_of_an_id_context_begin_at_zero():
    ivs = begun()

    assert [ivs.take() for _ in range(2 * BLOCK)] == list(range(2 * BLOCK))


def test_a_partial_iv_is_reserved_on_flash_before_it_is_used():
    flash = FakeFlash()
    begun(flash).take()

    assert PartialIvs(flash, KEYS).take() == BLOCK


def test_a_restart_that_sends_nothing_costs_no_partial_iv():
    flash = FakeFlash()
    begun(flash)
    for _ in range(5):
        ivs = PartialIvs(flash, KEYS)

    assert ivs.take() == 0


def test_an_id_context_is_on_flash_before_its_first_number_and_comes_back():
    flash = FakeFlash()
    begun(flash, b"R2R2R2R2R3R3R3R3")

    ivs = PartialIvs(flash, KEYS)

    assert (ivs.is_lost, ivs.id_context, ivs.is_told) == (False, b"R2R2R2R2R3R3R3R3", False)


def test_that_the_fleet_has_the_id_context_is_written_once_and_outlasts_the_next_block():
    flash = FakeFlash()
    ivs = begun(flash, b"R2R2R2R2R3R3R3R3")
    ivs.take()
    ivs.tell()
    steps = flash.steps
    ivs.tell()
    assert flash.steps == steps
    for _ in range(BLOCK):
        ivs.take()

    ivs = PartialIvs(flash, KEYS)

    assert (ivs.is_told, ivs.id_context, ivs.take()) == (True, b"R2R2R2R2R3R3R3R3", 2 * BLOCK)


def test_without_the_state_of_its_own_secret_no_number_is_taken():
    flash = FakeFlash()
    whole = bytes(begun(flash, b"R2R2R2R2R3R3R3R3")._flash.files[OSCORE])
    for state in (None, b"", whole[:-1], whole[:-1] + b"?", whole[:20] + whole[21:], whole + b"?"):
        files = {} if state is None else {OSCORE: state}
        ivs = PartialIvs(FakeFlash(files), KEYS)
        assert ivs.is_lost, state
        refused(StateLostError, ivs.take)

    assert PartialIvs(FakeFlash({OSCORE: whole}), OTHER_KEYS).is_lost


def test_when_every_partial_iv_is_used_none_is_taken_before_another_id_context_begins():
    flash = FakeFlash()
    ivs = begun(flash, b"R2R2R2R2R3R3R3R3")
    ivs._next = ivs._reserved = 0xFFFFFFC0
    refused(StateLostError, ivs.take)
    assert ivs.is_lost

    ivs.begin(b"another one with 16..")

    assert ivs.take() == 0


def test_an_id_context_that_the_flash_did_not_take_is_not_used():
    flash = FakeFlash()
    ivs = begun(flash, b"R2R2R2R2R3R3R3R3")
    flash.room_for(0)
    ivs.begin(b"another one with 16..")
    for _ in range(2):
        refused(OSError, ivs.take)
    assert PartialIvs(flash, KEYS).id_context == b"R2R2R2R2R3R3R3R3"

    flash.room_for(None)

    assert ivs.take() == 0
    assert PartialIvs(flash, KEYS).id_context == b"another one with 16.."


def test_a_fingerprint_tells_keys_apart_and_does_not_contain_them():
    secret = b"0123456789abcdef"

    assert fingerprint(secret, b"a", b"b") != fingerprint(secret, b"", b"ab")
    assert len(fingerprint(secret, b"", b"\x01")) == 8
    assert fingerprint(secret, b"", b"\x01") not in secret
