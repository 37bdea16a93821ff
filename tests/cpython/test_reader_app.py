# SPDX-License-Identifier: Apache-2.0
"""The reader on a real MicroPython, against a virtual module on a bad line and a fleet that stores what it gets."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wire import tags, unpack_tags
from wire.paths import TAGS

from tests.eventually import eventually
from tests.fakes.udp_fleet import UdpFleet

TOP = Path(__file__).parents[2]
BOARD = TOP / "tools/simulate/board"
MICROPYTHON = Path(sys.executable).with_name("micropython")
SPEED = 20
WITHIN_S = 30
STAYS, GOES, WEAK = "30" * 12, "31" * 12, "32" * 12
DAMAGE = {"noise": 0.2, "truncated": 0.1, "flipped": 0.1, "lost": 0.1}
Start = Callable[[str, bool], subprocess.Popen[str]]


@pytest.fixture
def fleet() -> Iterator[UdpFleet]:
    fleet = UdpFleet()
    yield fleet
    fleet.close()


@pytest.fixture
def start(tmp_path: Path, fleet: UdpFleet) -> Iterator[Start]:
    """Hangs a virtual module of that kind on the board, if it is to be connected, and powers both."""
    running: list[subprocess.Popen[str]] = []

    def run(argv: list[str | Path], **env: str) -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen(argv, cwd=tmp_path, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True)
        )
        return running[-1]

    def power_on(module: str, connected: bool) -> subprocess.Popen[str]:
        visits = [
            {"epc": STAYS, "from_s": 0, "to_s": 1e9},
            {"epc": GOES, "from_s": 0, "to_s": 60},
            {"epc": WEAK, "from_s": 0, "to_s": 1e9, "rssi_dbm": -90},
        ]
        plan = {"module": module, "seed": 7, "speed": SPEED, "visits": visits, "damage": DAMAGE}
        (tmp_path / "plan.json").write_text(json.dumps(plan))
        virtual = run([sys.executable, "-m", "tools.simulate.uhf", "plan.json"], PYTHONPATH=str(TOP))
        assert virtual.stdout is not None
        terminal = virtual.stdout.readline().strip()
        settings = {
            "app": "rfid_reader",
            "device": "reader-01",
            "board": "esp32_wroom",
            "kid": "0001",
            "master_secret": bytes(range(16)).hex(),
            "fleet": {"host": "127.0.0.1", "port": fleet.port},
            "wifi": {"ssid": "warehouse"},
            "reader": {"module": module, "region": "eu", "leave_s": 20, "heartbeat_s": 120},
        }
        (tmp_path / "kanbin.json").write_text(json.dumps(settings))
        env = {"MICROPYPATH": f"{BOARD}:{TOP / 'firmware'}:.frozen", "KANBIN_SPEED": str(SPEED)}
        return run([MICROPYTHON, TOP / "firmware/main.py"], KANBIN_UART2=terminal if connected else "", **env)

    yield power_on
    for process in running:
        process.kill()
        process.communicate()


def events_in(fleet: UdpFleet) -> list[tuple[int, str]]:
    """(kind, EPC) of each event the fleet has, in the order of their sequence."""
    found = [event for path, payload in fleet.posted if path == TAGS for event in unpack_tags.unpack(payload)[3]]
    return [(kind, epc.hex()) for _, kind, _, _, _, _, epc in sorted(found)]


@pytest.mark.parametrize("module", ["m100", "r200", "m6e"])
def test_tags_that_come_stay_and_go_are_told_to_the_fleet(module: str, start: Start, fleet: UdpFleet) -> None:
    board = start(module, True)
    asyncio.run(eventually(lambda: (tags.PRESENT, STAYS) in events_in(fleet), within_s=WITHIN_S))
    events = events_in(fleet)

    assert board.poll() is None
    assert [kind for kind, epc in events if epc == STAYS] == [tags.ENTERED, tags.PRESENT]
    assert [kind for kind, epc in events if epc == GOES] == [tags.ENTERED, tags.LEFT]
    assert {epc for _, epc in events} == {STAYS, GOES}, "a tag that is too weak, or one that never was"


def test_a_reader_without_a_module_says_so_and_runs_on(start: Start) -> None:
    board = start("m6e", False)
    assert board.stdout is not None
    assert board.stdout.readline().startswith("kanbin: boot device=reader-01 boot=1 epoch=")
    fault = next(line for line in board.stdout if line.startswith("kanbin: status reader_fault "))  # after its start

    assert fault.endswith(": no_answer: program\n")
    assert board.poll() is None
