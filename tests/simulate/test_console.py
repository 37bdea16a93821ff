# SPDX-License-Identifier: Apache-2.0
"""Console lines of a device as values, and what they add up to."""

from typing import Any

from tools.simulate.console import Acked, Boot, Status, Taken, parse
from tools.simulate.tally import Tally, Verdict


def test_each_line_of_the_firmware_has_its_meaning() -> None:
    assert parse("kanbin: boot device=bin-01 boot=3 epoch=305419896") == Boot("bin-01", 3, 305419896)
    assert parse("kanbin: reading sequence=17 channel=0 uptime_s=42 raw=-5 spread=80 temp_cc=2150") == Taken(
        17, 0, 42, -5, 80, 2150
    )
    assert parse("kanbin: reading sequence=17 channel=0 uptime_s=42 raw=1 spread=8 temp_cc=None") == Taken(
        17, 0, 42, 1, 8, None
    )
    assert parse("kanbin: acked epoch=7 boot=3 first=12 last=17 count=6") == Acked(7, 3, 12, 17, 6)
    assert parse("kanbin: status no_fleet nobody answers") == Status("no_fleet", "nobody answers")


def test_a_line_cut_off_by_a_power_cut_means_nothing() -> None:
    for line in ("kanbin: acked epoch=7 boot=3 first=12 la", "kanbin: boot device=bin-01 boot=", "kanbin: rea"):
        assert parse(line) is None


def test_a_batch_with_gaps_acknowledges_only_what_was_taken() -> None:
    tally = heard(Boot("a", 1, 7), *(taken(sequence) for sequence in (1, 2, 64)), Acked(7, 1, 1, 64, 3))
    assert tally.acked == {("a", 7, 1), ("a", 7, 2), ("a", 7, 64)}


def test_a_batch_without_gaps_needs_no_line_for_each_reading() -> None:
    assert len(heard(Boot("a", 1, 7), Acked(7, 1, 1, 64, 64)).acked) == 64


def test_an_acknowledged_reading_that_is_not_stored_is_lost() -> None:
    tally = heard(Boot("a", 1, 7), taken(1), taken(2), Acked(7, 1, 1, 2, 2))
    assert tally.judge([row(1)]) == Verdict(2, 1, 1, 0)


def test_a_stored_reading_nobody_saw_acknowledged_is_neither_lost_nor_sent() -> None:
    tally = heard(Boot("a", 1, 7), taken(1), taken(2), Acked(7, 1, 1, 1, 1))
    assert tally.judge([row(1), row(2)]) == Verdict(1, 1, 0, 0)


def test_one_weighing_under_two_keys_is_a_duplicate() -> None:
    tally = heard(Boot("a", 1, 7), taken(1), Acked(7, 1, 1, 1, 1))
    assert tally.judge([row(1), row(9, uptime_s=1)]).duplicated == 1
    assert tally.judge([row(1), row(1)]).duplicated == 1


def heard(*lines: Any) -> Tally:
    tally = Tally()
    for line in lines:
        tally.hear("a", line)
    return tally


def taken(sequence: int) -> Taken:
    return Taken(sequence, 0, sequence, 1000, 50, None)


def row(sequence: int, uptime_s: int | None = None) -> dict[str, Any]:
    at_s = sequence if uptime_s is None else uptime_s
    return {
        "device": "a",
        "epoch": 7,
        "sequence": sequence,
        "boot_count": 1,
        "channel": 0,
        "uptime_s": at_s,
        "raw": 1000,
        "spread": 50,
    }
