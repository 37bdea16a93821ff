# SPDX-License-Identifier: Apache-2.0
"""`kanbin bin compile`: a folder with what a device needs of the firmware, and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli import app
from tests.started_app import SETTINGS
from tools.technician import cli
from tools.technician.compile import CompileError, compile_to
from tools.technician.program import BOARDS, FIRMWARE, OTHERS_OF, program

TOP = Path(__file__).parents[2]
FILES_BYTES_MAX = {"weigh_bin": 70_000, "rfid_reader": 71_000}  # the goal for a weigh bin is 48 KB


def said(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["bin", "compile", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def mistake(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["bin", "compile", *map(str, arguments)])
    assert result.exit_code in (1, 2)
    return result.stderr.strip()


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", sorted(OTHERS_OF))
def test_a_device_gets_its_own_files_alone_and_they_are_small(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = said(tmp_path / "new", "--app", kind, "--board", "esp32_c3").splitlines()[-1]

    found = files(tmp_path / "new")
    total = sum(file.stat().st_size for file in (tmp_path / "new").rglob("*") if file.is_file())
    with capsys.disabled():
        print(f"\n{last}; {FILES_BYTES_MAX[kind]} bytes allowed")
    assert last == f"{len(found)} files, {total / 1000:.1f} KB for a {kind} on an esp32_c3, in {tmp_path / 'new'}"
    assert {"boot.py", "main.py", "boards/esp32_c3.mpy", "device/link.mpy", "device/parse_settings.mpy"} <= found
    assert {name for name in found if name.endswith(".py")} == {"boot.py", "main.py"}
    assert not found & {"wire/oscore_server.mpy", "wire/unpack_reading.mpy", "boards/esp32_s3.mpy", "manifest.mpy"}
    assert ("device/weigh_bin.mpy" in found) == (kind == "weigh_bin")
    assert ("device/tag_reader.mpy" in found) == (kind == "rfid_reader")
    assert total <= FILES_BYTES_MAX[kind]


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("kind", sorted(OTHERS_OF))
def test_every_file_that_any_device_needs_is_found_however_late_it_is_imported(kind: str, board: str) -> None:
    names = {path.relative_to(FIRMWARE).as_posix() for path in program(kind, board)}

    assert {"apps/crash.py", "device/renewing.py", "wire/derive.py", "device/sentences.py"} <= names
    assert {f"boards/{board}.py", "boards/__init__.py"} <= names


def test_every_module_that_only_a_device_may_need_is_needed_by_one() -> None:
    of_devices = {path for kind in OTHERS_OF for board in BOARDS for path in program(kind, board)}
    all_of_them = {
        path for folder in ("apps", "boards", "device", "drivers") for path in (FIRMWARE / folder).glob("*.py")
    }

    assert not all_of_them - of_devices


def test_a_folder_that_has_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "old.py").touch()

    assert mistake(tmp_path) == (
        f"kanbin: {tmp_path}: is not empty, and a board runs whatever lies on it; name a new folder"
    )
    assert files(tmp_path) == {"old.py"}


def test_what_is_interrupted_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(folder: Path, *_: object) -> Iterator[Path]:
        folder.mkdir()
        (folder / "half.mpy").touch()
        yield folder / "half.mpy"
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "compile_to", interrupted)
    result = CliRunner().invoke(app, ["bin", "compile", str(tmp_path / "new")])

    assert result.exit_code != 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "allowed"),
    [(("--board", "esp8266"), "esp32_c3, esp32_s3, esp32_wroom"), (("--app", "toaster"), "weigh_bin, rfid_reader")],
)
def test_a_name_that_is_unknown_is_named_with_those_that_are_not(
    options: tuple[str, str], allowed: str, tmp_path: Path
) -> None:
    assert mistake(tmp_path / "new", *options) == (
        f"kanbin: {options[0]}: there is no {options[1]!r}; choose one of {allowed}"
    )


def test_a_source_that_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def (:\n")

    with pytest.raises(CompileError, match=r"bad\.py: (.|\n)*SyntaxError(.|\n)*mend the source"):
        list(compile_to(tmp_path / "new", [tmp_path / "bad.py"]))


def test_what_was_compiled_starts_a_bin_on_the_virtual_board(tmp_path: Path) -> None:
    board = tmp_path / "board"
    said(board)
    (board / "kanbin.json").write_text(json.dumps(SETTINGS))
    micropython = Path(sys.executable).with_name("micropython")
    path = f"{TOP / 'tools/simulate/board'}:.frozen"

    running = subprocess.Popen(
        [micropython, "main.py"],
        cwd=board,
        env={**os.environ, "MICROPYPATH": path, "KANBIN_SPEED": "200"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with running:
        assert running.stdout is not None
        first = running.stdout.readline()
        running.kill()

    assert first.startswith("kanbin: boot device=bin-01 boot=1 epoch=")
