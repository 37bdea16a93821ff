# SPDX-License-Identifier: Apache-2.0
"""Whatever fails or hangs, the board comes back by itself, and on a battery it does not wait for that awake."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.started_app import RESET, SETTINGS, TOP, Start, lines

WATCHED = """
import machine, network, sys
sys.path.insert(0, "{firmware}")
{patch}
def watch(name, owner, attribute):
    real = getattr(owner, attribute)
    def told(*values, **options):
        print("asked", name, *[value for value in values if value in (True, False)], sorted(options.items()))
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
    script.write_text(WATCHED.format(patch=patch, firmware=TOP / "firmware", main=TOP / "firmware/main.py"))
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
from {module} import {owner}
def interrupted(*values):
    raise KeyboardInterrupt
{owner}.{method} = interrupted
"""


def interrupted(folder: Path, module: str, owner: str, method: str) -> Path:
    """Somebody presses Ctrl-C in the console at this step of the program."""
    return watched(folder, INTERRUPTED.format(module=module, owner=owner, method=method))


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


WOKEN = "4"  # as the virtual board notes that its next start is the end of a deep sleep
ON_BATTERY = {**SETTINGS, "sleep_s": 600}


def sleeps_ms(board: subprocess.Popen[str]) -> list[int]:
    """What it said of its sleep, as the last thing it did; nothing of a board that was reset awake."""
    last = board.communicate(timeout=30)[0].splitlines()[-1]
    assert board.returncode == RESET
    return [int(last.partition("=")[2])] if last.startswith("kanbin: sleep ms=") else []


def test_on_a_battery_a_crash_is_slept_over_but_for_the_time_somebody_needs_at_the_console(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "outbox").write_text("a file where a folder should be")

    assert [sleeps_ms(start(ON_BATTERY)) for _ in range(7)] == [
        [1000 * each] for each in (60 - 30, 120, 240, 480, 960, 1920, 1920)
    ]


def test_on_mains_a_crash_is_waited_over_awake(start: Start, tmp_path: Path) -> None:
    no_parser = watched(tmp_path, "from device import parse_settings\nparse_settings.parse = None")

    for settings in (
        SETTINGS,
        {**ON_BATTERY, "app": "rfid_reader"},
    ):  # a reader never sleeps, whatever its settings say
        assert sleeps_ms(start(settings, no_parser)) == []


def test_on_a_battery_wrong_settings_are_slept_over(start: Start) -> None:
    wrong = {**ON_BATTERY, "heartbeat_s": 0}

    assert [sleeps_ms(start(wrong)) for _ in range(2)] == [[1000 * (3000 - 30)], [1000 * 3000]]


def test_settings_that_cannot_be_read_after_a_sleep_are_those_of_a_battery(start: Start, tmp_path: Path) -> None:
    for broken in ("", "{", "[]", '{"board": 7}'):
        (tmp_path / "reset_cause").write_text(WOKEN)

        assert sleeps_ms(start(broken)) == [1000 * 3000], broken


def test_a_plan_that_sends_a_board_to_sleep_is_enough_to_sleep_over_a_crash(start: Start, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where a folder should be")
    (tmp_path / "reset_cause").write_text(WOKEN)

    assert sleeps_ms(start(SETTINGS)) == [60_000]


def test_radio_and_converters_are_off_before_the_pause(start: Start, tmp_path: Path) -> None:
    no_keys = watched(tmp_path, "from device.session import Session\nSession.__init__ = None")
    two = [{"channel": 0, "change_counts": 430}, {"channel": 2, "change_counts": 430}]
    board = start({**ON_BATTERY, "channels": two}, no_keys)
    output = board.communicate(timeout=60)[0]

    assert asked(output, "radio")[-1] == "False []"
    assert [asked(output, f"pin {pin}")[-1] for pin in (33, 14)] == ["3 [('hold', False), ('value', 1)]"] * 2


def test_a_program_that_is_not_whole_is_slept_over(start: Start, tmp_path: Path) -> None:
    (tmp_path / "first/apps").mkdir(parents=True)
    (tmp_path / "first/apps/__init__.py").touch()
    main = shutil.copy(TOP / "firmware/main.py", tmp_path / "first")  # files beside it are found before all others
    slept_ms = []
    for _ in range(2):
        board = start(SETTINGS, main)
        board.communicate(timeout=30)
        assert board.returncode == RESET
        slept_ms.append((tmp_path / "asleep_ms").read_text())

    assert slept_ms == ["540000", "600000"]


def test_a_wake_that_got_through_makes_the_next_crash_a_first_one(start: Start, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/crashes").write_text("xxxxx")

    (slept_ms,) = sleeps_ms(start(ON_BATTERY))
    assert 400_000 < slept_ms < 600_000
    assert not (tmp_path / "state/crashes").exists()


def test_an_empty_battery_is_left_alone_for_an_hour_without_a_try_of_the_radio(start: Start, tmp_path: Path) -> None:
    (tmp_path / "battery_mv").write_text("3290")
    slept_ms = []
    for _ in range(2):
        board = start(ON_BATTERY, watched(tmp_path))
        output = board.communicate(timeout=30)[0]
        slept_ms.append(output.splitlines()[-1])

        assert "kanbin: battery empty mv=3290" in output.splitlines()
        assert "True []" not in asked(output, "radio")
    assert slept_ms == [f"kanbin: sleep ms={1000 * each}" for each in (3600 - 30, 3600)]

    # A board on mains has slept, too, after a program that could not be loaded; nothing is at its pin but chance.
    assert lines(start(SETTINGS), 1)[0].startswith("kanbin: boot ")


@pytest.mark.parametrize("battery_mv", [0, 1000, 3310, 4200])
def test_a_battery_that_is_not_empty_or_none_at_all_is_no_reason_to_sleep(
    start: Start, tmp_path: Path, battery_mv: int
) -> None:
    (tmp_path / "battery_mv").write_text(str(battery_mv))

    assert lines(start(ON_BATTERY), 1)[0].startswith("kanbin: boot ")


def test_the_battery_pin_of_a_board_on_mains_is_not_asked(start: Start, tmp_path: Path) -> None:
    (tmp_path / "battery_mv").write_text("3000")

    assert lines(start(SETTINGS), 1)[0].startswith("kanbin: boot ")


def test_a_flash_that_does_not_forget_a_crash_keeps_nobody_awake(start: Start, tmp_path: Path) -> None:
    worn = "from drivers.flash import Flash\ndef remove(*names): raise OSError(5)\nFlash.remove = remove"

    assert 400_000 < sleeps_ms(start(ON_BATTERY, watched(tmp_path, worn)))[0] < 600_000
