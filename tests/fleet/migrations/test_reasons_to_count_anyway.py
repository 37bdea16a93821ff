# SPDX-License-Identifier: Apache-2.0
"""A fleet that was there before reasons were kept."""

from pathlib import Path

from sqlalchemy import text

from fleet.db import open_engine, read, upgrade, write

OLDER = """
INSERT INTO devices (id, device, kid, master_secret, master_salt) VALUES (1, 'dev', 'a', 'b', '')
INSERT INTO customers VALUES (1, 'acme', '')
INSERT INTO sites VALUES (1, 'plant', '', 1)
INSERT INTO stocking_locations VALUES (1, 'line', '', 1)
INSERT INTO items VALUES (1, 'M4', '', '5', 50)
INSERT INTO bins VALUES (1, 'bin-1', 1, 0, 1, 1, '200', '5000')
INSERT INTO calibrations VALUES (1, 1, 1, 100000, '429', 0)
INSERT INTO count_evidence VALUES (1, 1, 'stocktake', 40, 1, 'api', '', NULL, NULL)
"""


def test_an_older_fleet_keeps_its_bins_and_all_that_hangs_on_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fleet.sqlite"
    upgrade(url, "0003")
    engine = open_engine(url)
    with write(engine) as session:
        for statement in OLDER.strip().splitlines():
            session.connection().exec_driver_sql(statement)
    upgrade(url)
    with read(engine) as session:
        assert session.execute(text("SELECT bin, count_anyway_reason FROM bins")).all() == [("bin-1", None)]
        for table in ("calibrations", "count_evidence"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1
    engine.dispose()
