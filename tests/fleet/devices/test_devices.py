# SPDX-License-Identifier: Apache-2.0
"""Devices: found by key identifier, noted when heard, and numbers for them never given out twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fleet import db
from fleet.devices.model import Device, DeviceChangedError
from fleet.devices.service import SEQUENCE_BLOCK, SEQUENCE_MAX, find, heard, reserve_sequence
from fleet.devices.tables import DeviceRow
from fleet.migrations.schema import metadata

NOW_MS = 1_800_000_000_000


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = db.open_engine(f"sqlite:///{tmp_path}/kanbin.sqlite")
    metadata().create_all(engine)
    with db.write(engine) as session:
        session.add(DeviceRow(device="bin-01", kid=b"\x01", master_secret=b"secret", master_salt=b"salt"))
    yield engine
    engine.dispose()


@pytest.fixture
def device(engine: Engine) -> Device:
    device = find(engine, b"\x01")
    assert device is not None
    return device


def row(engine: Engine) -> DeviceRow:
    with db.read(engine) as session:
        return session.query(DeviceRow).one()


def test_a_device_is_found_by_its_key_identifier_and_no_other(engine: Engine, device: Device) -> None:
    assert (device.device, device.master_secret, device.master_salt) == ("bin-01", b"secret", b"salt")
    assert find(engine, b"\x00\x01") is None


def test_keys_are_not_shown(device: Device) -> None:
    assert repr(device) == "Device(id=1, device='bin-01')"


def test_hearing_of_an_earlier_boot_does_not_set_it_back(engine: Engine, device: Device) -> None:
    with db.write(engine) as session:
        heard(session, device, NOW_MS, boot=(3, 77))
        heard(session, device, NOW_MS + 1, boot=None)
    assert (row(engine).last_seen_at_ms, row(engine).boot_count, row(engine).epoch) == (NOW_MS + 1, 3, 77)


@pytest.mark.parametrize("change", [{"kid": b"\x02"}, {"master_secret": b"other"}, {"master_salt": b""}])
def test_a_device_that_is_not_what_it_was_is_not_heard_and_gets_no_numbers(
    engine: Engine, device: Device, change: dict[str, bytes]
) -> None:
    with db.write(engine) as session:
        session.query(DeviceRow).update(change)
        with pytest.raises(DeviceChangedError):
            heard(session, device, NOW_MS, boot=None)
        with pytest.raises(DeviceChangedError):
            reserve_sequence(session, device, NOW_MS)


def test_numbers_are_given_out_once_whoever_asks(engine: Engine, device: Device) -> None:
    def reserve(_: int) -> range:
        other = db.open_engine(str(engine.url))  # as another process would
        try:
            with db.write(other) as session:
                return reserve_sequence(session, device, NOW_MS)
        finally:
            other.dispose()

    with ThreadPoolExecutor(4) as threads:
        blocks = list(threads.map(reserve, range(8)))
    assert len({number for block in blocks for number in block}) == 8 * SEQUENCE_BLOCK
    assert row(engine).sender_sequence_reserved == max(block.stop for block in blocks)


def test_numbers_never_go_back_when_the_clock_does(engine: Engine, device: Device) -> None:
    with db.write(engine) as session:
        before = reserve_sequence(session, device, NOW_MS)
        assert reserve_sequence(session, device, 0).start == before.stop


def test_numbers_are_above_those_a_lost_database_gave_out(engine: Engine, device: Device) -> None:
    with db.write(engine) as session:
        before = reserve_sequence(session, device, NOW_MS)
        session.query(DeviceRow).update({"sender_sequence_reserved": 0})
        assert reserve_sequence(session, device, NOW_MS + 60_000).start >= before.stop


def test_numbers_end_where_a_partial_iv_does(engine: Engine, device: Device) -> None:
    with db.write(engine) as session:
        session.query(DeviceRow).update({"sender_sequence_reserved": SEQUENCE_MAX - 9})
        assert reserve_sequence(session, device, NOW_MS) == range(SEQUENCE_MAX - 9, SEQUENCE_MAX + 1)
        assert len(reserve_sequence(session, device, NOW_MS)) == 0
