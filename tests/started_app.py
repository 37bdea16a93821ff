# SPDX-License-Identifier: Apache-2.0
"""What tests know of an app that runs on the virtual board: its settings, what it says, how its process ends."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TOP = Path(__file__).parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")
SETTINGS: dict[str, object] = {
    "device": "bin-01",
    "board": "esp32_wroom",
    "kid": "0001",
    "master_secret": "00" * 16,
    "fleet": {"host": "127.0.0.1"},
    "wifi": {"ssid": "warehouse"},
    "channels": [{"channel": 0, "change_counts": 430}],
}
RESET = 70  # the process of a board that resets itself ends so, and that of one that falls into deep sleep
CRASHED = "the program failed; the board restarts by itself, later each time"
Start = Callable[..., subprocess.Popen[str]]


def lines(board: subprocess.Popen[str], count: int) -> list[str]:
    assert board.stdout is not None
    return [board.stdout.readline().rstrip() for _ in range(count)]
