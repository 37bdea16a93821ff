# SPDX-License-Identifier: Apache-2.0
"""docs/technician.md says what the firmware does: its tables are those of the code."""

import importlib
import json
from pathlib import Path

from boards import CHANNELS
from device.cell_faults import CODES
from device.parse_settings import parse
from device.sentences import SENTENCES
from device.status import CODES as STATUSES

from tests import settings_keys

PAGE = (Path(__file__).parents[2] / "docs/technician.md").read_text()


def table_under(heading: str) -> list[list[str]]:
    """Rows of the first table under a heading, without its head."""
    lines = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def test_every_key_of_the_settings_file_is_on_the_page() -> None:
    rows = table_under("The settings file")

    assert [row[:3] for row in rows] == [
        [key, allowed, default if default == "required" else json.dumps(default)]
        for key, allowed, default in settings_keys.of_a_bin(CHANNELS)
    ]
    assert all(meaning for _, _, _, meaning in rows)


def test_the_settings_file_shown_is_a_right_one() -> None:
    shown = PAGE.split("```json\n")[1].split("```")[0]

    assert parse(shown.encode(), CHANNELS).board in CHANNELS


def test_every_status_is_on_the_page() -> None:
    assert table_under("What it says of itself") == [
        [code, str(blinks), sentence] for code, (blinks, sentence) in zip(STATUSES, SENTENCES, strict=True)
    ]


def test_every_fault_of_a_cell_is_on_the_page_with_its_remedy() -> None:
    assert tuple(row[0] for row in table_under("Faults of a cell")) == CODES[1:]


def test_the_pin_of_the_thermometer_is_on_the_page() -> None:
    boards = ((board, importlib.import_module(f"boards.{board}").THERMOMETER) for board in CHANNELS)
    assert table_under("A thermometer") == [[board, str(pin)] for board, pin in boards if pin is not None]


def test_every_board_and_its_pins_are_on_the_page() -> None:
    expected = [
        [board, str(channel), str(dout), str(sck)]
        for board in CHANNELS
        for channel, (dout, sck) in enumerate(importlib.import_module(f"boards.{board}").SCALES)
    ]
    assert table_under("Wiring one load cell") == expected


def test_the_other_pins_of_each_board_are_on_the_page() -> None:
    boards = {board: importlib.import_module(f"boards.{board}") for board in CHANNELS}
    assert table_under("The other pins") == [
        [board, *(str(pin) for pin in (pins.LED, pins.BATTERY_ADC, *pins.UHF_UART))] for board, pins in boards.items()
    ]
