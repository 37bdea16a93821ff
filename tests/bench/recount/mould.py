# SPDX-License-Identifier: Apache-2.0
"""The bins that are simulated and counted as the fleet does it live; all others of the store are copies of them."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert

from fleet.counting.evidence import STOCKTAKE, Evidence, put_down
from fleet.counting.service import count_new_readings
from fleet.db import write
from fleet.orders.store import policies
from fleet.readings.tables import ReadingRow
from fleet.seed.load import load
from fleet.seed.read import parse_seed
from tools.simulate.trace import Trace

BEGIN_MS = 1_735_689_600_000  # 2025-01-01: whatever is counted lies in the past
EPOCH = 1
READINGS_A_TURN = 2_000


def fill(engine: Engine, traces: Sequence[Trace], folder: Path) -> int:
    """Stores a year of these bins and counts it live; how many readings. Somebody counted each bin when it began."""
    with write(engine) as session:
        load(session, parse_seed(plant(traces, len(traces)), folder), now_ms=BEGIN_MS)
        for number, trace in enumerate(traces):
            put_down(session, name(number), Evidence(STOCKTAKE, trace.first_count, "bench"), BEGIN_MS)
    rows = readings_of(traces)
    for start in range(0, len(rows), READINGS_A_TURN):
        some = rows[start : start + READINGS_A_TURN]
        with write(engine) as session:
            session.execute(insert(ReadingRow), some)
            count_new_readings(session, some[-1]["received_at_ms"], READINGS_A_TURN, policies)
    return len(rows)


def name(number: int) -> str:
    """The name of a bin."""
    return f"bin-{number:05}"


def plant(traces: Sequence[Trace], bins: int) -> dict[str, Any]:
    """Master data of so many bins, each with a device and a place of its own; item and calibration as the traces."""
    configs, numbers = [trace.config for trace in traces], range(bins)
    return {
        "customers": [{"customer": "acme"}],
        "sites": [{"site": "plant-1", "customer": "acme"}],
        "items": [{"item": of["bin_id"], "apw_g": str(of["apw_g"]), "pack_size": of["pack_size"]} for of in configs],
        "stocking_locations": [{"stocking_location": f"place-{number}", "site": "plant-1"} for number in numbers],
        "devices": [
            {"device": f"device-{number}", "kid": f"{number:06x}", "master_secret": f"{number:032x}"}
            for number in numbers
        ],
        "bins": [_bin(number, configs[number % len(configs)]) for number in numbers],
        "policies": [_levels(number, configs[number % len(configs)]) for number in numbers],
    }


def _bin(number: int, config: dict[str, Any]) -> dict[str, Any]:
    return {
        "bin": name(number),
        "device": f"device-{number}",
        "channel": 0,
        "item": config["bin_id"],
        "stocking_location": f"place-{number}",
        "bin_weight_g": str(config["bin_weight_g"]),
        "cell_capacity_g": str(config["capacity_g"]),
        "tare_raw": config["tare_raw"],
        "counts_per_gram": str(config["counts_per_g"]),
        "count_anyway": "it is counted for its cost",
    }


def _levels(number: int, config: dict[str, Any]) -> dict[str, Any]:
    delivered = config["packs_per_refill"] * config["pack_size"]
    return {
        "item": config["bin_id"],
        "stocking_location": f"place-{number}",
        "reorder_point": config["reorder_point"],
        "order_up_to": config["reorder_point"] + delivered,
    }


def readings_of(traces: Sequence[Trace]) -> list[dict[str, Any]]:
    """The rows of the log, as it came in: all bins' readings in the order of time. Device n is bin n, from 1 on."""
    t_s = np.concatenate([trace.t_s for trace in traces])
    device = np.concatenate([np.full(len(trace.t_s), number, np.int64) for number, trace in enumerate(traces, 1)])
    sequence = np.concatenate([np.arange(len(trace.t_s)) for trace in traces])
    raw = np.concatenate([trace.raw for trace in traces])
    temp_c = np.concatenate([trace.temp_c for trace in traces])
    order = np.argsort(t_s, kind="stable")
    columns = (part[order].tolist() for part in (device, sequence, t_s, raw, temp_c))
    return [_reading(*values) for values in zip(*columns, strict=True)]


def _reading(device_id: int, sequence: int, t_s: float, raw: int, temp_c: float) -> dict[str, Any]:
    at_ms = BEGIN_MS + round(t_s * 1000)
    return {
        "device_id": device_id,
        "epoch": EPOCH,
        "sequence": sequence,
        "boot_count": 1,
        "channel": 0,
        "uptime_s": int(t_s),
        "raw": raw,
        "spread": 0,
        "temp_cc": None if isnan(temp_c) else round(temp_c * 100),
        "received_at_ms": at_ms,
        "taken_at_ms": at_ms,
    }
