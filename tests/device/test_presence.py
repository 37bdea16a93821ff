# SPDX-License-Identifier: Apache-2.0
"""Presence of tags: many reads, few events."""

from device.presence import Presence
from wire.tags import ENTERED, LEFT, PRESENT, READS_MAX

EPC, OTHER = b"\x30" + bytes(11), b"\x31" + bytes(11)


def new_presence(enter_reads=3, heartbeat_s=600, tags_max=8):
    return Presence(enter_reads, 2, -60, 10, -70, heartbeat_s, tags_max)


class Watched:
    """A presence whose every event is kept; `events` holds (uptime_s, event)."""

    def __init__(self, presence=None):
        self.presence = presence or new_presence()
        self.now_s = 0
        self.events = []

    def reads(self, *strengths, epc=EPC, antenna=1):
        for rssi_dbm in strengths:
            event = self.presence.read(epc, rssi_dbm, antenna, self.now_s)
            if event is not None:
                self.presence.told(event, self.now_s)
                self.events.append((self.now_s, event))

    def passes(self, seconds):
        for _ in range(seconds):
            self.now_s += 1
            for event in self.presence.due(self.now_s):
                self.presence.told(event, self.now_s)
                self.events.append((self.now_s, event))


def test_a_tag_enters_when_it_was_read_often_enough():
    watched = Watched()
    watched.reads(-50, -55)
    assert watched.events == []
    watched.reads(-45)

    assert watched.events == [(0, (ENTERED, 1, -45, 3, EPC))]


def test_reads_that_are_too_far_apart_do_not_let_a_tag_enter():
    watched = Watched()
    for _ in range(20):
        watched.reads(-50)
        watched.passes(3)

    assert watched.events == []


def test_weak_reads_do_not_let_a_tag_enter_and_keep_one_that_is_there():
    watched = Watched()
    watched.reads(-65, -65, -65, -65)
    assert watched.events == []
    watched.reads(-50, -50, -50)
    for _ in range(5):
        watched.passes(9)
        watched.reads(-65)

    assert [event[0] for _, event in watched.events] == [ENTERED]


def test_reads_below_the_lower_threshold_keep_nobody():
    watched = Watched()
    watched.reads(-50, -50, -50)
    for _ in range(10):
        watched.passes(1)
        watched.reads(-71)

    assert watched.events[1:] == [(10, (LEFT, 1, None, 0, EPC))]


def test_a_tag_left_when_it_was_not_read_for_long():
    watched = Watched()
    watched.reads(-50, -50, -50)
    watched.passes(4)
    watched.reads(-58, -52)
    watched.passes(9)
    assert len(watched.events) == 1
    watched.passes(20)

    assert watched.events[1:] == [(14, (LEFT, 1, -52, 2, EPC))]


def test_a_tag_that_comes_back_enters_again():
    watched = Watched()
    for _ in range(2):
        watched.reads(-50, -50, -50)
        watched.passes(10)

    assert [event[0] for _, event in watched.events] == [ENTERED, LEFT, ENTERED, LEFT]


def test_a_tag_that_stays_says_so_with_its_reads_and_best_signal():
    watched = Watched(new_presence(heartbeat_s=60))
    watched.reads(-50, -50, -50)
    for second in range(120):
        watched.reads(-59, -58 if second < 60 else -57)
        watched.passes(1)

    assert watched.events[1:] == [(60, (PRESENT, 1, -58, 120, EPC)), (120, (PRESENT, 1, -57, 120, EPC))]


def test_a_thousand_reads_are_one_event():
    watched = Watched()
    watched.reads(*[-50] * 1000)

    assert len(watched.events) == 1


def test_more_reads_than_can_be_said_are_the_most_that_can():
    watched = Watched()
    for _ in range(READS_MAX + 10):
        watched.reads(-50)
    watched.passes(10)

    assert watched.events[-1][1] == (LEFT, 1, -50, READS_MAX, EPC)


def test_each_antenna_has_its_own_presence():
    watched = Watched()
    watched.reads(-50, -50, antenna=1)
    watched.reads(-50, -50, -50, antenna=2)
    watched.passes(10)

    assert [event[:2] for _, event in watched.events] == [(ENTERED, 2), (LEFT, 2)]


def test_an_event_that_nobody_could_keep_is_told_again():
    presence = new_presence()
    presence.read(EPC, -50, 1, 0)
    presence.read(EPC, -50, 1, 0)
    assert presence.read(EPC, -50, 1, 0) == (ENTERED, 1, -50, 3, EPC)
    entered = presence.read(EPC, -49, 1, 1)
    assert entered == (ENTERED, 1, -49, 4, EPC)
    presence.told(entered, 1)
    assert presence.read(EPC, -49, 1, 1) is None

    left = list(presence.due(11))
    assert list(presence.due(12)) == left == [(LEFT, 1, -49, 1, EPC)]
    presence.told(left[0], 12)
    assert list(presence.due(13)) == []


def fill(watched, first, last, reads=3):
    for number in range(first, last + 1):
        watched.reads(*[-50] * reads, epc=bytes((number, 0)))


def test_a_full_table_forgets_who_has_not_entered():
    watched = Watched()
    fill(watched, 1, 7)
    watched.reads(-50, epc=OTHER)
    watched.reads(-50, -50, -50)

    assert watched.events[-1][1][4] == EPC
    assert watched.presence.overlooked == 0


def test_a_full_table_overlooks_new_tags_until_one_leaves():
    watched = Watched()
    fill(watched, 1, 8)
    watched.reads(-50, -50, -50)
    assert (len(watched.events), watched.presence.overlooked) == (8, 3)
    watched.passes(10)
    watched.reads(-50, -50, -50)

    assert watched.events[-1] == (10, (ENTERED, 1, -50, 3, EPC))


def test_tags_that_only_pass_by_keep_nobody_out():
    watched = Watched()
    for number in range(200):
        watched.reads(-50, epc=bytes((number, 1)))
        watched.passes(1)
    watched.passes(5)
    fill(watched, 1, 8)

    assert len(watched.events) == 8
