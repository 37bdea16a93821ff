# SPDX-License-Identifier: Apache-2.0
"""The relational store: one declarative base, how an engine is opened, and the two ways to use it, read and write.

SQLite (WAL, synchronous=FULL) is the default; every table and statement stays portable to PostgreSQL.
"""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Connection, Dialect, Engine, Integer, MetaData, Numeric, String, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

BUSY_TIMEOUT_MS = 10_000

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class ExactDecimal(TypeDecorator[Decimal]):
    """A Decimal that stays exact: NUMERIC where the server has it, decimal text on SQLite (which would round it)."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type on this server."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """To the server."""
        return format(value, "f") if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """From the server."""
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    """Every room's tables hang on this one; `Mapped[int]` is 64 bit everywhere, `Mapped[Decimal]` is exact."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy's own protocol)
        int: BigInteger().with_variant(Integer(), "sqlite"),  # SQLite numbers rows by itself only for INTEGER
        Decimal: ExactDecimal(),
    }


class _Turns:
    """A lock given out in the order of asking, which a plain Lock is not: no busy writer keeps the others waiting."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


_turns: WeakKeyDictionary[Engine, _Turns] = WeakKeyDictionary()
_turns_guard = Lock()


def open_engine(url: str) -> Engine:
    """An engine for `url`. A new SQLite file is made readable by its owner alone, since device keys live in it."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, hide_parameters=True)  # a parameter may be a key
    if parsed.database and parsed.database != ":memory:":
        _make_private_file(Path(parsed.database))
    engine = create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def write(engine: Engine) -> Iterator[Session]:
    """A session in one write transaction: committed (and on disk) on leaving, rolled back when an error leaves.

    One writer at a time in this process, in the order of asking; between processes by SQLite's own lock (BEGIN
    IMMEDIATE). Never one inside another: the inner would wait for the outer.
    """
    with _turns_of(engine), Session(engine.execution_options(kanbin_write=True)) as session, session.begin():
        yield session


@contextmanager
def read(engine: Engine) -> Iterator[Session]:
    """A session that sees one snapshot and is for reading only: whatever it wrote is rolled back.

    Rows that were read stay usable afterwards.
    """
    with Session(engine, autoflush=False) as session:
        try:
            yield session
        finally:
            session.expunge_all()  # a rollback would make them forget what they hold
            session.rollback()


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the schema at `url` to the newest revision; does nothing when it is there. Safe to call at every start."""
    from alembic import command  # only here: nothing else of the fleet pays for Alembic
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    engine = open_engine(url)
    try:
        with engine.execution_options(kanbin_write=True).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def _turns_of(engine: Engine) -> _Turns:
    with _turns_guard:
        return _turns.setdefault(engine, _Turns())


def _make_private_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its -wal and -shm the same mode


def _set_up_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    wants_write = connection.get_execution_options().get("kanbin_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if wants_write else "BEGIN")
