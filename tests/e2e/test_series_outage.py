# SPDX-License-Identifier: Apache-2.0
"""InfluxDB is stopped, killed and out of room while devices report: no point is lost or doubled, no ack waits."""

import asyncio
import secrets
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import quantiles
from typing import Any

import yaml

from fleet.db import open_engine, read
from fleet.series.levels import collect_levels
from fleet.series.model import Point
from fleet.series.packing import unpack
from fleet.series.schema import MEASUREMENTS
from tests.bench.load import LoadDevice
from tests.e2e import figures
from tests.e2e.size import CALM_S, OUTAGE_S, SEED, SOAK
from tests.servers.influxd import Influxd
from tools.simulate.fleet_process import FleetProcess, free_port

DEVICES = 12
# Of the fleet's clock, so that bins come to rest between readings and looks at the fleet's state are due; in a soak run
# slower, since each look takes its time from the acks, and fewer are made while the server is away.
SPEED = 10 if SOAK else 100
EVERY_S = 0.1  # each device
PIECE_RAW = 5 * 429
DISK_MB = 64
KILLS = 2
WITHIN_S = 120.0
KEEP = """
CREATE TABLE series_written (packed BLOB);
CREATE TRIGGER keep_what_was_written BEFORE DELETE ON series_outbox
BEGIN INSERT INTO series_written VALUES (old.packed); END;
"""

Named = tuple[str, tuple[str, ...], int]


def test_an_influxdb_that_is_away_loses_nothing_doubles_nothing_and_delays_no_ack(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    found = asyncio.run(outages(tmp_path))
    print(found)
    if SOAK:
        figures.record("series_outage", found)
    assert found["points"] > 300
    assert found["points_that_waited"] > 0, "it really was away"
    assert found["points_of_counts_lost"] == 0
    assert found["points_lost"] == 0
    assert found["points_of_nothing"] == 0
    assert found["points_with_another_value"] == 0
    assert found["points_refused"] == 0


async def outages(folder: Path) -> dict[str, Any]:
    keys = {number: secrets.token_bytes(16) for number in range(1, DEVICES + 1)}
    data, coap_port = folder / "fleet", free_port(socket.SOCK_DGRAM)
    data.mkdir(mode=0o700)
    with Influxd(folder / "influxd", DISK_MB) as server:
        fleet = FleetProcess(
            data,
            http_port=free_port(socket.SOCK_STREAM),
            coap_port=coap_port,
            speed=SPEED,
            settings={"series_url": server.url},
        )
        seed = folder / "seed.yaml"
        seed.touch(mode=0o600)
        seed.write_text(yaml.safe_dump(plant(keys)))
        await fleet.load(seed)
        with closing(sqlite3.connect(data / "kanbin.sqlite")) as connection:
            connection.executescript(KEEP)
        await fleet.start()
        devices = [LoadDevice(number, key, coap_port) for number, key in keys.items()]
        acks = Acks()
        loads = [asyncio.create_task(report(device, number, acks)) for number, device in enumerate(devices)]
        try:
            waited = await trouble(server, acks, data)
        finally:
            acks.is_over = True
            await asyncio.gather(*loads)
            for device in devices:
                device.close()
        await until(lambda: all_is_told(data), "all points written")
        await fleet.stop()
        written, there = expected(data), await asyncio.to_thread(found_in, server)
        refused = number_of(data, "series_refused")
    p99_ms = {phase: percentile(took_s) for phase, took_s in acks.took_s.items()}
    return {
        "seed": SEED,
        "devices": DEVICES,
        "away_s": OUTAGE_S,
        "killed": KILLS,
        "acks": sum(len(took_s) for took_s in acks.took_s.values()),
        "p99_ms_of_acks": p99_ms,
        "ratio": round(p99_ms["trouble"] / p99_ms["calm"], 2),
        "points_that_waited": waited,
        "points": len(written),
        "points_of_counts_lost": len(named_by_counts(data) - set(there)),
        "points_lost": len(set(written) - set(there)),
        "points_of_nothing": len(set(there) - set(written)),
        "points_with_another_value": sum(there[name] != written[name] for name in written if name in there),
        "points_refused": refused,
    }


class Acks:
    """How long each ack took, in seconds, by what was going on then: warming up, calm, trouble, catching up."""

    def __init__(self) -> None:
        self.took_s: dict[str, list[float]] = {phase: [] for phase in ("warm_up", "calm", "trouble", "catching_up")}
        self.phase = "warm_up"
        self.is_over = False

    def note(self, took_s: float) -> None:
        self.took_s[self.phase].append(took_s)


async def report(device: LoadDevice, number: int, acks: Acks) -> None:
    """A bin from which somebody takes a piece every few readings, and that is filled when it is nearly empty."""
    await device.send_reading(400_000)  # the first one also pays for the Echo round trip
    sent, pieces = 0, 100
    while not acks.is_over:
        began_s = time.perf_counter()
        sent += 1
        if (sent + number) % 7 == 0:
            pieces = pieces - 1 if pieces > 20 else 120
        await device.send_reading(100_000 + pieces * PIECE_RAW + sent % 3 * 40)
        acks.note(time.perf_counter() - began_s)
        await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - began_s)))


async def trouble(server: Influxd, acks: Acks, data: Path) -> int:
    """Calm, then away, killed twice and out of room, then catching up; how many points waited at most."""
    await asyncio.sleep(CALM_S)
    acks.phase = "calm"
    await asyncio.sleep(CALM_S)
    acks.phase = "trouble"
    server.stop()
    await asyncio.sleep(OUTAGE_S)
    waited = waiting(data)
    await asyncio.to_thread(server.start)
    for _ in range(KILLS):
        await another_batch(data)
        server.kill()
        await asyncio.to_thread(server.start)
    await another_batch(data)
    server.fill_disk()
    await until(lambda: waiting(data) > 50, "points that wait for room")
    await asyncio.sleep(CALM_S)
    server.free_disk()
    server.stop()  # it goes on to refuse what comes for the file it had open, until it is started anew
    await asyncio.to_thread(server.start)
    acks.phase = "catching_up"
    await asyncio.sleep(CALM_S)
    return waited


async def another_batch(data: Path) -> None:
    before = number_of(data, "series_written")
    await until(lambda: number_of(data, "series_written") > before, "a batch written")


async def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)


def all_is_told(data: Path) -> bool:
    """Whether all readings are counted, all counts collected and all points written."""
    counted = number_of(data, "counting_cursor", "max(last_reading_id)") == number_of(data, "readings", "max(id)")
    collected = number_of(data, "series_cursors WHERE name = 'counts'", "max(value)")
    return counted and collected == number_of(data, "counts", "max(id)") and waiting(data) == 0


def waiting(data: Path) -> int:
    return number_of(data, "series_outbox", "coalesce(sum(points), 0)")


def number_of(data: Path, table: str, what: str = "count(*)") -> int:
    with closing(sqlite3.connect(data / "kanbin.sqlite")) as connection:
        row = connection.execute(f"SELECT {what} FROM {table}").fetchone()
    number: int = row[0]
    return number


def expected(data: Path) -> dict[Named, dict[str, Any]]:
    """All points that ever left the outbox, by name; written again they replace themselves."""
    with closing(sqlite3.connect(data / "kanbin.sqlite")) as connection:
        batches = [row[0] for row in connection.execute("SELECT packed FROM series_written")]
    points = [point for packed in batches for point in unpack(packed)]
    return {point[:3]: dict(point.fields) for point in points}


def named_by_counts(data: Path) -> set[Named]:
    """The names of the points that the counts themselves call for, however often the outbox was emptied."""
    engine = open_engine(f"sqlite:///{data / 'kanbin.sqlite'}")
    with read(engine) as session:
        points: list[Point] = list(collect_levels(session, 0, 10_000_000).points)
    engine.dispose()
    return {point[:3] for point in points}


def found_in(server: Influxd) -> dict[Named, dict[str, Any]]:
    """All points that InfluxDB holds."""
    there: dict[Named, dict[str, Any]] = {}
    for measurement in MEASUREMENTS.values():
        for series in server.query(f"kanbin_{measurement.shelf}", f'SELECT * FROM "{measurement.name}"'):
            columns: Any = series["columns"]
            rows: Any = series["values"]
            for row in rows:
                values = dict(zip(columns, row, strict=True))
                tags = tuple(values[tag] or "" for tag in measurement.tags)
                fields = {
                    field.name: values[field.name] for field in measurement.fields if values.get(field.name) is not None
                }
                there[measurement.name, tags, values["time"]] = fields
    return there


def percentile(took_s: list[float]) -> float:
    return round(quantiles(took_s, n=100)[98] * 1000, 2)


def plant(keys: dict[int, bytes]) -> dict[str, Any]:
    """One bin a device, all at one place, two items."""
    items = [{"item": f"M{n}", "apw_g": "5.0", "pack_size": 100} for n in (4, 5)]
    return {
        "customers": [{"customer": "acme"}],
        "sites": [{"site": "plant-1", "customer": "acme"}],
        "stocking_locations": [{"stocking_location": "line-1", "site": "plant-1"}],
        "items": items,
        "devices": [
            {"device": f"dev-{n}", "kid": n.to_bytes(2, "big").hex(), "master_secret": key.hex()}
            for n, key in keys.items()
        ],
        "bins": [
            {
                "bin": f"bin-{n}",
                "device": f"dev-{n}",
                "channel": 0,
                "item": items[n % 2]["item"],
                "stocking_location": "line-1",
                "bin_weight_g": "200",
                "cell_capacity_g": "5000",
                "tare_raw": 100_000,
                "counts_per_gram": "429.0",
            }
            for n in keys
        ],
        "policies": [
            {
                "item": item["item"],
                "stocking_location": "line-1",
                "reorder_point": 200,
                "order_up_to": 900,
                "order_multiple": 100,
            }
            for item in items
        ],
    }
