# SPDX-License-Identifier: Apache-2.0
"""Makes a trace: life presses on a cell, the cell is read, the device sends some of what it reads."""

from collections.abc import Iterator
from math import ceil
from typing import Any
from zlib import crc32

import numpy as np

from tools.simulate.trace.cell import Cell, Strain
from tools.simulate.trace.classes import CLASSES, BinClass
from tools.simulate.trace.climate import Climate
from tools.simulate.trace.contents import Contents
from tools.simulate.trace.device import Device
from tools.simulate.trace.faults import RAW_MAX, RAW_MIN, Fault, Sensor, draw_faults, spoil
from tools.simulate.trace.life import CLOSES_S, DAY_S, OPENS_S, Life
from tools.simulate.trace.trace import FAULT, Activity, Floats, Trace

MACHINE_S = (300.0, 2700.0)  # so long a machine nearby runs, once or more often a working day


def make_trace(class_name: str, seed: int, days: float = 365.0) -> Trace:
    """The same class, seed and days give the same trace.

    Raises ValueError when there is no such class, when the seed is negative, or when the days are not above 0.
    """
    if class_name not in CLASSES:
        raise ValueError(f"class: there is no {class_name!r}; choose one of {', '.join(CLASSES)}")
    if seed < 0:
        raise ValueError(f"seed: {seed} is negative; choose 0 or more")
    if not 0 < days < float("inf"):
        raise ValueError(f"days: {days} is no length of time; choose more than 0")
    bin_class = CLASSES[class_name]
    streams = np.random.SeedSequence([crc32(class_name.encode()), seed]).spawn(6)
    randoms = iter([np.random.default_rng(stream) for stream in streams])
    return _make(class_name, bin_class, seed, days, randoms)


def _make(name: str, bin_class: BinClass, seed: int, days: float, randoms: Iterator[np.random.Generator]) -> Trace:
    for_life, for_faults, for_machine, for_air, for_cell, for_device = randoms
    contents = Contents(bin_class, for_life)
    contents_g = contents.mass_g
    life = Life(bin_class, contents, days, for_life)
    faults = draw_faults(bin_class.faults, days, for_faults)
    sensor = Sensor(faults, for_faults)
    runs = _machine_runs(days, for_machine) if bin_class.vibration > 1 else []
    climate = Climate(bin_class.swing_k, days, for_air)
    cell = Cell(bin_class, climate, days, for_cell)

    looks_s, begins = life.script.looks([(0.0, 1.0), *sensor.restless_s(), *runs], days * DAY_S)
    load_g = life.script.load_g(looks_s, bin_class.bin_weight_g, contents_g)
    strain = cell.strain(looks_s, load_g, life.script.handlings_s)

    def read(felt: Strain) -> Floats:
        times = sensor.noise_times(felt.t_s) * (1 + (bin_class.vibration - 1) * _is_within(felt.t_s, runs))
        return sensor.through(felt.t_s, cell.counts(felt) + cell.noise_counts(times))

    seen = read(strain)
    delta_g = bin_class.send_delta_g
    device = Device(delta_g and delta_g * bin_class.counts_per_g, bin_class.heartbeat_s, for_device)
    sent, beats_s = device.choose(looks_s, seen, begins, days * DAY_S)
    t_s = np.concatenate((looks_s[sent], beats_s))
    order = np.argsort(t_s, kind="stable")
    t_s = np.round(t_s[order], 1)
    counts = np.concatenate((seen[sent], read(strain.at(beats_s))))[order]
    spoil(counts, bin_class.spikes, for_device)
    raw = np.clip(np.rint(counts), RAW_MIN, RAW_MAX).astype(np.int32)
    temp_c = climate.sensed_c(t_s) if bin_class.has_temperature else np.full(len(t_s), np.nan)
    config = _config(f"{name}/{seed}", bin_class, contents.apw_g, cell.tare_counts())
    activities = sorted([*life.activities, *map(_activity, faults)], key=lambda each: each.start_s)
    return Trace(config, t_s, raw, temp_c, bin_class.initial_count, activities)


def _config(bin_id: str, bin_class: BinClass, apw_g: float, tare_counts: float) -> dict[str, Any]:
    return {
        "type": "config",
        "bin_id": bin_id,
        "tare_raw": round(tare_counts),
        "counts_per_g": bin_class.counts_per_g,
        "capacity_g": bin_class.capacity_g,
        "apw_g": apw_g,
        "pack_size": bin_class.pack_size,
        "packs_per_refill": bin_class.packs_per_refill,
        "reorder_point": bin_class.reorder_point,
        "initial_count": bin_class.initial_count,
        "bin_weight_g": bin_class.bin_weight_g,
        "heartbeat_s": bin_class.heartbeat_s,
        "send_delta_g": bin_class.send_delta_g,
    }


def _machine_runs(days: float, random: np.random.Generator) -> list[tuple[float, float]]:
    runs = []
    for day in range(ceil(days)):
        if day % 7 < 5:
            for at_s in random.uniform(OPENS_S, CLOSES_S, 1 + random.poisson(1.0)):
                start_s = round(day * DAY_S + float(at_s), 1)
                if start_s < days * DAY_S:
                    runs.append((start_s, start_s + float(random.uniform(*MACHINE_S))))
    return sorted(runs)


def _is_within(t_s: Floats, spans: list[tuple[float, float]]) -> Floats:
    within = np.zeros(len(t_s))
    for first, last in (np.searchsorted(t_s, span) for span in spans):
        within[first:last] = 1.0
    return within


def _activity(fault: Fault) -> Activity:
    return Activity(FAULT, fault.start_s, fault.end_s, 0, fault.end_s, fault.kind)
