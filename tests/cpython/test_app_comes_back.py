# SPDX-License-Identifier: Apache-2.0
"""Whatever fails or hangs, the board comes back by itself, and on a battery it does not wait for that awake."""

from pathlib import Path

from tests.started_app import SETTINGS, TOP, Start

WATCHED = """
import machine, network
{patch}
def watch(name, owner, attribute):
    real = getattr(owner, attribute)
    def told(*values, **options):
        print("asked", name, *[value for value in values if isinstance(value, (int, str))], sorted(options.items()))
        return real(*values, **options)
    return told
class Pin(machine.Pin):
    def __init__(self, id, mode=-1, pull=-1, **options):
        print("asked pin", id, mode, sorted(options.items()))
        super().__init__(id, mode, pull, **options)
    IN, OUT, PULL_UP = machine.Pin.IN, machine.Pin.OUT, machine.Pin.PULL_UP
machine.Pin = Pin
machine.WDT = watch("watchdog", machine, "WDT")
network.WLAN.active = watch("radio", network.WLAN, "active")
exec(open("{main}").read())
"""


def watched(folder: Path, patch: str = "") -> Path:
    """A main.py that says what the program asks of the board, after a patch of the program."""
    script = folder / "watched.py"
    script.write_text(WATCHED.format(patch=patch, main=TOP / "firmware/main.py"))
    return script


def asked(output: str, what: str) -> list[str]:
    return [line.partition(f"asked {what} ")[2] for line in output.splitlines() if line.startswith(f"asked {what} ")]


def test_a_light_that_a_low_pin_lights_is_dark_from_the_start_on(start: Start, tmp_path: Path) -> None:
    board = start({**SETTINGS, "board": "esp32_c3", "heartbeat_s": 0}, watched(tmp_path))
    assert board.stdout is not None
    while not (line := board.stdout.readline()).startswith("asked pin 8 "):
        assert line

    assert line.rstrip() == "asked pin 8 3 [('value', 1)]"


INTERRUPTED = """
import sys
sys.path.insert(0, "{firmware}")
from {module} import {owner}
def interrupted(*values):
    raise KeyboardInterrupt
{owner}.{method} = interrupted
"""


def interrupted(folder: Path, module: str, owner: str, method: str) -> Path:
    """Somebody presses Ctrl-C in the console at this step of the program."""
    where = {"firmware": TOP / "firmware", "module": module, "owner": owner, "method": method}
    return watched(folder, INTERRUPTED.format(**where))


def test_a_board_that_is_interrupted_while_it_starts_is_restarted_after_an_hour(start: Start, tmp_path: Path) -> None:
    board = start(SETTINGS, interrupted(tmp_path, "device.outbox", "Outbox", "__init__"))

    assert asked(board.communicate(timeout=30)[0], "watchdog") == ["[('timeout', 3600000)]"]


def test_a_board_that_runs_is_watched_closely_until_it_is_interrupted(start: Start, tmp_path: Path) -> None:
    board = start(SETTINGS, interrupted(tmp_path, "device.weigh_bin", "WeighBin", "poll"))

    watched = asked(board.communicate(timeout=30)[0], "watchdog")
    assert watched == [f"[('timeout', {timeout_ms})]" for timeout_ms in (3_600_000, 60_000, 3_600_000)]


def test_a_board_that_sleeps_is_watched_closely_until_it_is_interrupted(start: Start, tmp_path: Path) -> None:
    board = start({**SETTINGS, "sleep_s": 600}, interrupted(tmp_path, "device.weigh_bin", "WeighBin", "poll"))

    watched = asked(board.communicate(timeout=30)[0], "watchdog")
    assert watched == [f"[('timeout', {timeout_ms})]" for timeout_ms in (3_600_000, 60_000, 3_600_000)]
