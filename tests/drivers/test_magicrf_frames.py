# SPDX-License-Identifier: Apache-2.0
"""Frames of the MagicRF protocol, on examples that others published."""

from binascii import unhexlify

from drivers import magicrf_frames as frames
from drivers.crc16 import gen2
from drivers.magicrf_frames import M100, R200, MagicRfFrames

M5STACK = unhexlify("BB022200" + "11C9340030751FEB705C5904E3D50D703A76EF7E")
PLAYFUL = unhexlify("AA022200" + "11C73000E28068900000500E88C6A4A7119B29DD")
EPC = unhexlify("30751FEB705C5904E3D50D70")


def found(data, kind=M100):
    parser = MagicRfFrames(kind)
    return list(parser.feed(data)) + list(parser.idle())


def notice(parameters):
    body = bytes((frames.NOTICE, frames.SINGLE, 0, len(parameters))) + parameters
    return b"\xbb" + body + bytes((sum(body) & 255, 0x7E))


def test_commands_are_those_of_the_documentation():
    for command, parameters, text in (
        (frames.INFO, frames.FIRMWARE, "BB000300010105" + "7E"),
        (frames.REGION, b"\x01", "BB000700010109" + "7E"),
        (frames.SINGLE, b"", "BB00220000227E"),
        (frames.MULTI, frames.ROUNDS, "BB0027000322FFFF4A7E"),
        (frames.STOP, b"", "BB00280000287E"),
        (frames.POWER, frames.encode_power(20), "BB00B6000207D08F7E"),
    ):
        assert frames.encode(M100, command, parameters) == unhexlify(text)


def test_the_other_family_has_other_ends():
    assert frames.encode(R200, frames.SINGLE) == unhexlify("AA0022000022DD")


def test_a_tag_has_epc_and_signal():
    assert found(M5STACK) == [(frames.NOTICE, frames.SINGLE, (EPC, -55, 1))]
    assert found(PLAYFUL, R200) == [(frames.NOTICE, frames.SINGLE, (unhexlify("E28068900000500E88C6A4A7"), -57, 1))]


def test_a_frame_that_comes_in_pieces_is_one():
    parser = MagicRfFrames(M100)
    pieces = [list(parser.feed(M5STACK[index : index + 1])) for index in range(len(M5STACK))]

    assert [len(each) for each in pieces] == [0] * 23 + [1]


def test_a_wrong_byte_anywhere_gives_no_tag():
    for index in range(len(M5STACK)):
        for bit in range(8):
            wrong = bytearray(M5STACK)
            wrong[index] ^= 1 << bit
            assert found(bytes(wrong)) == []


def test_a_wrong_epc_under_a_right_sum_is_no_tag():
    parameters = bytearray(M5STACK[5:-2])
    parameters[5] += 1
    parameters[6] -= 1

    assert found(notice(bytes(parameters))) == []
    parameters[5] -= 1
    parameters[6] += 1
    assert len(found(notice(bytes(parameters)))) == 1


def test_the_length_of_the_epc_is_what_the_tag_says():
    parameters = M5STACK[5:-2]
    assert frames.tag(parameters[:-2] + b"\0\0" + parameters[-2:]) is None
    assert frames.tag(parameters[:13] + parameters[-2:]) is None
    for pc in (b"\x28\x00", b"\x38\x00", b"\x00\x00", b"\x32\x00"):
        pc_epc = pc + EPC
        crc = gen2(pc_epc, 0, len(pc_epc))
        assert frames.tag(b"\xc9" + pc_epc + bytes((crc >> 8, crc & 255))) is None
    for size in range(8):
        assert frames.tag(parameters[:size]) is None


def test_after_noise_the_next_whole_frame_is_found():
    for noise in (b"\0", b"\xbb", b"\xbb\xbb\x02", b"\x7e\x7e", b"\xbb\x02\x22\x00\x50", bytes(range(256))):
        assert len(found(noise + M5STACK)) == 1


def test_after_a_frame_cut_off_anywhere_the_next_whole_one_is_found():
    for size in range(len(M5STACK)):
        parser = MagicRfFrames(M100)
        assert len(list(parser.feed(M5STACK[:size] + M5STACK + M5STACK))) >= 1
        assert len(found(M5STACK[:size] + M5STACK + M5STACK)) == 2


def test_a_frame_without_its_head_is_none_behind_a_stump_either():
    assert found(b"\xbb\x00" + M5STACK[1:]) == []
    assert found(b"\xbb" + M5STACK[1:]) != []


def test_a_length_beyond_any_frame_is_not_waited_for():
    parser = MagicRfFrames(M100)

    assert len(list(parser.feed(b"\xbb\x02\x22\x00\x51" + M5STACK))) == 1
    assert len(list(parser.feed(b"\xbb\x02\x22\x01\x00" + M5STACK))) == 1


def test_silence_ends_the_wait_for_the_rest_of_a_stump():
    parser = MagicRfFrames(M100)

    assert list(parser.feed(b"\xbb\x02\x22\x00\x50" + M5STACK)) == []
    assert len(list(parser.idle())) == 1
    assert list(parser.idle()) == []


def test_a_frame_that_is_right_by_accident_takes_no_tag_along():
    """A stump whose length ends within the next frame, where the tail and the sum happen to stand."""
    pc_epc = b"\x30\x00\x30\x11\x7e" + bytes(9)
    crc = gen2(pc_epc, 0, len(pc_epc))
    frame = notice(b"\xc9" + pc_epc + bytes((crc >> 8, crc & 255)))
    end = frame.index(b"\x7e") + 1
    body = bytes((frames.NOTICE, frames.SINGLE, 0, end - 1))
    fill = frame[end - 2] - sum(body) - sum(frame[: end - 2]) & 255
    accident = b"\xbb" + body + bytes((fill,)) + frame[:end]
    assert (sum(accident[1:-2]) & 255, 0x7E) == (accident[-2], accident[-1])

    assert found(accident + frame[end:]) == [(frames.NOTICE, frames.SINGLE, (pc_epc[2:], -55, 1))]


def test_what_a_host_says_is_no_frame_of_a_module():
    assert found(frames.encode(M100, frames.SINGLE)) == []
