# SPDX-License-Identifier: Apache-2.0
"""The lists of parts are complete and say what of them was looked up."""

import csv
from pathlib import Path

import pytest
from boards import CHANNELS

from hardware.wiring.kits import KITS

FOLDER = Path(__file__).resolve().parents[2] / "hardware" / "bom"
COLUMNS = ["part", "quantity", "maker", "order_number", "number_seen", "alternatives", "note"]


def rows(kit: str) -> list[dict[str, str]]:
    with (FOLDER / f"{kit}.csv").open(newline="") as file:
        reader = csv.DictReader(file, strict=True)
        found = list(reader)
    assert reader.fieldnames == COLUMNS
    return found


def test_each_kit_that_is_drawn_has_its_list() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(KITS)


@pytest.mark.parametrize("kit", KITS)
def test_each_part_is_told_whole(kit: str) -> None:
    for row in rows(kit):
        assert all(row[column] for column in COLUMNS), row
        assert int(row["quantity"]) > 0
        assert None not in row, f"a comma too many: {row}"
        is_ordinary = row["maker"] == "any" and row["order_number"] == "-"
        assert row["number_seen"] in (("-", "no") if row["maker"] == "any" else ("yes", "no")), row
        assert is_ordinary == (row["number_seen"] == "-"), row


def test_a_shelf_has_a_converter_and_a_cell_for_each_scale() -> None:
    quantities = {row["part"]: int(row["quantity"]) for row in rows("shelf")}
    assert quantities["bridge converter"] == quantities["load cell 10 kg"] == max(CHANNELS.values())


@pytest.mark.parametrize("kit", KITS)
def test_the_board_of_a_kit_is_one_that_the_firmware_knows(kit: str) -> None:
    (board,) = (row for row in rows(kit) if row["part"] == "board")
    assert board["order_number"].startswith(("ESP32-DevKitC-32", "ESP32-S3-DevKitC-1"))
