# SPDX-License-Identifier: Apache-2.0
"""A database of the first revision keeps its counts and its pieces when it is brought to the newest."""

from pathlib import Path

from sqlalchemy import select

from fleet.counting.service import count_new_readings
from fleet.counting.tables import CountRow
from fleet.db import open_engine, read, upgrade, write
from fleet.stock.tables import MovementRow
from tests.fleet.plant import NOW_MS, SimulatedBin, assert_books_agree, store_readings

FIRST = """
INSERT INTO devices VALUES (1, 'dev-1', x'0001', x'00112233445566778899aabbccddeeff', x'', 0, NULL, NULL, NULL)
INSERT INTO customers VALUES (1, 'acme', '')
INSERT INTO sites VALUES (1, 'plant-1', '', 1)
INSERT INTO stocking_locations VALUES (1, 'line-1', '', 1)
INSERT INTO items VALUES (1, 'M4x12', '', '5.0', 50)
INSERT INTO bins VALUES (1, 'bin-1', 1, 0, 1, 1, '200', '5000')
INSERT INTO calibrations VALUES (1, 1, 1, 100000, '429.0', 0)
INSERT INTO readings VALUES (7, 1, 1, 0, 1, 0, 0, 314500, 60, NULL, 1, 1)
INSERT INTO readings VALUES (8, 1, 1, 1, 1, 0, 0, 14500, 60, NULL, 1, 1)
INSERT INTO counts VALUES (5, 7, 1, 1, 100, 98, 102, 'ok', 1)
INSERT INTO counts VALUES (6, 8, 1, 1, 100, 98, 102, 'absent', 0)
INSERT INTO counter_states VALUES (1, '{"scale": {}, "counter": {"make": "median/1"}}', 100)
INSERT INTO stock VALUES (1, 1, 100, 0, 0, 0)
INSERT INTO movements VALUES (1, 1, 1, 'count', 100, 0, 1, 'bin-1/00000001/0', 1)
INSERT INTO counting_cursor VALUES (1, 8)
"""


def test_counts_stay_and_the_next_count_is_an_adjustment(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fleet.db"
    upgrade(url, "0001")
    engine = open_engine(url)
    with write(engine) as session:
        for statement in FIRST.strip().splitlines():
            session.connection().exec_driver_sql(statement)
    upgrade(url)
    with read(engine) as session:
        rows = session.scalars(select(CountRow).order_by(CountRow.id)).all()
        told = [(row.id, row.reading_id, row.pieces, row.sd, row.is_settled, row.is_evidence) for row in rows]
    assert told == [(5, 7, 100, None, True, True), (6, 8, 100, None, False, False)]
    with write(engine) as session:
        store_readings(session, list(SimulatedBin(pieces=98).burst()))
        count_new_readings(session, NOW_MS, 100)
        assert_books_agree(session)
        kinds = session.execute(select(MovementRow.kind, MovementRow.on_hand_delta).order_by(MovementRow.id)).all()
    assert [tuple(row) for row in kinds] == [("count", 100), ("adjustment", -2)]
    engine.dispose()
