# SPDX-License-Identifier: Apache-2.0
"""What is remembered of a bin's counting beside its counter, as JSON; rubbish is read as: begin anew."""

import json
from dataclasses import asdict, dataclass, fields
from math import isfinite
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from fleet.counting.counter import UNCERTAIN, BinSetup


@dataclass
class Memory:
    """What outlives a reading. Times are UTC milliseconds.

    `boot` is (epoch, boot_count) of the device and when its uptime was 0. `corrected` are pieces that the counter took
    back or added without anybody's doing, and that are not booked yet. `restless_since_ms` is the first reading that
    was no evidence since the last one that was, or since a lifted or faulty bin came back, `doubt_since_ms` the first
    count since the last one that was evidence, `well_since_ms` the first that was, since the last count that neither
    was nor said ok.
    """

    setup: dict[str, Any] | None = None
    is_rescaled: bool = False
    corrected: int = 0
    initial_count: int | None = None
    trouble: str | None = None
    boot: list[int] | None = None
    restless_since_ms: int | None = None
    newest_at_ms: int | None = None
    newest_taken_at_ms: int | None = None
    newest_state: str = UNCERTAIN
    is_evidence: bool = False
    mean: float | None = None
    sd: float | None = None
    doubt_since_ms: int | None = None
    well_since_ms: int | None = None

    def to_json(self) -> str:
        """As text; floats survive it bit for bit."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def bin_setup(self) -> BinSetup | None:
        """The setup that the counter was last given, None when there is none that can be read."""
        try:
            return None if self.setup is None else BinSetup(**self.setup)
        except TypeError:
            return None


def setup_json(setup: BinSetup) -> str:
    """A setup as text; floats survive it bit for bit."""
    return json.dumps(asdict(setup), separators=(",", ":"))


def read_setup(text: str) -> BinSetup:
    """What `setup_json` gave."""
    return BinSetup(**json.loads(text))


def read_memory(text: str) -> Memory:
    """What `to_json` gave; of what cannot be read, that the next count is by a new counter."""
    try:
        said = json.loads(text)
        is_ours = isinstance(said, dict) and said.keys() == _KINDS.keys()
        if is_ours and all(_is_of(value, _KINDS[name]) for name, value in said.items()):
            return Memory(**said)
    except (ValueError, RecursionError):
        pass
    return Memory(is_rescaled=True)


def _kinds() -> dict[str, tuple[type, ...]]:
    hints = get_type_hints(Memory)
    kinds = {}
    for each in fields(Memory):
        hint = hints[each.name]
        options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        kinds[each.name] = tuple(get_origin(option) or option for option in options)
    return kinds


_KINDS = _kinds()


def _is_of(value: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, float) and not isfinite(value):
        return False
    if isinstance(value, list):
        return list in kinds and len(value) == 3 and all(type(part) is int for part in value)
    return type(value) in kinds or (type(value) is int and float in kinds)
