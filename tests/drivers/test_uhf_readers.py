# SPDX-License-Identifier: Apache-2.0
"""Reader modules from start to tags: set up, refused, silent, restarted."""

from binascii import unhexlify

from drivers import magicrf_frames, thingmagic_frames
from drivers.crc16 import thingmagic as thingmagic_crc
from drivers.magicrf import MagicRf
from drivers.thingmagic import ThingMagic
from drivers.uhf import SILENT_MS, UhfError

from tests.expect import refused
from tests.fakes.clock import FakeClock
from tests.fakes.uart import FakeUart

M100_TAG = unhexlify("BB02220011C9340030751FEB705C5904E3D50D703A76EF7E")
M6E_TAG = unhexlify("FF2822000010001B01FF0101CD110E08300000000A00000500000F00803000000000000000000000001545E94A0237")
M100_NO_TAG = unhexlify("BB01FF000115167E")
EPC = unhexlify("30751FEB705C5904E3D50D70")


def magicrf_answer(command, parameters):
    body = bytes((1, command, 0, len(parameters))) + parameters
    return b"\xbb" + body + bytes((sum(body) & 255, 0x7E))


def thingmagic_answer(opcode, status, data=b""):
    body = bytes((len(data), opcode, status >> 8, status & 255)) + data
    return b"\xff" + body + thingmagic_crc(body, 0, len(body)).to_bytes(2, "big")


class Rig:
    """A reader on a UART; `answers` maps the code of a command to what the module says to it, b"" is nothing."""

    def __init__(self, family, answers=(), **settings):
        self.clock = FakeClock()
        self.answers = dict(answers)
        self.uart = FakeUart(self._hear)
        self._magicrf = family is MagicRf
        if self._magicrf:
            self.reader = MagicRf(self.uart, self.clock, "m100", settings.get("region", "eu"), 20)
        else:
            self.reader = ThingMagic(self.uart, self.clock, settings.get("region", "eu"), 20)

    def said(self):
        return [frame[2] for frame in self.uart.said]

    def run(self, rounds, step_ms=50):
        tags = []
        for _ in range(rounds):
            tags.extend(self.reader.poll())
            self.clock.sleep_ms(step_ms)
        return tags

    def _hear(self, frame):
        code = frame[2]
        if code in self.answers:
            return [self.answers[code]]
        if not self._magicrf:
            program = {thingmagic_frames.PROGRAM: b"\x12", thingmagic_frames.VERSION: bytes(range(20))}
            data = frame[5:6] if code == thingmagic_frames.OPERATE else program.get(code, b"")
            return [thingmagic_answer(code, 0, data)]
        if code == magicrf_frames.MULTI:
            return [M100_NO_TAG]
        return [magicrf_answer(code, b"\x01M100 V2.3" if code == magicrf_frames.INFO else b"\0")]


def test_a_module_is_set_up_and_then_reads():
    rig = Rig(MagicRf)
    rig.run(6)

    assert rig.reader.reads
    assert rig.said() == [0x28, 0x03, 0x07, 0xB6, 0x27]
    assert rig.uart.said[2] == unhexlify("BB00070001030B7E")
    assert rig.reader.firmware == "M100 V2.3"
    rig = Rig(ThingMagic)
    rig.run(10)
    assert rig.reader.reads
    assert rig.said() == [0x2F, 0x0C, 0x03, 0x97, 0x92, 0x91, 0x93, 0x9A, 0x2F]
    assert rig.reader.firmware == "0c.0d.0e.0f"


def test_tags_are_given_as_they_are_read():
    rig = Rig(MagicRf)
    rig.run(6)
    rig.uart.arrives(M100_TAG + M100_TAG[:9] + M100_TAG)

    assert rig.run(1) == [(EPC, -55, 1)] * 2
    rig = Rig(ThingMagic)
    rig.run(10)
    rig.uart.arrives(M6E_TAG)
    assert rig.run(1) == [(unhexlify("000000000000000000001545"), -51, 1)]


def test_tags_of_a_module_that_reads_from_before_wait_until_it_is_set_up():
    rig = Rig(MagicRf, {magicrf_frames.STOP: b"", magicrf_frames.REGION: b""})
    for _ in range(30):
        rig.uart.arrives(M100_TAG)
        assert rig.run(1) == []

    assert not rig.reader.reads


def test_a_stop_that_is_not_answered_or_refused_is_no_fault():
    for family, answer in ((MagicRf, b""), (ThingMagic, thingmagic_answer(thingmagic_frames.OPERATE, 0x0101))):
        rig = Rig(family)
        rig.answers[rig.said()[0]] = answer
        rig.reader.start()
        rig.answers.clear()
        rig.run(100)

        assert rig.reader.reads


def fault(rig):
    return refused(UhfError, rig.run, 200)


def test_a_module_that_does_not_answer_is_a_fault_that_says_what_was_asked():
    error = fault(Rig(MagicRf, {magicrf_frames.REGION: b""}))

    assert (error.reason, str(error.args[-1])) == ("no_answer", "no_answer: region")
    assert isinstance(error, OSError)
    assert fault(Rig(ThingMagic, {thingmagic_frames.VERSION: b""})).args[-1] == "no_answer: version"


def test_a_module_that_refuses_is_a_fault_that_says_what_and_why():
    failed = magicrf_answer(magicrf_frames.FAILED, b"\x0e")
    assert fault(Rig(MagicRf, {magicrf_frames.POWER: failed})).args[-1] == "refused: power (0xE)"
    failed = thingmagic_answer(thingmagic_frames.REGION, 0x0105)
    assert fault(Rig(ThingMagic, {thingmagic_frames.REGION: failed})).args[-1] == "refused: region (0x105)"


def test_after_a_fault_a_start_begins_anew():
    rig = Rig(MagicRf, {magicrf_frames.POWER: b""})
    fault(rig)
    rig.answers.clear()
    rig.reader.start()
    rig.run(6)

    assert rig.reader.reads


def test_a_module_that_falls_silent_is_told_to_read_again():
    """Its rounds are used up, or it has restarted; noise on the line is no sign of life."""
    for family in (MagicRf, ThingMagic):
        rig = Rig(family)
        rig.run(10)
        before = len(rig.uart.said)
        for _ in range(SILENT_MS // 50 + 2):
            rig.uart.arrives(b"\x00\x55")
            rig.run(1)
        rig.run(2)

        assert len(rig.uart.said) == before + 1
        assert rig.uart.said[-1] == rig.uart.said[before - 1]
        assert rig.reader.reads


def test_a_module_that_says_that_there_is_no_tag_is_left_alone():
    rig = Rig(MagicRf)
    for _ in range(200):
        rig.uart.arrives(M100_NO_TAG)
        rig.run(1)

    assert len(rig.uart.said) == 5


def test_a_module_in_its_bootloader_is_sent_into_its_program():
    rig = Rig(ThingMagic, {thingmagic_frames.PROGRAM: thingmagic_answer(thingmagic_frames.PROGRAM, 0, b"\x11")})
    rig.run(3)
    assert rig.said() == [0x2F, 0x0C, 0x04]
    rig.answers.clear()
    rig.run(40)

    assert rig.reader.reads


def test_every_region_of_the_settings_has_a_code():
    from device.parse_reader import MODULES

    for module, regions in MODULES.items():
        codes = thingmagic_frames.REGIONS if module in ("m6e", "m7e") else magicrf_frames.REGIONS
        assert tuple(sorted(codes)) == regions
