# SPDX-License-Identifier: Apache-2.0
"""Every key of kanbin.json as the firmware knows it: (key, what is allowed, default)."""

from device import parse_reader, parse_settings

Key = tuple[str, str, object]


def of_a_bin(boards: dict[str, int]) -> list[Key]:
    parts = (
        ("", parse_settings._top(boards)),
        ("fleet.", parse_settings._FLEET),
        ("wifi.", parse_settings._WIFI),
        ("channels[].", parse_settings._CHANNEL),
    )
    return [(prefix + key, kind[1], default) for prefix, fields in parts for key, kind, default in fields]


def of_a_reader() -> list[Key]:
    return [("reader." + key, kind[1], default) for key, kind, default in parse_reader._READER]
