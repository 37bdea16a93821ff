# SPDX-License-Identifier: Apache-2.0
"""More pieces are believed late, and booked at the time at which they were put in."""

import pytest
from sqlalchemy import Engine, select

from fleet.counting.service import count_new_readings
from fleet.db import read, write
from fleet.stock.service import book_ordered, note_sent
from fleet.stock.tables import MovementRow
from tests.fleet.plant import NOW_MS, PAIR, SimulatedBin, store_readings


@pytest.fixture
def bin() -> SimulatedBin:
    return SimulatedBin(pieces=40)


def hear(plant: Engine, bin: SimulatedBin, heartbeats: int = 0, every_s: int = 300) -> None:
    with write(plant) as session:
        store_readings(session, [*bin.burst(), *bin.heartbeats(heartbeats, every_s)])
        count_new_readings(session, NOW_MS + bin.uptime_s * 1000, 1000)


def newest(plant: Engine) -> tuple[str, int]:
    with read(plant) as session:
        row = session.scalars(select(MovementRow).order_by(MovementRow.id.desc()).limit(1)).one()
        return row.kind, (row.at_ms - NOW_MS) // 1000


@pytest.mark.parametrize(("away_s", "kind"), [(500, "return"), (700, "receipt")])
def test_what_counts_is_when_pieces_were_put_back_and_not_the_next_heartbeat(
    plant: Engine, bin: SimulatedBin, away_s: int, kind: str
) -> None:
    hear(plant, bin)
    with write(plant) as session:
        book_ordered(session, *PAIR, 150, NOW_MS, "RO-1")
        note_sent(session, *PAIR, 150)
    bin.pieces -= 25
    hear(plant, bin, heartbeats=1, every_s=away_s)
    put_back_at_s = bin.uptime_s + 1
    bin.pieces += 25
    hear(plant, bin, heartbeats=1, every_s=600)
    assert newest(plant) == (kind, put_back_at_s)


def test_a_hand_that_leaned_on_the_bin_before_a_pick_does_not_date_the_pick(plant: Engine, bin: SimulatedBin) -> None:
    hear(plant, bin)
    bin.extra_g = 300
    hear(plant, bin)
    bin.extra_g = 0
    bin.pieces -= 10
    picked_at_s = bin.uptime_s + 1
    hear(plant, bin)
    kind, at_s = newest(plant)
    assert kind == "usage"
    assert at_s >= picked_at_s
