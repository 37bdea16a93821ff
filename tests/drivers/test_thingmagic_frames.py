# SPDX-License-Identifier: Apache-2.0
"""Frames of ThingMagic's modules, on the log of a real one that SparkFun published."""

from binascii import unhexlify

from drivers import thingmagic_frames as frames
from drivers.crc16 import gen2, thingmagic
from drivers.thingmagic_frames import ThingMagicFrames

LONG = unhexlify(
    "FF28220000" + "10001B01FF0101CD110E08300000000A000005" + "00000F00803000000000000000000000001545E94A0237"
)
SHORT = unhexlify("FF20220000" + "10001B01FF0101C7110E08300000000F000005" + "00000F00401000596F596FF3138990")
FLAGS = 3  # where in the data


def found(data):
    parser = ThingMagicFrames()
    return list(parser.feed(data)) + list(parser.idle())


def streamed(data):
    body = bytes((len(data), frames.READ_MULTIPLE, 0, 0)) + data
    return b"\xff" + body + thingmagic(body, 0, len(body)).to_bytes(2, "big")


def data_of(frame):
    return frame[5:-2]


def test_commands_are_those_of_the_log():
    for opcode, data, text in (
        (frames.VERSION, b"", "FF00031D0C"),
        (frames.PROGRAM, b"", "FF000C1D03"),
        (frames.POWER, frames.encode_power(27), "FF02920A8C4BD5"),
        (frames.REGION, b"\x0d", "FF01970D4BB0"),
        (frames.ANTENNAS, frames.encode_antennas((1,)), "FF039102010142C5"),
        (frames.OPTION, frames.EVERY_READ, "FF039A010C00A35D"),
        (frames.OPERATE, frames.START_READING, "FF102F00000122000005072210001B03E801FFDD2B"),
        (frames.OPERATE, frames.STOP_READING, "FF032F0000025E86"),
    ):
        assert frames.encode(opcode, data) == unhexlify(text)


def test_answers_have_a_status():
    assert found(unhexlify("FF00970000779E")) == [(frames.REGION, 0, b"")]
    assert found(unhexlify("FF042F0000012200006DC3")) == [(frames.OPERATE, 0, b"\x01\x22\0\0")]
    assert found(unhexlify("FF0022040084E0")) == [(frames.READ_MULTIPLE, 0x400, b"")]


def test_a_tag_has_epc_signal_and_antenna():
    assert found(LONG) == [(frames.READ_MULTIPLE, frames.OK, (unhexlify("000000000000000000001545"), -51, 1))]
    assert found(SHORT) == [(frames.READ_MULTIPLE, frames.OK, (unhexlify("596F596F"), -57, 1))]


def test_a_wrong_byte_anywhere_gives_no_frame():
    for index in range(len(LONG)):
        for bit in range(8):
            wrong = bytearray(LONG)
            wrong[index] ^= 1 << bit
            assert found(bytes(wrong)) == []


def test_a_tag_whose_own_crc_is_wrong_is_none():
    data = bytearray(data_of(LONG))
    assert streamed(data) == LONG
    for index in range(-16, 0):
        data[index] ^= 1
        assert frames.tag(bytes(data)) is None
        assert found(streamed(bytes(data))) == []
        data[index] ^= 1


def test_the_length_of_the_epc_is_what_the_tag_says():
    data = data_of(LONG)
    for pc in (b"\x28\x00", b"\x38\x00", b"\x00\x00", b"\x32\x00"):
        pc_epc = pc + data[-14:-2]
        crc = gen2(pc_epc, 0, len(pc_epc))
        assert frames.tag(data[:-16] + pc_epc + bytes((crc >> 8, crc & 255))) is None


def test_a_report_or_the_end_of_a_stream_is_no_tag():
    data = bytearray(data_of(LONG))
    for kind in (0, 2):
        data[5] = kind
        assert frames.tag(bytes(data)) is None


def test_a_tag_of_another_protocol_is_none():
    data = bytearray(data_of(LONG))
    assert data[18] == 5
    data[18] = 3
    assert frames.tag(bytes(data)) is None


def test_fields_that_are_not_known_make_it_no_tag():
    data = bytearray(data_of(LONG))
    for flags in (0x03FF, 0x21FF, 0x01BF, 0x01FD, 0x01FB, 0x00FF):
        data[FLAGS], data[FLAGS + 1] = flags >> 8, flags & 255
        assert frames.tag(bytes(data)) is None


def test_data_read_along_with_a_tag_is_passed_over():
    data = data_of(LONG)
    before, after = data[:19], data[21:]

    assert frames.tag(before + b"\x00\x0c\xaa\xbb" + after) == frames.tag(data)
    assert frames.tag(before + b"\xff\xff" + after) is None


def test_a_tag_that_is_cut_off_is_none():
    data = data_of(LONG)
    for size in range(len(data)):
        assert frames.tag(data[:size]) is None
    assert frames.tag(data + b"\0") is None


def test_after_noise_the_next_whole_frame_is_found():
    for noise in (b"\0", b"\xff", b"\xff\xff\xff", b"\xff\xf8", b"\xff\x28\x22\x00\x00", bytes(range(256))):
        assert len(found(noise + LONG)) == 1


def test_after_a_frame_cut_off_anywhere_the_next_whole_one_is_found():
    for size in range(len(LONG)):
        assert len(found(LONG[:size] + SHORT + LONG)) == 2
