# SPDX-License-Identifier: Apache-2.0
"""docs/reader.md says what the firmware does: its tables are those of the code."""

import json
from pathlib import Path

from boards import CHANNELS
from device.parse_reader import MODULES
from device.parse_settings import parse

from tests import settings_keys

PAGE = (Path(__file__).parents[2] / "docs/reader.md").read_text()


def test_every_key_of_a_reader_is_on_the_page() -> None:
    keys = settings_keys.of_a_reader()
    for key, allowed, default in keys:
        shown = default if default == "required" else f"`{json.dumps(default)}`"
        assert f"| `{key}` | {allowed} | {shown} | " in PAGE
    assert PAGE.count("| `reader.") == len(keys)


def test_the_settings_file_shown_is_a_right_one() -> None:
    shown = PAGE.split("```json\n")[1].split("```")[0]

    assert parse(shown.encode(), CHANNELS).app == "rfid_reader"


def test_every_module_and_its_regions_are_on_the_page() -> None:
    for module, regions in MODULES.items():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{module}` |"))
        assert row.endswith((f"| {', '.join(regions)} |", "| the same |"))
