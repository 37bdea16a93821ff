# SPDX-License-Identifier: Apache-2.0
"""Why a device started is told by what the number means on an ESP32, as MicroPython gives it there."""

from pydantic import TypeAdapter

from fleet.devices.api import ResetCause


def test_each_cause_has_a_word_and_what_is_not_known_is_other() -> None:
    told = [TypeAdapter(ResetCause).validate_python(number) for number in (None, 0, 1, 2, 3, 4, 5, 6)]

    assert told == [None, "other", "power_on", "program", "watchdog", "deep_sleep", "console", "other"]
