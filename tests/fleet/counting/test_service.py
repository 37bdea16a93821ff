# SPDX-License-Identifier: Apache-2.0
"""From the log of readings to counts and the ledger."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import OperationalError

from fleet.counting import tally
from fleet.counting.evidence import STOCKTAKE, Evidence, put_down
from fleet.counting.service import count_new_readings
from fleet.counting.tables import CalibrationRow, CounterStateRow, CountRow
from fleet.db import read, write
from fleet.orders.store import policies
from fleet.readings.tables import ReadingRow
from fleet.seed.load import load
from fleet.seed.read import Seed, parse_seed
from fleet.stock.store import Pair
from fleet.stock.tables import MovementRow, StockRow
from tests.fakes.counter import RoundingCounter
from tests.fleet.plant import NOW_MS, PAIR, SCALE, Reading, SimulatedBin, assert_books_agree, seed_data, store_readings


def say(plant: Engine, readings: list[Reading], limit: int = 1000, late_ms: int = 0) -> tuple[set[Pair], int]:
    """Stores readings, counts them at the time of the last one, and checks the books."""
    with write(plant) as session:
        store_readings(session, readings)
    now_ms = NOW_MS + readings[-1].uptime_s * 1000 + late_ms
    with write(plant) as session:
        heard = count_new_readings(session, now_ms, limit)
        assert_books_agree(session)
    return heard


def movements(plant: Engine) -> list[tuple[str, int]]:
    with read(plant) as session:
        rows = session.scalars(select(MovementRow).order_by(MovementRow.id))
        return [(row.kind, row.on_hand_delta) for row in rows]


def stock(plant: Engine) -> StockRow:
    with read(plant) as session:
        return session.get_one(StockRow, PAIR)


def test_a_first_count_a_pick_and_a_hand_back_are_three_lines_of_the_ledger(plant: Engine) -> None:
    bin = SimulatedBin(pieces=100)
    say(plant, list(bin.burst()))
    bin.pieces -= 5
    say(plant, list(bin.burst()))
    bin.pieces += 3
    say(plant, [*bin.burst(), *bin.heartbeats(1)])
    assert movements(plant) == [("count", 100), ("usage", -5), ("return", 3)]
    assert stock(plant).qty_on_hand == 98


def test_each_reading_is_counted_exactly_once_whatever_the_batches(plant: Engine) -> None:
    bin = SimulatedBin(pieces=100)
    readings = list(bin.burst())
    bin.pieces -= 30
    readings += list(bin.burst())
    say(plant, readings, limit=0)
    taken = 0
    while True:
        with write(plant) as session:
            _, count = count_new_readings(session, NOW_MS, limit=7)
        if not count:
            break
        taken += count
    assert taken == len(readings)
    with read(plant) as session:
        assert len(session.scalars(select(CountRow)).all()) == len(readings)
    assert movements(plant) == [("count", 100), ("usage", -30)]


def test_the_ledger_names_the_reading_that_settled_it(plant: Engine) -> None:
    say(plant, list(SimulatedBin(pieces=100).burst()))
    with read(plant) as session:
        line = session.scalars(select(MovementRow)).one()
    assert (line.reference, line.bin_id) == ("bin-1/00000001/2", 1)
    assert line.at_ms == NOW_MS + 3_000


def test_a_lifted_bin_moves_nothing_and_puts_the_stock_in_doubt(plant: Engine) -> None:
    bin = SimulatedBin(pieces=100)
    say(plant, list(bin.burst()))
    assert not stock(plant).in_doubt
    bin.is_lifted = True
    say(plant, list(bin.burst()))
    assert movements(plant) == [("count", 100)]
    assert stock(plant).in_doubt


def test_readings_that_waited_on_the_device_leave_the_stock_in_doubt(plant: Engine) -> None:
    bin = SimulatedBin(pieces=100)
    say(plant, list(bin.burst()), late_ms=1_800_001)
    assert stock(plant).in_doubt
    say(plant, list(bin.burst()))
    assert not stock(plant).in_doubt


def test_a_reading_of_unknown_time_is_counted_but_is_no_fresh_evidence(plant: Engine) -> None:
    with write(plant) as session:
        store_readings(session, list(SimulatedBin(pieces=100).burst()))
        session.execute(update(ReadingRow).values(taken_at_ms=None))
        count_new_readings(session, NOW_MS, 1000)
    assert stock(plant).qty_on_hand == 100
    assert stock(plant).in_doubt


def test_two_bins_of_one_item_add_up_and_both_must_be_counted(plant: Engine, tmp_path: Path) -> None:
    add_second_bin(plant, tmp_path)
    say(plant, list(SimulatedBin(pieces=100).burst()))
    assert stock(plant).in_doubt
    second = SimulatedBin(pieces=30, seed=2)
    with write(plant) as session:
        store_readings(session, list(second.burst()), device_id=2)
        assert count_new_readings(session, NOW_MS + 20_000, 1000) == ({PAIR}, 17)
    assert (stock(plant).qty_on_hand, stock(plant).in_doubt) == (130, False)


@pytest.fixture
def five_pieces_less(tmp_path: Path) -> Seed:
    """The plant, had the empty bin been weighed too light by five pieces."""
    data = seed_data()
    data["bins"][0]["tare_raw"] = SCALE.tare_raw + 5 * 5 * 429  # type: ignore[index]
    return parse_seed(data, tmp_path)


def test_a_new_calibration_adjusts_and_is_neither_usage_nor_delivery(plant: Engine, five_pieces_less: Seed) -> None:
    bin = SimulatedBin(pieces=100)
    say(plant, list(bin.burst()))
    with write(plant) as session:
        load(session, five_pieces_less, now_ms=NOW_MS + 18_000)
    say(plant, list(bin.burst(20)))
    assert movements(plant) == [("count", 100), ("adjustment", -5)]
    assert not stock(plant).in_doubt
    bin.pieces -= 10
    say(plant, list(bin.burst()))
    assert movements(plant)[-1] == ("usage", -10)


def test_a_new_calibration_changes_no_pieces_that_a_person_has_counted(plant: Engine, five_pieces_less: Seed) -> None:
    bin = SimulatedBin(pieces=100)  # by the old calibration
    say(plant, list(bin.burst()))
    with write(plant) as session:
        put_down(session, "bin-1", Evidence(STOCKTAKE, 95, "test"), NOW_MS + 17_000)
        load(session, five_pieces_less, now_ms=NOW_MS + 18_000)
    say(plant, list(bin.burst(20)))
    bin.pieces -= 10
    say(plant, list(bin.burst()))
    assert movements(plant) == [("count", 100), ("count", -5), ("usage", -10)]


def test_readings_taken_before_a_new_calibration_are_counted_by_the_old_one(plant: Engine, tmp_path: Path) -> None:
    data = seed_data()
    data["bins"][0]["counts_per_gram"] = "900"  # type: ignore[index]
    with write(plant) as session:
        load(session, parse_seed(data, tmp_path), now_ms=NOW_MS + 60_000)
    say(plant, list(SimulatedBin(pieces=100).burst()))
    assert movements(plant) == [("count", 100)]


def test_what_another_make_of_counter_remembered_is_counted_anew_as_an_adjustment(plant: Engine) -> None:
    bin = SimulatedBin(pieces=100)
    say(plant, list(bin.burst()))
    with write(plant) as session:
        row = session.get_one(CounterStateRow, 1)
        row.counter = b"what another make of counter wrote"
    bin.pieces -= 2
    say(plant, list(bin.burst()))
    assert movements(plant) == [("count", 100), ("adjustment", -2)]


def add_second_bin(plant: Engine, folder: Path) -> None:
    data = seed_data()
    data["devices"].append({"device": "dev-2", "kid": "0002", "master_secret": "ff" * 16})  # type: ignore[attr-defined]
    data["bins"].append({**data["bins"][0], "bin": "bin-2", "device": "dev-2"})  # type: ignore[index, attr-defined]
    with write(plant) as session:
        load(session, parse_seed(data, folder), now_ms=NOW_MS)


@pytest.mark.parametrize(
    "unreadable",
    [
        "",
        "rubbish",
        "[]",
        "{}",
        '{"setup": 1}',
        "[" * 100_000,
        lambda state: state.replace('"boot":', '"boat":'),
        lambda state: state.replace('"newest_taken_at_ms":', '"newest_taken_at_ms":"noon","mean":'),
        lambda state: state.replace('"apw_g":', '"weight":'),
        lambda state: state.replace('"mean":', '"mean":NaN,"sd":'),
    ],
)
def test_what_cannot_be_read_of_a_counters_memory_is_counted_anew(plant: Engine, unreadable: Any) -> None:
    bin = SimulatedBin(pieces=100)
    say(plant, list(bin.burst()))
    with write(plant) as session:
        row = session.get_one(CounterStateRow, 1)
        row.state = unreadable(row.state) if callable(unreadable) else unreadable
    bin.pieces -= 2
    say(plant, list(bin.burst()))
    assert movements(plant) == [("count", 100), ("adjustment", -2)]
    assert not stock(plant).in_doubt


def test_a_bin_that_cannot_be_counted_is_named_once_and_all_others_go_on(
    plant: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add_second_bin(plant, tmp_path)
    first, second = SimulatedBin(pieces=100), SimulatedBin(pieces=30, seed=2)
    say(plant, list(first.burst()))
    with write(plant) as session:
        session.execute(update(CalibrationRow).where(CalibrationRow.bin_id == 1).values(counts_per_gram=0))
    for readings in (list(first.burst()), list(first.burst())):
        with write(plant) as session:
            store_readings(session, list(second.burst()), device_id=2)
        assert say(plant, readings)[1] == 34
    assert [record.message for record in caplog.records] == [
        "bin bin-1 cannot be counted; it begins anew, all others go on"
    ]
    assert movements(plant) == [("count", 100), ("count", 30)]
    assert stock(plant).in_doubt
    with read(plant) as session:
        rows = session.scalars(select(CountRow).where(CountRow.bin_id == 1).order_by(CountRow.id)).all()
    assert {(row.pieces, row.state, row.is_settled) for row in rows[17:]} == {(100, "uncertain", False)}
    with write(plant) as session:
        session.execute(update(CalibrationRow).values(counts_per_gram=SCALE.counts_per_gram))
    first.pieces -= 10
    say(plant, list(first.burst()))
    assert movements(plant)[-1] == ("adjustment", -10)


class _Forgetful(RoundingCounter):
    """Cannot put down what it remembers of more than 60 pieces."""

    def dump(self) -> bytes:
        if (self._pieces or 0) > 60:
            raise OverflowError("too many pieces to put down")
        return super().dump()


class _Undecided(RoundingCounter):
    """Cannot say whether to order while it holds more than 60 pieces."""

    def is_order_due(self, reorder_point: int) -> bool:
        if (self._pieces or 0) > 60:
            raise OverflowError("too many pieces to compare")
        return super().is_order_due(reorder_point)


@pytest.mark.parametrize("make", [_Forgetful, _Undecided])
def test_a_counter_that_stumbles_when_it_is_put_down_or_asked_stops_no_other_bin(
    plant: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    monkeypatch.setattr(tally, "COUNTER", make)
    data: Any = seed_data()
    data["stocking_locations"].append({"stocking_location": "line-2", "site": "plant-1"})
    data["devices"].append({"device": "dev-2", "kid": "0002", "master_secret": "ff" * 16})
    data["bins"].append({**data["bins"][0], "bin": "bin-2", "device": "dev-2", "stocking_location": "line-2"})
    with write(plant) as session:
        load(session, parse_seed(data, tmp_path), now_ms=NOW_MS)
    first, second = SimulatedBin(pieces=100), SimulatedBin(pieces=30, seed=2)
    for _ in range(2):
        with write(plant) as session:
            store_readings(session, list(first.burst()))
            store_readings(session, list(second.burst()), device_id=2)
            assert count_new_readings(session, NOW_MS + first.uptime_s * 1000, 1000, policies)[1] == 34
            assert_books_agree(session)
    assert {record.message for record in caplog.records} == {
        "bin bin-1 cannot be counted; it begins anew, all others go on"
    }
    with read(plant) as session:
        of_second = session.get_one(StockRow, (1, 2))
        assert (of_second.qty_on_hand, of_second.in_doubt) == (30, False)
    assert not stock(plant).order_due
    first.pieces = 20
    with write(plant) as session:
        store_readings(session, list(first.burst()))
        count_new_readings(session, NOW_MS + first.uptime_s * 1000, 1000, policies)
    assert (stock(plant).qty_on_hand, stock(plant).order_due) == (20, True)


def test_a_counter_that_cannot_be_put_down_is_named_once(
    plant: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "COUNTER", _Forgetful)
    bin = SimulatedBin(pieces=100)
    for _ in range(3):
        say(plant, list(bin.burst()))
    assert len(caplog.records) == 1
    with read(plant) as session:
        assert set(session.scalars(select(CountRow.state))) == {"uncertain"}


def test_an_error_of_the_database_is_no_bins_own(plant: Engine) -> None:
    with write(plant) as session:
        store_readings(session, list(SimulatedBin(pieces=100).burst()))
        session.connection().exec_driver_sql("ALTER TABLE movements RENAME TO gone")
    with pytest.raises(OperationalError, match="movements"), write(plant) as session:
        count_new_readings(session, NOW_MS, 1000)


def test_readings_of_a_channel_without_a_bin_are_passed_over(plant: Engine) -> None:
    with write(plant) as session:
        store_readings(session, list(SimulatedBin().burst()))
        session.execute(update(ReadingRow).values(channel=3))
        assert count_new_readings(session, NOW_MS, 1000) == (set(), 17)


def test_counts_go_with_their_readings(plant: Engine) -> None:
    say(plant, list(SimulatedBin().burst()))
    with write(plant) as session:
        session.execute(delete(ReadingRow).where(ReadingRow.id <= 10))
        assert len(session.scalars(select(CountRow)).all()) == 7


def test_an_out_of_range_reading_shows_its_state_in_the_counts(plant: Engine) -> None:
    bin = SimulatedBin(pieces=100)
    say(plant, list(bin.burst()))
    say(plant, [replace(next(iter(bin.burst(1))), raw=8_388_607)])
    with read(plant) as session:
        count = session.scalars(select(CountRow).order_by(CountRow.id.desc()).limit(1)).one()
    assert (count.pieces, count.state, count.is_settled) == (100, "fault_saturated", False)
