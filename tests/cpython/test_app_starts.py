# SPDX-License-Identifier: Apache-2.0
"""The app on a real MicroPython, on the virtual board: how it starts, out of an image too, and when it cannot."""

import shutil
from pathlib import Path

from tests.image import build
from tests.started_app import CRASHED, RESET, SETTINGS, TOP, Start, lines


def test_wrong_settings_are_named_and_the_board_stays_calm(start: Start) -> None:
    board = start({**SETTINGS, "heartbeat_s": 0}, "firmware/main.py")

    (line,) = lines(board, 1)

    assert line.startswith("kanbin: status settings_error ")
    assert line.endswith("heartbeat_s: must be a whole number, 10 to 600")
    assert board.poll() is None


def test_a_new_board_without_a_load_cell_says_so_and_runs_on(start: Start) -> None:
    board = start(SETTINGS, "firmware/main.py")

    boot, keys, status = lines(board, 3)

    assert boot.startswith("kanbin: boot device=bin-01 boot=1 epoch=")
    assert keys == "kanbin: no state of the keys: the fleet will be asked for new ones"
    assert status.startswith("kanbin: status scale_fault ")
    assert board.poll() is None


def test_an_image_with_the_program_in_it_starts_from_main_and_the_settings_alone(start: Start, tmp_path: Path) -> None:
    main = shutil.copy(TOP / "firmware/main.py", tmp_path)
    board = start(SETTINGS, main, image=build(bits=64))

    boot, keys, _ = lines(board, 3)

    assert boot.startswith("kanbin: boot device=bin-01 boot=1 epoch=")
    assert keys == "kanbin: no state of the keys: the fleet will be asked for new ones"
    assert board.poll() is None


def test_files_of_the_program_come_before_those_in_the_image(start: Start, tmp_path: Path) -> None:
    main = shutil.copy(TOP / "firmware/main.py", tmp_path)
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps/__init__.py").touch()
    (tmp_path / "apps/start.py").write_text("def main():\n    print('of the file')\n")

    board = start(SETTINGS, main, image=build(bits=64))

    assert board.communicate(timeout=30)[0] == "of the file\n"


def test_a_program_that_fails_says_so_and_restarts_later_each_time(start: Start, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where a folder should be")
    waits = []
    for _ in range(3):
        board = start(SETTINGS, "firmware/main.py")
        output = board.communicate(timeout=30)[0]
        assert board.returncode == RESET
        waits.append(output.splitlines()[-1])

    assert waits == [f"kanbin: status crashed {CRASHED}: OSError, in {seconds} s" for seconds in (60, 120, 240)]


def test_a_program_that_is_not_whole_says_so_and_restarts_after_minutes(start: Start, tmp_path: Path) -> None:
    (tmp_path / "first/apps").mkdir(parents=True)
    (tmp_path / "first/apps/__init__.py").touch()
    main = shutil.copy(TOP / "firmware/main.py", tmp_path / "first")  # files beside it are found before all others
    board = start(SETTINGS, main)

    assert (
        board.communicate(timeout=30)[0].splitlines()[-1].startswith(f"kanbin: status crashed {CRASHED}: ImportError")
    )
    assert board.returncode == RESET


def test_settings_that_no_parser_can_read_do_not_end_the_program(start: Start, tmp_path: Path) -> None:
    board = start(SETTINGS, "firmware/main.py")
    board.kill()
    (tmp_path / "first").mkdir()
    (tmp_path / "first/json.py").write_text("def loads(source):\n    raise RuntimeError('maximum recursion depth')\n")
    board = start(SETTINGS, "firmware/main.py")

    assert f"kanbin: status crashed {CRASHED}: RuntimeError, in 60 s" in board.communicate(timeout=30)[0].splitlines()
    assert board.returncode == RESET
