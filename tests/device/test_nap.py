# SPDX-License-Identifier: Apache-2.0
"""What a device knows through its deep sleep is there once, whole or not at all, and no number of it comes twice."""

from device.nap import Nap
from device.sequence import BLOCK, PartialIvs, ReadingSequence
from device.weigher import Weigher

from tests.fakes.flash import FakeFlash
from tests.fakes.linked_device import KEYS
from tests.fakes.powered_board import PoweredBoard
from tests.fakes.provisioned import provision
from tests.fakes.random import FakeRandom

PARTS = [b"one", b"", b"\x00" * 45, b"four"]


def board_asleep(parts):
    board = PoweredBoard()
    Nap(board.program()[1]).keep(parts)
    board.pass_ms(600_000)
    board.reset()
    return board


def test_what_was_kept_is_there_after_the_sleep():
    assert Nap(board_asleep(PARTS).program()[1]).parts == PARTS


def test_it_is_there_once():
    board = board_asleep(PARTS)
    Nap(board.program()[1])
    board.reset()  # the program ended before it slept again

    assert Nap(board.program()[1]).parts is None


def test_after_a_power_loss_nothing_is_there_whatever_the_memory_holds():
    for garbage in (b"", b"garbage", bytes(512), b"\xff" * 512, None):
        board = board_asleep(PARTS)
        if garbage is None:
            kept = bytearray(board.memory())
            kept[80] ^= 1  # a bit that did not last
            garbage = bytes(kept)
        board.lose_power(garbage)

        assert Nap(board.program()[1]).parts is None


def test_too_much_to_remember_is_not_remembered():
    assert Nap(board_asleep([b"x" * 200] * 3).program()[1]).parts is None


def test_numbers_go_on_after_a_sleep_without_a_write_to_flash():
    flash = FakeFlash()
    provision(flash, KEYS)
    sequence, ivs = ReadingSequence(flash, FakeRandom(), None), PartialIvs(flash, KEYS)
    taken = [(sequence.take(), ivs.take()) for _ in range(5)]
    boot = (sequence.epoch, sequence.boot_count)
    steps = flash.steps
    for _ in range(3):
        sequence = ReadingSequence(flash, FakeRandom(), boot, sequence.state())
        ivs = PartialIvs(flash, KEYS, ivs.state())
        taken.append((sequence.take(), ivs.take()))

    assert taken == [(number, number) for number in range(8)]
    assert flash.steps == steps


def test_numbers_kept_are_not_believed_when_flash_has_gone_on():
    flash = FakeFlash()
    provision(flash, KEYS)
    sequence, ivs = ReadingSequence(flash, FakeRandom(), None), PartialIvs(flash, KEYS)
    used = [(sequence.take(), ivs.take()) for _ in range(5)]
    boot = (sequence.epoch, sequence.boot_count)
    kept = sequence.state(), ivs.state()
    sequence, ivs = ReadingSequence(flash, FakeRandom(), boot), PartialIvs(flash, KEYS)  # without what was kept
    used += [(sequence.take(), ivs.take()) for _ in range(5)]

    sequence, ivs = ReadingSequence(flash, FakeRandom(), boot, kept[0]), PartialIvs(flash, KEYS, kept[1])
    used += [(sequence.take(), ivs.take()) for _ in range(BLOCK)]

    assert len({number for number, _ in used}) == len(used)
    assert len({iv for _, iv in used}) == len(used)


def test_numbers_kept_for_another_boot_are_not_believed():
    flash = FakeFlash()
    sequence = ReadingSequence(flash, FakeRandom(), None)
    sequence.take()
    again = ReadingSequence(flash, FakeRandom(), None, sequence.state())

    assert again.take() >= BLOCK


def test_a_weigher_goes_on_from_what_it_weighed_last():
    first = Weigher(100, 300, 3, 100)
    weigh(first, 5000, 0)
    same, moved = Weigher(100, 300, 3, 100), Weigher(100, 300, 3, 100)
    same.go_on(first.state())
    moved.go_on(first.state())

    assert weigh(same, 5050, 60) is None
    assert weigh(moved, 5200, 60) == (5200, 0)
    assert not same.has_moved
    assert moved.has_moved
    assert moved.is_settling(62)
    assert not moved.is_settling(64)


def test_a_look_of_a_device_that_sleeps_is_a_reading_and_no_movement():
    first, second = Weigher(100, 300, 3, 100), Weigher(100, 300, 3, 100)
    weigh(first, 5000, 0)
    second.go_on(first.state())
    second.look_often()

    assert weigh(second, 5010, 60) == (5010, 0)
    assert second.heartbeat
    assert not second.has_moved


def weigh(weigher, raw, uptime_s):
    found = None
    for step in range(10):
        found = weigher.add(raw, uptime_s, uptime_s * 1000 + step * 100) or found
    return found
