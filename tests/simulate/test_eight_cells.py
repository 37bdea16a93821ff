# SPDX-License-Identifier: Apache-2.0
"""One board with eight load cells: the very firmware on MicroPython, each cell a channel of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.started_app import SETTINGS
from tools.simulate.console import Taken, parse

TOP = Path(__file__).resolve().parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
COUNTS_PER_G = 2.147e6 / 5000
LINES_MAX = 2000
Until = Callable[[Callable[[str], bool]], None]


def settings(clocked: str) -> dict[str, object]:
    return SETTINGS | {
        "heartbeat_s": 10,
        "settle_s": 1,
        "hx711": clocked,
        "thermometer": "ds18b20",
        "channels": [{"channel": each, "change_counts": 430, "gain": 64 if each == 7 else 128} for each in range(8)],
    }


def world() -> dict[str, object]:
    """100, 200, ... 800 pieces of 5 g, and nobody near."""
    quiet = {"piece_g": 5.0, "piece_cv": 0, "lot_cv": 0, "bin_g": 0, "pick_every_s": 1e9}
    cell = {"capacity_g": 5000, "creep": 0, "temperature_swing_k": 0, "spike_share": 0}
    channels = [
        {"channel": each, "cell": cell, "script": {**quiet, "seed": each, "pieces": 100 * (each + 1)}}
        for each in range(8)
    ]
    return {"board": "esp32_wroom", "channels": channels, "thermometer": True}


@pytest.fixture(params=["spi", "gpio"])
def until(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Until]:
    """Runs the board until its console says a line that fits."""
    (tmp_path / "kanbin.json").write_text(json.dumps(settings(request.param)))
    (tmp_path / "world.json").write_text(json.dumps(world()))
    (tmp_path / "deliveries").mkdir()
    env = {
        **os.environ,
        "MICROPYPATH": f"{TOP / 'tools/simulate/board'}:{TOP / 'firmware'}:.frozen",
        "KANBIN_SPEED": "20",
        "KANBIN_WORLD": str(tmp_path),
    }
    board = subprocess.Popen(
        [MICROPYTHON, TOP / "firmware/main.py"], cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True
    )

    def run(fits: Callable[[str], bool]) -> None:
        assert board.stdout is not None
        said = []
        for _ in range(LINES_MAX):
            said.append(board.stdout.readline())
            if fits(said[-1]):
                return
        raise AssertionError("".join(said[-50:]))

    yield run
    board.kill()
    board.communicate()


def test_eight_cells_weigh_on_one_board_and_a_fault_of_one_stops_no_other(until: Until, tmp_path: Path) -> None:
    latest: dict[int, Taken] = {}

    def note(line: str) -> None:
        said = parse(line.rstrip())
        if isinstance(said, Taken):
            latest[said.channel] = said

    def all_weighed(line: str) -> bool:
        note(line)
        return len(latest) == 8 and all(reading.temp_cc is not None for reading in latest.values())

    until(all_weighed)
    for channel, reading in latest.items():
        gain = 64 if channel == 7 else 128
        grams = reading.raw / (COUNTS_PER_G * gain / 128)
        assert abs(grams - 500 * (channel + 1)) < 2, channel
        assert reading.temp_cc == 2100

    faults = {"1": "bridge_off", "2": "dead", "3": "signal_off", "5": "clock_off", "6": "saturated"}
    (tmp_path / "faults.tmp").write_text(json.dumps(faults))
    (tmp_path / "faults.tmp").rename(tmp_path / "faults.json")
    codes = zip(faults, ("open_bridge", "no_chip", "open_bridge", "frame", "saturated"), strict=True)
    wanted = {f"kanbin: cell channel={channel} fault={code}" for channel, code in codes}

    def all_told(line: str) -> bool:
        wanted.discard(line.rstrip())
        return not wanted

    until(all_told)
    latest.clear()
    until(lambda line: note(line) or {0, 1, 3, 4, 6, 7} <= set(latest))
    assert not {2, 5} & set(latest)
    assert latest[6].raw == 0x7FFFFF

    (tmp_path / "faults.tmp").write_text(json.dumps(dict.fromkeys(faults)))
    (tmp_path / "faults.tmp").rename(tmp_path / "faults.json")
    wanted.update(f"kanbin: cell channel={each} fault=ok" for each in faults)
    until(all_told)
