# SPDX-License-Identifier: Apache-2.0
"""Gaps: what a device lost is kept beside the log, told once, and is no reading."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.migrations.schema import metadata
from fleet.readings.gaps import READING_GAPS
from fleet.readings.model import Message
from fleet.readings.queries import list_gaps
from fleet.readings.service import Appended, append
from fleet.readings.tables import ReadingGapRow, ReadingRow

NOW_MS = 1_800_000_000_000
WITH_A_GAP: Message = (7, 1, 4, [(90, 2, 900, None, 41, None), (91, 2, 901, 5000, 3, None)])


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = db.open_engine(f"sqlite:///{tmp_path}/kanbin.sqlite")
    metadata().create_all(engine)
    with db.write(engine) as session:
        session.add(DeviceRow(device="bin-01", kid=b"1", master_secret=b"1", master_salt=b""))
    yield engine
    engine.dispose()


def post(engine: Engine, said: Message, at_ms: int = NOW_MS) -> Appended:
    with db.write(engine) as session:
        return append(session, 1, said, at_ms)


def test_a_gap_is_kept_apart_from_the_readings_and_told(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    assert post(engine, WITH_A_GAP) == Appended(stored=2, duplicates=0, conflicts=0)

    with db.read(engine) as session:
        assert session.scalars(select(ReadingRow.sequence)).all() == [91]
        (gap,) = session.scalars(select(ReadingGapRow)).all()
        assert (gap.epoch, gap.sequence, gap.boot_count, gap.channel, gap.uptime_s, gap.lost) == (7, 90, 1, 2, 900, 41)
        assert (gap.received_at_ms, gap.taken_at_ms) == (NOW_MS, NOW_MS - 5000)
    assert [record.getMessage() for record in caplog.records] == [
        "device id 1 lost 41 readings of channel 2, having no room: epoch=7 up to sequence=90"
    ]


def test_a_gap_that_comes_again_changes_nothing(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    post(engine, WITH_A_GAP)
    caplog.clear()

    assert post(engine, WITH_A_GAP, NOW_MS + 60_000) == Appended(stored=0, duplicates=2, conflicts=0)
    assert caplog.records == []


def test_a_gap_that_says_otherwise_is_an_alarm(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    post(engine, WITH_A_GAP)
    caplog.clear()

    assert post(engine, (7, 1, 4, [(90, 2, 900, None, 42, None)])) == Appended(stored=0, duplicates=0, conflicts=1)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    with db.read(engine) as session:
        assert session.scalars(select(ReadingGapRow.lost)).all() == [41]


def test_a_gap_that_is_named_like_a_reading_stands_beside_it(engine: Engine) -> None:
    post(engine, (7, 1, 0, [(90, 2, 900, 5000, 3, None)]))

    assert post(engine, WITH_A_GAP) == Appended(stored=2, duplicates=0, conflicts=0)


def test_gaps_of_an_earlier_boot_have_no_time(engine: Engine) -> None:
    post(engine, (7, 1, None, [(90, 2, 900, None, 41, None)]))

    with db.read(engine) as session:
        assert session.scalars(select(ReadingGapRow.taken_at_ms)).all() == [None]


def test_gaps_are_listed_by_device_and_channel(engine: Engine) -> None:
    post(engine, (7, 1, 0, [(1, 0, 1, None, 5, None), (2, 3, 1, None, 6, None)]))

    with db.read(engine) as session:
        page = list_gaps(session, limit=9, after=None, newest=False, device="bin-01", channel=3)
        assert [(row.device, row.lost) for row in page.rows] == [("bin-01", 6)]


def test_old_gaps_are_forgotten(engine: Engine) -> None:
    post(engine, WITH_A_GAP)
    with db.write(engine) as session:
        assert READING_GAPS.forget_old(session, NOW_MS, 10) == 0
        assert READING_GAPS.forget_old(session, NOW_MS + 1, 10) == 1
