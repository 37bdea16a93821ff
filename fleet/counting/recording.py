# SPDX-License-Identifier: Apache-2.0
"""A recorded trace counted: lines of JSON in, an answer for each reading out. It is `kanbin count` without I/O.

docs/count.md says what the lines hold.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Self

from fleet.counting.counter import BinSetup, Counter, Event

LINE_BYTES_MAX = 65_536
MOST = 1e12  # of anything: seconds, grams, counts
RAW_MAX = 2**31 - 1  # no converter says more
SHOWN_CHARACTERS_MAX = 40


class LineError(ValueError):
    """A line cannot be used; the message names the field and the remedy."""


class _Written(float):
    """A number that remembers how it was written, to be given back just so."""

    __slots__ = ("_text",)
    _text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __repr__(self) -> str:
        return self._text


@dataclass(frozen=True, slots=True)
class _Field:
    """What one field of a line may be; `default` is what a field that may be left out, or be null, stands for then."""

    name: str
    what: str
    least: float
    most: float = MOST
    is_whole: bool = False
    is_required: bool = True
    default: Any = None

    def of(self, line: dict[str, Any]) -> Any:
        """Its value: an int where it is whole, else a float. Raises LineError."""
        value: Any = line.get(self.name)
        if value is None and not self.is_required:
            return self.default
        if self.name not in line:
            raise LineError(f"{self.name}: is missing; give {self.what}")
        if type(value) in (int, _Written) and self.least <= value <= self.most:
            if not self.is_whole:
                return float(value)
            if value == int(value):
                return int(value)
        raise LineError(f"{self.name}: {_shown(value)} will not do; give {self.what}")


def _shown(value: Any) -> str:
    """A value as it was written, long ones shortened."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    text = json.dumps(value) if isinstance(value, str | bool | None) else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[: SHOWN_CHARACTERS_MAX - 3] + "..."


def _optional(name: str, what: str, least: float, *, is_whole: bool = False, default: Any = None) -> _Field:
    return _Field(name, what, least, is_whole=is_whole, is_required=False, default=default)


T = _Field("t", "the time of it in seconds", -MOST)
RAW = _Field("raw", "what the converter said, a whole number of counts", -RAW_MAX - 1, RAW_MAX, is_whole=True)
TEMP = _optional("temp", "degrees Celsius, or null where there is no sensor", -MOST)
PACKS = _Field("packs", "how many packs were put in, 1 or more", 1, is_whole=True)
COUNTED = _Field("count", "how many pieces were counted, 0 or more", 0, is_whole=True)

TARE_RAW = _Field("tare_raw", "the reading of the empty bin on the cell, in counts", -RAW_MAX - 1, RAW_MAX)
REORDER_POINT = _Field("reorder_point", "the pieces at which to order, 0 or more", 0, is_whole=True)
SETUP = {  # of a BinSetup, beside tare_raw
    "counts_per_gram": _Field("counts_per_g", "the counts per gram, more than 0", 1e-9),
    "cell_capacity_g": _Field("capacity_g", "what the cell carries, in grams, more than 0", 1e-9),
    "bin_weight_g": _Field("bin_weight_g", "what the empty bin weighs, in grams, 0 or more", 0),
    "apw_g": _Field("apw_g", "what a piece weighs, in grams, more than 0", 1e-9),
    "pack_size": _optional("pack_size", "the pieces in a pack, 1 or more", 1, is_whole=True, default=1),
    "packs_per_refill": _optional("packs_per_refill", "the usual packs, 1 or more", 1, is_whole=True, default=1),
    "initial_count": _optional("initial_count", "the pieces at first, 0 or more, or null", 0, is_whole=True),
    "heartbeat_s": _optional("heartbeat_s", "the seconds between readings at rest", 1e-3, default=300.0),
    "send_delta_g": _optional("send_delta_g", "the change that is sent at once, in grams, or null", 0),
}


class Recording:
    """A stream of bins, one after the other, each counted by a counter that `make` gives."""

    def __init__(self, make: Callable[[BinSetup], Counter]) -> None:
        self._make = make
        self._counter: Counter | None = None
        self._setup: BinSetup | None = None
        self._pieces = 0  # told last, and still while a counter knows nothing
        self._reorder_point = 0
        self._events: tuple[Event, ...] = ()  # of refills and stocktakes, told with the next reading
        self.is_ended = False
        """Whether the last line said that nothing more comes."""

    def answer(self, text: bytes) -> str | None:
        """The answer to a line, None where there is none to be given. Raises LineError; the next line may be good."""
        line = _parse(text)
        try:
            return self._take(line)
        except LineError:
            raise
        except Exception as error:
            raise self._stumbled(error) from error

    def _take(self, line: dict[str, Any]) -> str | None:
        kind = line.get("type")
        if kind == "reading":
            return self._reading(line)
        if kind == "config":
            self._begin(line)
        elif kind == "refill":
            t_s, packs = T.of(line), PACKS.of(line)
            self._events += self._counting().refill(t_s, packs).events
        elif kind == "stocktake":
            t_s, count = T.of(line), COUNTED.of(line)
            self._events += self._counting().stocktake(t_s, count).events
        elif kind == "end":
            self._counter, self.is_ended = None, True
        else:
            what = f"{_shown(kind)} will not do" if "type" in line else "is missing"
            raise LineError(f"type: {what}; give config, reading, refill, stocktake or end")
        return None

    def _begin(self, line: dict[str, Any]) -> None:
        """A new bin; nothing is counted under the old setup when the new one is wrong."""
        self._counter, self._events, self.is_ended = None, (), False
        tare_raw, self._reorder_point = round(TARE_RAW.of(line)), REORDER_POINT.of(line)
        setup = BinSetup(tare_raw=tare_raw, **{name: field.of(line) for name, field in SETUP.items()})
        self._pieces = setup.initial_count or 0
        self._setup = replace(setup, initial_count=None)
        self._counter = self._make(setup)

    def _counting(self) -> Counter:
        if self._counter is None:
            raise LineError("type: there is no bin to count; give a config line first")
        return self._counter

    def _reading(self, line: dict[str, Any]) -> str:
        t_s, raw, temp_c = T.of(line), RAW.of(line), TEMP.of(line)
        counter = self._counting()
        count = counter.update(t_s, raw, temp_c)
        events, self._events = self._events + count.events, ()
        self._pieces = self._pieces if count.pieces is None else count.pieces
        return (
            f'{{"t":{line["t"]!r},"count":{self._pieces},"sd":{_number(count.sd)},"status":"{count.state}",'
            f'"p_at_or_below_reorder":{_number(counter.p_at_or_below(self._reorder_point))},'
            f'"order_due":{"true" if counter.is_order_due(self._reorder_point) else "false"},'
            f'"events":[{",".join(map(_event, events))}]}}'
        )

    def _stumbled(self, error: Exception) -> LineError:
        """Forgets a counter that could not take a line, but not the bin."""
        what = f"is more than can be counted with ({type(error).__name__}: {error})"
        if self._counter is None or self._setup is None:
            return LineError(f"config: {what}; give figures of a real cell and real parts")
        self._counter, self._events = self._make(self._setup), ()
        return LineError(f"line: {what}; the counter has begun anew, tell it by a stocktake how many pieces there are")


_decode = json.JSONDecoder(parse_float=_Written).decode


def _parse(text: bytes) -> dict[str, Any]:
    if len(text) > LINE_BYTES_MAX:
        raise LineError(f"is longer than {LINE_BYTES_MAX:,} bytes; give one JSON object a line")
    try:
        line = _decode(text.decode())
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise LineError(f"is no JSON ({why}); give one JSON object a line") from None
    if not isinstance(line, dict):
        raise LineError(f"{_shown(line)} is no JSON object; give one a line")
    return line


def _number(value: float | None) -> str:
    """Six digits; null for what is unknown, which JSON has no other word for."""
    return "null" if value is None or not isfinite(value) else f"{value:.6g}"


def _event(event: Event) -> str:
    return f'{{"type":"{event.kind}","delta":{event.delta}}}'
