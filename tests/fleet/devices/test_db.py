# SPDX-License-Identifier: Apache-2.0
"""The store as all rooms use it: private, durable, one writer at a time and in turn."""

import stat
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, String, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import Numeric

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.migrations.schema import metadata


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = db.open_engine(f"sqlite:///{tmp_path}/new/kanbin.sqlite")
    metadata().create_all(engine)
    yield engine
    engine.dispose()


def device(name: str) -> DeviceRow:
    return DeviceRow(device=name, kid=name.encode(), master_secret=name.encode(), master_salt=b"")


def names(engine: Engine) -> list[str]:
    with db.read(engine) as session:
        return sorted(row.device for row in session.query(DeviceRow))


def test_the_files_of_a_new_database_are_its_owners_alone(engine: Engine, tmp_path: Path) -> None:
    with db.write(engine) as session:
        session.add(device("a"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert set(modes) == {"kanbin.sqlite", "kanbin.sqlite-wal", "kanbin.sqlite-shm"}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1)])
def test_every_connection_is_durable_and_strict(engine: Engine, pragma: str, value: int | str) -> None:
    with db.write(engine) as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_an_error_undoes_the_whole_transaction(engine: Engine) -> None:
    def add_twice() -> None:
        with db.write(engine) as session:
            session.add(device("a"))
            session.flush()
            session.add(device("a"))

    with pytest.raises(IntegrityError):
        add_twice()
    assert names(engine) == []


def test_what_a_reader_writes_is_gone_and_what_it_read_stays_usable(engine: Engine) -> None:
    with db.write(engine) as session:
        session.add(device("a"))
    with db.read(engine) as session:
        row = session.query(DeviceRow).one()
        session.add(device("b"))
        session.flush()
    assert row.device == "a"
    assert names(engine) == ["a"]


def test_a_reader_sees_one_moment_and_waits_for_no_writer(engine: Engine) -> None:
    with db.read(engine) as reading, db.write(engine) as writing:
        assert reading.query(DeviceRow).count() == 0
        writing.add(device("a"))
        writing.commit()
        assert reading.query(DeviceRow).count() == 0
    assert names(engine) == ["a"]


def test_writers_take_turns_in_the_order_of_asking(engine: Engine) -> None:
    order: list[str] = []

    def write(name: str) -> None:
        with db.write(engine) as session:
            order.append(name)
            session.add(device(name))

    threads = []
    with db.write(engine):
        for name in "abcdef":
            threads.append(threading.Thread(target=write, args=(name,)))
            threads[-1].start()
            waiting = db._turns_of(engine)._waiting
            while len(waiting) < len(threads):  # asked, in this order
                threads[-1].join(0.001)
    for thread in threads:
        thread.join()
    assert order == list("abcdef")
    assert names(engine) == list("abcdef")


def test_an_exact_decimal_is_text_on_sqlite_and_numeric_elsewhere() -> None:
    exact = db.ExactDecimal()
    assert isinstance(exact.load_dialect_impl(sqlite.dialect()), String)
    assert isinstance(exact.load_dialect_impl(postgresql.dialect()), Numeric)
    assert exact.process_bind_param(Decimal("1E-7"), sqlite.dialect()) == "0.0000001"
    assert exact.process_result_value("430.10", sqlite.dialect()) == Decimal("430.10")
    assert exact.process_result_value(None, sqlite.dialect()) is None
