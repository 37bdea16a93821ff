# SPDX-License-Identifier: Apache-2.0
"""The guard and the limited log: how much strangers can make the gate do, remember and write."""

import logging

import pytest

from fleet.gate.guard import Guard, Limits
from fleet.gate.logline import KINDS_MAX, OnePerSecond


class Stopwatch:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def admitted(guard: Guard, address: str, datagrams: int) -> int:
    return sum(guard.admits(address) for _ in range(datagrams))


def test_a_source_gets_its_burst_and_then_its_rate() -> None:
    now = Stopwatch()
    guard = Guard(Limits(source_per_s=10, source_burst=20), now)
    assert admitted(guard, "::ffff:192.0.2.1", 50) == 20
    now.s += 1
    assert admitted(guard, "::ffff:192.0.2.1", 50) == 10
    now.s += 3600
    assert admitted(guard, "::ffff:192.0.2.1", 50) == 20


def test_one_source_does_not_use_up_anothers_share() -> None:
    guard = Guard(Limits(source_per_s=10, source_burst=20), Stopwatch())
    admitted(guard, "::ffff:192.0.2.1", 50)
    assert admitted(guard, "::ffff:192.0.2.2", 50) == 20


def test_all_sources_together_have_a_limit() -> None:
    guard = Guard(Limits(all_per_s=10, all_burst=30), Stopwatch())
    assert sum(admitted(guard, f"::ffff:192.0.2.{i}", 5) for i in range(20)) == 30


def test_a_host_with_many_addresses_of_one_network_is_one_source() -> None:
    guard = Guard(Limits(source_per_s=10, source_burst=20), Stopwatch())
    assert sum(admitted(guard, f"2001:db8::{i}", 5) for i in range(1, 20)) == 20
    assert admitted(guard, "fe80::1%eth0", 50) == 20


def test_the_table_of_sources_does_not_grow_beyond_its_size() -> None:
    guard = Guard(Limits(sources=16), Stopwatch())
    for i in range(256):
        guard.admits(f"::ffff:192.0.2.{i}")
    assert len(guard) == 16


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def log(lines: list[str]) -> logging.Logger:
    logger = logging.Logger("test")
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    return logger


def test_one_line_of_a_kind_a_second_and_the_next_says_how_many_were_left_out(
    log: logging.Logger, lines: list[str]
) -> None:
    now = Stopwatch()
    log.addFilter(OnePerSecond(now))
    for i in range(5):
        log.warning("from %s", i)
    log.warning("another kind")
    now.s += 1
    log.warning("from %s", 9)
    now.s += 1
    log.warning("from %s", 10)
    assert lines == ["from 0", "another kind", "from 9 (and 4 more like this)", "from 10"]


def test_the_kinds_remembered_are_bounded(log: logging.Logger, lines: list[str]) -> None:
    only = OnePerSecond(Stopwatch())
    log.addFilter(only)
    for i in range(KINDS_MAX * 3):
        log.warning(f"kind {i}")
    assert len(only._kinds) <= KINDS_MAX
