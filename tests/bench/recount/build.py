# SPDX-License-Identifier: Apache-2.0
"""Builds the store: a few bins counted live, and of each as many copies as it takes.

The log is as it would be had all bins reported side by side: each reading of a bin is followed by that of its copies.
The ledger of the copies is left out, since a recount that applies nothing does not read it.
"""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, Table

from fleet.counting.tables import (
    CounterCheckpointRow,
    CounterSetupRow,
    CounterStateRow,
    CountEventRow,
    CountingCursorRow,
    CountRow,
    EvidenceRow,
)
from fleet.db import Base, open_engine, upgrade, write
from fleet.readings.tables import ReadingRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from tests.bench.recount.mould import BEGIN_MS, fill, plant
from tools.simulate.trace import Trace, make_trace

COPIED: Sequence[type[Base]] = (
    ReadingRow,
    EvidenceRow,
    CountRow,
    CountEventRow,
    CounterStateRow,
    CounterSetupRow,
    CounterCheckpointRow,
)
BINS = {"bin_id", "device_id"}  # a bin and its device have the same number
PLACES = {"id", "reading_id", "evidence_id", "count_id", "from_reading_id", "after_reading_id", "last_reading_id"}
FAST = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000")  # nobody else reads it, and it can be built anew
COPIES = """WITH RECURSIVE copies(number) AS
 (SELECT 0 UNION ALL SELECT number + 1 FROM copies WHERE number + 1 < :copies)"""


def build(file: Path, class_name: str, bins: int, days: float, distinct: int) -> int:
    """Makes the store in a folder of its own; how many counts it has. The first `distinct` bins are counted live."""
    traces = [make_trace(class_name, seed, days) for seed in range(1, min(distinct, bins) + 1)]
    mould = file.with_name("mould.sqlite")
    _filled_mould(mould, traces)
    upgrade(f"sqlite:///{file}")
    engine = open_engine(f"sqlite:///{file}")
    try:
        with write(engine) as session:
            load(session, parse_seed(plant(traces, bins), file.parent), now_ms=BEGIN_MS)
        return _copy(engine, mould, bins, len(traces))
    finally:
        engine.dispose()
        for part in file.parent.glob("mould.sqlite*"):
            part.unlink()


def _filled_mould(file: Path, traces: Sequence[Trace]) -> None:
    upgrade(f"sqlite:///{file}")
    engine = open_engine(f"sqlite:///{file}")
    fill(engine, traces, file.parent)
    engine.dispose()


def _copy(engine: Engine, mould: Path, bins: int, distinct: int) -> int:
    numbers = {"bins": bins, "distinct": distinct, "copies": -(-bins // distinct)}
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        for pragma in FAST:
            raw.execute(f"PRAGMA {pragma}")
        raw.execute("ATTACH ? AS mould", (str(mould),))
        for each in COPIED:
            raw.execute(copying(Base.metadata.tables[each.__tablename__]), numbers)
        cursor = CountingCursorRow.__tablename__
        raw.execute(f"INSERT INTO {cursor} SELECT id, last_reading_id * :copies FROM mould.{cursor}", numbers)
        (counts,) = raw.execute("SELECT count(*) FROM counts").fetchone()
    return int(counts)


def copying(table: Table) -> str:
    """The statement that copies a table, with every row's copies right behind one another."""
    whose = next(column.name for column in table.columns if column.name in BINS)
    columns = ", ".join(column.name for column in table.columns)
    values = ", ".join(_copied(column.name) for column in table.columns)
    order = "mould.id" if "id" in table.columns else "mould.bin_id"
    return (
        f"INSERT INTO {table.name} ({columns}) {COPIES} SELECT {values} FROM mould.{table.name} AS mould "
        f"CROSS JOIN copies WHERE mould.{whose} + number * :distinct <= :bins ORDER BY {order}, number"
    )


def _copied(name: str) -> str:
    if name in BINS:
        return f"mould.{name} + number * :distinct"
    if name in PLACES:
        return f"max(0, (mould.{name} - 1) * :copies + number + 1)"  # 0 comes before all
    return f"mould.{name}"
