# SPDX-License-Identifier: Apache-2.0
"""What a device says on its console, as values. The lines are the firmware's contract with whoever listens."""

import re
from typing import NamedTuple


class Boot(NamedTuple):
    """The firmware started."""

    device: str
    boot: int
    epoch: int


class Taken(NamedTuple):
    """A reading was taken and is kept on the device."""

    sequence: int
    channel: int
    uptime_s: int
    raw: int
    spread: int
    temp_cc: int | None


class Acked(NamedTuple):
    """The fleet has readings first..last for good, says a reply that OSCORE verified."""

    epoch: int
    boot: int
    first: int
    last: int
    readings: int


class Status(NamedTuple):
    """The device's own opinion of itself."""

    code: str
    sentence: str


Said = Boot | Taken | Acked | Status

_LINE = re.compile(r"^kanbin: (boot|reading|acked|status) (.*)$")


def parse(line: str) -> Said | None:
    """The meaning of one line; None when it is not one of the lines that carry a meaning, or was cut off."""
    match = _LINE.match(line)
    if match is None:
        return None
    kind, rest = match.groups()
    if kind == "status":
        code, _, sentence = rest.partition(" ")
        return Status(code, sentence)
    values = dict(pair.partition("=")[::2] for pair in rest.split())
    try:
        return _BUILD[kind](values)
    except (KeyError, ValueError):  # a power cut ends a line anywhere
        return None


def _boot(values: dict[str, str]) -> Said:
    return Boot(values["device"], int(values["boot"]), int(values["epoch"]))


def _taken(values: dict[str, str]) -> Said:
    sequence, channel, uptime_s, raw, spread = (
        int(values[name]) for name in ("sequence", "channel", "uptime_s", "raw", "spread")
    )
    temp_cc = None if values["temp_cc"] in ("None", "null") else int(values["temp_cc"])
    return Taken(sequence, channel, uptime_s, raw, spread, temp_cc)


def _acked(values: dict[str, str]) -> Said:
    epoch, boot, first, last, readings = (int(values[name]) for name in ("epoch", "boot", "first", "last", "count"))
    return Acked(epoch, boot, first, last, readings)


_BUILD = {"boot": _boot, "reading": _taken, "acked": _acked}
