# SPDX-License-Identifier: Apache-2.0
"""Sequence numbers and partial IVs: none is ever given twice."""

from device.keys import fingerprint, provision
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


def test_a_provisioned_device_takes_partial_ivs_from_zero():
    flash = FakeFlash()
    provision(flash, KEYS)
    ivs = PartialIvs(flash, KEYS)

    assert [ivs.take() for _ in range(2 * BLOCK)] == list(range(2 * BLOCK))


def test_a_partial_iv_is_reserved_on_flash_before_it_is_used():
    flash = FakeFlash()
    provision(flash, KEYS)
    PartialIvs(flash, KEYS).take()

    assert PartialIvs(flash, KEYS).take() == BLOCK


def test_a_restart_that_sends_nothing_costs_no_partial_iv():
    flash = FakeFlash()
    provision(flash, KEYS)
    for _ in range(5):
        ivs = PartialIvs(flash, KEYS)

    assert ivs.take() == 0


def test_without_its_state_a_key_is_not_used():
    assert OSCORE in str(refused(StateLostError, PartialIvs, FakeFlash(), KEYS))


def test_with_broken_state_a_key_is_not_used():
    flash = FakeFlash()
    provision(flash, KEYS)
    flash.files[OSCORE] = flash.files[OSCORE][:-1] + b"?"

    assert "new key" in str(refused(StateLostError, PartialIvs, flash, KEYS))


def test_the_state_of_another_key_is_not_used():
    flash = FakeFlash()
    provision(flash, KEYS)

    assert "another key" in str(refused(StateLostError, PartialIvs, flash, OTHER_KEYS))


def test_provisioning_again_with_the_same_key_changes_nothing():
    flash = FakeFlash()
    provision(flash, KEYS)
    PartialIvs(flash, KEYS).take()
    provision(flash, KEYS)

    assert PartialIvs(flash, KEYS).take() == BLOCK


def test_provisioning_with_a_new_key_begins_at_zero():
    flash = FakeFlash()
    provision(flash, KEYS)
    PartialIvs(flash, KEYS).take()
    provision(flash, OTHER_KEYS)

    assert PartialIvs(flash, OTHER_KEYS).take() == 0


def test_broken_state_is_not_provisioned_over():
    """It may be the state of this very key: to begin at zero again would repeat nonces."""
    flash = FakeFlash({OSCORE: b"broken"})

    assert "remove the file" in str(refused(StateLostError, provision, flash, KEYS))
    assert flash.files == {OSCORE: b"broken"}


def test_a_fingerprint_tells_keys_apart_and_does_not_contain_them():
    secret = b"0123456789abcdef"

    assert fingerprint(secret, b"a", b"b") != fingerprint(secret, b"", b"ab")
    assert len(fingerprint(secret, b"", b"\x01")) == 8
    assert fingerprint(secret, b"", b"\x01") not in secret
