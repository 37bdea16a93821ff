# SPDX-License-Identifier: Apache-2.0
"""Every file of the firmware is in MicroPython's dialect: the cross-compiler of the stock image takes it."""

from pathlib import Path

import pytest

from tests.board import compile_to

FILES_BYTES_MAX = 100_000  # of the 2 MB that a stock image leaves for files, most of which belongs to the outbox


def test_all_of_the_firmware_compiles_and_is_small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total = compile_to(tmp_path)
    files = list(tmp_path.rglob("*.mpy"))
    with capsys.disabled():
        print(f"\nfirmware: {len(files)} files, {total} bytes compiled")
    assert len(files) > 30
    assert total < FILES_BYTES_MAX
