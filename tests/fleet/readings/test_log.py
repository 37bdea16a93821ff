# SPDX-License-Identifier: Apache-2.0
"""The log of readings: names for ever, times worked out, contradictions aside, old ones forgotten once counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.migrations.schema import metadata
from fleet.readings import service
from fleet.readings.model import Message, from_message
from fleet.readings.service import Appended, append, forget_old
from fleet.readings.tables import ReadingConflictRow, ReadingRow
from fleet.readings.timing import BootClock

NOW_MS = 1_800_000_000_000


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = db.open_engine(f"sqlite:///{tmp_path}/kanbin.sqlite")
    metadata().create_all(engine)
    with db.write(engine) as session:
        for name in ("bin-01", "bin-02"):
            session.add(DeviceRow(device=name, kid=name.encode(), master_secret=name.encode(), master_salt=b""))
    yield engine
    engine.dispose()


def message(*sequences: int, epoch: int = 7, boot_count: int = 1, raw: int = 1000) -> Message:
    return (epoch, boot_count, 0, [(n, 0, 10 * n, raw + n, 5, None) for n in sequences])


def post(engine: Engine, said: Message, device_id: int = 1, at_ms: int = NOW_MS) -> Appended:
    with db.write(engine) as session:
        return append(session, device_id, said, at_ms)


def logged(engine: Engine) -> list[tuple[int, int, int]]:
    with db.read(engine) as session:
        return [(row.device_id, row.epoch, row.sequence) for row in session.query(ReadingRow).order_by(ReadingRow.id)]


def test_a_message_is_appended_in_its_order(engine: Engine) -> None:
    assert post(engine, message(3, 4, 9)) == Appended(stored=3, duplicates=0, conflicts=0)
    assert logged(engine) == [(1, 7, 3), (1, 7, 4), (1, 7, 9)]


def test_sending_again_and_overlapping_stores_only_what_is_new(engine: Engine) -> None:
    post(engine, message(1, 2))
    assert post(engine, message(1, 2)) == Appended(stored=0, duplicates=2, conflicts=0)
    assert post(engine, message(2, 3), at_ms=NOW_MS + 60_000) == Appended(stored=1, duplicates=1, conflicts=0)
    assert logged(engine) == [(1, 7, 1), (1, 7, 2), (1, 7, 3)]


def test_another_epoch_or_device_is_another_name(engine: Engine) -> None:
    post(engine, message(1))
    assert post(engine, message(1, epoch=8)).stored == 1
    assert post(engine, message(1), device_id=2).stored == 1


def test_a_contradiction_is_kept_aside_and_the_log_stays_as_it_was(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    post(engine, message(1, 2))
    assert post(engine, message(2, 3, raw=5)) == Appended(stored=1, duplicates=0, conflicts=1)
    with db.read(engine) as session:
        (aside,) = session.scalars(select(ReadingConflictRow)).all()
        assert (aside.reading_id, aside.sequence, aside.raw) == (2, 2, 7)
        assert session.get_one(ReadingRow, 2).raw == 1002
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "epoch=7 sequence=2" in caplog.text


@pytest.mark.parametrize("index", range(1, 6))
def test_every_field_counts_as_content(engine: Engine, index: int) -> None:
    reading = [1, 0, 10, 1000, 5, 2150]
    post(engine, (7, 1, 0, [tuple(reading)]))
    reading[index] += 1
    assert post(engine, (7, 1, 0, [tuple(reading)])).conflicts == 1


def test_only_the_newest_contradictions_are_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CONFLICTS_KEPT", 3)
    post(engine, message(*range(10)))
    for first in range(0, 10, 2):
        post(engine, message(first, first + 1, raw=5))
    with db.read(engine) as session:
        assert session.scalars(select(ReadingConflictRow.sequence).order_by(ReadingConflictRow.id)).all() == [7, 8, 9]


def test_old_readings_are_forgotten_but_none_that_is_not_counted(engine: Engine) -> None:
    post(engine, message(1, 2, 3), at_ms=NOW_MS - 1000)
    post(engine, message(4), at_ms=NOW_MS)
    with db.write(engine) as session:
        assert forget_old(session, before_ms=NOW_MS, counted_up_to_id=2) == 2
        assert forget_old(session, before_ms=NOW_MS, counted_up_to_id=4, limit=5) == 1
        assert forget_old(session, before_ms=NOW_MS, counted_up_to_id=4) == 0
    assert logged(engine) == [(1, 7, 4)]


def test_forgetting_goes_in_steps_and_oldest_first(engine: Engine) -> None:
    post(engine, message(*range(5)), at_ms=NOW_MS - 1)
    with db.write(engine) as session:
        assert forget_old(session, NOW_MS, counted_up_to_id=99, limit=2) == 2
    assert [sequence for _, _, sequence in logged(engine)] == [2, 3, 4]


def test_an_id_of_the_log_is_never_used_again(engine: Engine) -> None:
    """The counting cursor points at ids: one used twice would be skipped."""
    post(engine, message(1, 2), at_ms=NOW_MS - 1)
    with db.write(engine) as session:
        assert forget_old(session, NOW_MS, counted_up_to_id=2) == 2
    post(engine, message(3))
    with db.read(engine) as session:
        assert session.scalars(select(ReadingRow.id)).all() == [3]


def test_forgetting_a_reading_keeps_what_contradicted_it(engine: Engine) -> None:
    post(engine, message(1), at_ms=NOW_MS - 1)
    post(engine, message(1, raw=5))
    with db.write(engine) as session:
        assert forget_old(session, NOW_MS, counted_up_to_id=1) == 1
    with db.read(engine) as session:
        assert session.scalars(select(ReadingConflictRow.reading_id)).all() == [None]


@given(age_s=st.integers(0, 10_000), uptimes_s=st.lists(st.integers(0, 100_000), min_size=1, max_size=8))
def test_the_newest_reading_is_as_old_as_the_message_says(age_s: int, uptimes_s: list[int]) -> None:
    uptimes_s.sort()
    when = BootClock().heard(uptimes_s[-1] + age_s, NOW_MS).times()
    assert when is not None
    said = from_message((1, 1, age_s, [(n, 0, s, 0, 0, None) for n, s in enumerate(uptimes_s)]), when)
    assert said[-1].taken_at_ms == NOW_MS - 1000 * age_s
    assert [(reading.taken_at_ms or 0) - (said[0].taken_at_ms or 0) for reading in said] == [
        1000 * (s - uptimes_s[0]) for s in uptimes_s
    ]


@pytest.mark.parametrize("age_s", [None, -2, -86_401])
def test_readings_of_a_boot_we_never_spoke_with_have_no_time(engine: Engine, age_s: int | None) -> None:
    post(engine, (1, 1, age_s, [(0, 0, 5, 0, 0, None)]))
    with db.read(engine) as session:
        assert session.scalars(select(ReadingRow.taken_at_ms)).all() == [None]
