# SPDX-License-Identifier: Apache-2.0
"""The virtual module: answers on its terminal as a module does, about tags that come and go, on a line as lines are."""

import os
from collections.abc import Iterator

import pytest

from tools.simulate.uhf.line import Damage, Line
from tools.simulate.uhf.magicrf import MagicRf
from tools.simulate.uhf.module import VirtualModule
from tools.simulate.uhf.tag_world import TagWorld, Visit, coming_and_going
from tools.simulate.uhf.thingmagic import ThingMagic

EPC = bytes(range(12))
INFO = bytes.fromhex("BB000300010105" + "7E")
START, STOP = bytes.fromhex("BB0027000322FFFF4A7E"), bytes.fromhex("BB00280000287E")
ALWAYS = Visit(EPC, 0, 100, read_share=1.0)


class Host:
    def __init__(self, module: VirtualModule) -> None:
        self.module = module
        self._terminal = os.open(module.path, os.O_RDWR | os.O_NOCTTY)

    def asks(self, data: bytes) -> bytes:
        os.write(self._terminal, data)
        self.module.run_round()
        return os.read(self._terminal, 4096)

    def close(self) -> None:
        os.close(self._terminal)
        self.module.close()


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host(VirtualModule(MagicRf(), TagWorld([ALWAYS], 1), Line(Damage(), 1), lambda: 50.0))
    yield host
    host.close()


def test_a_terminal_with_nothing_to_say_does_not_wait(host: Host) -> None:
    assert host.asks(b"") == b""


def test_it_answers_and_reads_from_start_to_stop(host: Host) -> None:
    assert b"M100" in host.asks(INFO)
    assert EPC in host.asks(START)
    assert EPC in host.asks(b"")
    assert EPC not in host.asks(STOP)
    assert host.asks(b"") == b""


def test_its_frames_are_those_that_others_have_published() -> None:
    tag = MagicRf().tag(bytes.fromhex("30751FEB705C5904E3D50D70"), -55)
    assert tag[:6].hex() == "bb02220011c9"
    tag = MagicRf("r200").tag(bytes.fromhex("E28068900000500E88C6A4A7"), -57)
    assert tag.hex() == "aa02220011c73000e28068900000500e88c6a4a7119b29dd"
    module = ThingMagic()
    assert module.hear(bytes.fromhex("FF00041D0B"))[0][2] == 4
    assert module.hear(bytes.fromhex("FF01970D4BB0")) == [bytes.fromhex("FF00970000779E")]
    assert module.hear(bytes.fromhex("FF102F00000122000005072210001B03E801FFDD2B")) == [
        bytes.fromhex("FF042F0000012200006DC3")
    ]
    assert module.nothing() == bytes.fromhex("FF0022040084E0")
    assert module.tag(bytes.fromhex("000000000000000000001545"), -51)[-4:-2] == bytes.fromhex("E94A")


def test_tags_are_there_while_their_visit_lasts() -> None:
    world = TagWorld([Visit(EPC, 10, 20, read_share=1.0)], 1)

    assert [len(list(world.round(now_s))) for now_s in (9.9, 10, 19.9, 20)] == [0, 1, 1, 0]


def test_the_same_seed_makes_the_same_visits_and_the_same_line() -> None:
    assert coming_and_going(3, 5, 600) == coming_and_going(3, 5, 600) != coming_and_going(4, 5, 600)
    damage = Damage(noise=0.5, truncated=0.5, flipped=0.5, lost=0.5)
    first, second = Line(damage, 7), Line(damage, 7)
    carried = [first.carry(EPC) for _ in range(50)]

    assert carried == [second.carry(EPC) for _ in range(50)]
    assert any(each != EPC for each in carried)


def test_a_good_line_carries_what_is_said() -> None:
    line = Line(Damage(), 1)

    assert all(line.carry(EPC) == EPC for _ in range(100))
