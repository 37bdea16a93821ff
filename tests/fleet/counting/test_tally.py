# SPDX-License-Identifier: Apache-2.0
"""What a bin's tally gives its counter, and what it makes of the answers."""

from dataclasses import dataclass, replace

import pytest

from fleet.counting.counter import CORRECT, OK, PICK, UNCERTAIN, BinSetup, Count, Event
from fleet.counting.memory import Memory, read_memory
from fleet.counting.tally import Tally
from fleet.stock.model import Cause
from tests.fleet.plant import NOW_MS, SCALE


@dataclass
class Said:
    """A reading."""

    uptime_s: int = 0
    taken_at_ms: int | None = NOW_MS
    received_at_ms: int = NOW_MS
    epoch: int = 1
    boot_count: int = 1
    raw: int = 0
    temp_cc: int | None = 2150


def counted(pieces: int | None, *events: Event, state: str = OK, is_evidence: bool = True) -> Count:
    return Count(pieces, pieces, 0.5, pieces, pieces, state, is_evidence, is_evidence, events)


class Scripted:
    """A counter that answers what it was told to, and notes what it was given."""

    def __init__(self, setup: BinSetup, answers: list[Count], heard: list[tuple[object, ...]]) -> None:
        self._answers, self.heard = answers, heard
        heard.append(("made", setup))

    def update(self, t_s: float, raw: int, temp_c: float | None) -> Count:
        self.heard.append(("update", t_s, raw, temp_c))
        return self._answers.pop(0)

    def recalibrate(self, t_s: float, setup: BinSetup) -> Count:
        self.heard.append(("recalibrate", t_s, setup))
        return self._answers.pop(0)

    def dump(self) -> bytes:
        self.heard.append(("dump",))
        return b""


@pytest.fixture
def heard() -> list[tuple[object, ...]]:
    return []


def tally_of(heard: list[tuple[object, ...]], *answers: Count) -> Tally:
    script = list(answers)
    return Tally(make=lambda setup: Scripted(setup, script, heard))  # type: ignore[arg-type, return-value]


def read(tally: Tally, said: Said, setup: BinSetup = SCALE) -> list[tuple[int, Cause]]:
    return tally.changes(tally.read(said, lambda _: setup).count)


def times(heard: list[tuple[object, ...]]) -> list[float]:
    return [float(said[1]) - NOW_MS / 1000 for said in heard if said[0] == "update"]  # type: ignore[arg-type]


def test_a_counter_is_given_seconds_raw_counts_and_degrees(heard: list[tuple[object, ...]]) -> None:
    read(tally_of(heard, counted(5)), Said(raw=77))
    assert heard[:2] == [("made", SCALE), ("update", NOW_MS / 1000, 77, 21.5)]


def test_readings_of_a_boot_that_was_heard_before_are_dated_by_its_uptime(heard: list[tuple[object, ...]]) -> None:
    tally = tally_of(heard, *[counted(5)] * 3)
    read(tally, Said(uptime_s=100))
    read(tally, Said(uptime_s=160, taken_at_ms=None, received_at_ms=NOW_MS + 900_000))
    read(tally, Said(uptime_s=9_999, taken_at_ms=None, received_at_ms=NOW_MS + 900_000))
    assert times(heard) == [0, 60, 900], "and never later than they were heard"


def test_readings_of_a_boot_that_was_never_heard_follow_what_came_before(heard: list[tuple[object, ...]]) -> None:
    """So that they are counted, and do not make those of the present boot look old."""
    tally = tally_of(heard, *[counted(5)] * 4)
    read(tally, Said(uptime_s=100))
    for uptime_s in (10, 40):
        read(tally, Said(uptime_s, None, NOW_MS + 900_000, boot_count=2))
    read(tally, Said(5, NOW_MS + 800_000, NOW_MS + 900_000, boot_count=3))
    assert times(heard) == [0, 0, 30, 800]


def test_another_setup_is_told_to_the_counter_once(heard: list[tuple[object, ...]]) -> None:
    tally = tally_of(heard, *[counted(5)] * 9)
    lighter = replace(SCALE, apw_g=4.9)
    for setup in (SCALE, lighter, lighter):
        read(tally, Said(), setup)
    told = [said[0] for said in heard if said != ("dump",)]
    assert told == ["made", "update", "recalibrate", "update", "update"]
    assert tally.setup == lighter


def test_what_is_told_is_put_down_unless_it_is_the_very_answer_of_before(heard: list[tuple[object, ...]]) -> None:
    """A counter that answers with the same object has come to believe nothing that it could not put down."""
    same = counted(5)
    tally = tally_of(heard, same, same, counted(5), same)
    for _ in range(4):
        read(tally, Said())
    assert [said[0] for said in heard[1:]] == ["update", "dump", "update", "update", "dump", "update", "dump"]


def test_what_was_not_put_down_is_tried_again(heard: list[tuple[object, ...]]) -> None:
    same = counted(5)
    tally = tally_of(heard, same, same)

    def fail() -> bytes:
        raise OverflowError("too much")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scripted, "dump", lambda _: fail())
        for _ in range(2):
            with pytest.raises(OverflowError):
                read(tally, Said())


def test_a_copy_stays_what_it_was(heard: list[tuple[object, ...]]) -> None:
    tally = tally_of(heard, counted(5), counted(4, state=UNCERTAIN, is_evidence=False), counted(7))
    read(tally, Said(uptime_s=100))
    copy = tally.copy()
    before = copy.memory.to_json()
    read(tally, Said(uptime_s=200, taken_at_ms=NOW_MS + 100_000), replace(SCALE, apw_g=4.9))
    assert (copy.memory.to_json(), copy.pieces, copy.dump()) == (before, 5, b"")
    assert tally.memory.to_json() != before


def test_a_late_reading_brings_no_old_setup_back(heard: list[tuple[object, ...]]) -> None:
    tally = tally_of(heard, *[counted(5)] * 9)
    asked = []
    for at_ms in (NOW_MS, NOW_MS - 5_000):
        tally.read(Said(taken_at_ms=at_ms), lambda at_ms: asked.append(at_ms) or SCALE)  # type: ignore[func-returns-value]
    assert asked == [NOW_MS, NOW_MS]


def test_what_was_only_judged_anew_is_booked_apart_from_what_somebody_did(heard: list[tuple[object, ...]]) -> None:
    tally = tally_of(
        heard,
        counted(100),
        counted(97, Event(CORRECT, -3), state=UNCERTAIN, is_evidence=False),
        counted(93, Event(PICK, -4)),
        counted(93),
    )
    assert [read(tally, Said()) for _ in range(4)] == [
        [(100, Cause.FIRST)],
        [],
        [(-3, Cause.CORRECTED), (-4, Cause.HANDLED)],
        [],
    ]


def test_a_rise_is_of_the_moment_at_which_the_bin_was_first_in_unrest(heard: list[tuple[object, ...]]) -> None:
    unrest = counted(100, is_evidence=False)
    lifted = counted(100, state="absent", is_evidence=False)
    tally = tally_of(heard, counted(100), unrest, unrest, counted(140), lifted, unrest, counted(150))
    raised = []
    for second in range(7):
        read(tally, Said(second, NOW_MS + second * 1000))
        raised.append(tally.raised_at_ms)
    assert raised == [None, None, None, NOW_MS + 1000, None, None, NOW_MS + 5000]


def test_memory_survives_as_text_and_rubbish_means_begin_anew() -> None:
    memory = Memory(corrected=3, boot=[1, 2, NOW_MS], mean=0.1 + 0.2, newest_at_ms=NOW_MS)
    assert read_memory(memory.to_json()) == memory
    for rubbish in ("", "{}", "[]", memory.to_json().replace("[1,2", '["1",2')):
        assert read_memory(rubbish) == Memory(is_rescaled=True)
