# SPDX-License-Identifier: Apache-2.0
"""SenML in CBOR (RFC 8428, Content-Format 112) as readings, for bins that somebody else has built.

A pack tells of one device: the epoch and the first sequence number, which name its readings for ever, and by channel
what its scales say, as mass or as counts of a converter. Other records are passed over. docs/wire.md has it in full.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

import cbor2

from fleet.readings.model import Reading

RECORDS_MAX = 60
GRAMS_PER_RAW = Decimal("0.01")
"""What one count of `raw` means where a mass was sent: the bin's calibration has 100 counts per gram."""

_BVER, _BN, _BT, _BU, _BV = -1, -2, -3, -4, -5
_N, _U, _V, _T = 0, 1, 2, 6
_VERSION_MAX = 10
_RELATIVE_BELOW_S = 1 << 28  # RFC 8428 section 4.5.3
_OLDEST_S = 400 * 86_400
_DIGITS_MAX = 40  # before or behind the point
_NAME = re.compile(r"(?P<prefix>(?:.*[/:])?)(?:(?P<channel>[0-7])/(?P<what>mass|raw|temp)|(?P<which>epoch|sequence))")
_GRAMS = {"kg": 1000, "g": 1}
_RAW_MIN, _RAW_MAX = -0x800000, 0x7FFFFF  # both mean: saturated
_UINT32_MAX = 0xFFFFFFFF


class SenmlError(ValueError):
    """A pack that has no readings in it as they should be; the text begins with the name of the field."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One record with its base values resolved (RFC 8428 section 4.6); `time_s` as it stands, relative or not."""

    name: str
    unit: str
    value: Decimal | None
    time_s: Decimal
    index: int


@dataclass(slots=True)
class _Pack:
    names: dict[str, int]
    scales: list[tuple[int, Decimal, int]]
    """(channel, time, raw)"""
    temps: dict[tuple[int, Decimal], int]


def readings(payload: bytes, now_ms: int) -> list[Reading]:
    """The readings of a pack that came now, oldest first. Raises SenmlError, and nothing else, whatever the bytes are.

    A SenML device has no uptime: its readings are of boot 0, uptime 0, and have their times from the pack.
    """
    pack = _sort(_resolved(_decoded(payload)))
    for name in ("epoch", "sequence"):
        if name not in pack.names:
            raise SenmlError(f"{name}: is missing: a reading is named by epoch and sequence, whenever it is sent")
    if not pack.scales:
        raise SenmlError("mass: no record <channel>/mass or <channel>/raw with a channel 0..7")
    epoch, first = pack.names["epoch"], pack.names["sequence"]
    if first + len(pack.scales) - 1 > _UINT32_MAX:
        raise SenmlError("sequence: runs over; begin a new epoch before")
    told = []
    for place, (channel, time_s, raw) in enumerate(pack.scales):
        temp_cc = pack.temps.get((channel, time_s))
        told.append(Reading(epoch, first + place, 0, channel, 0, raw, 0, temp_cc, _at_ms(time_s, now_ms)))
    lone = pack.temps.keys() - {(channel, time_s) for channel, time_s, _ in pack.scales}
    if lone:
        raise SenmlError(f"temp: channel {min(lone)[0]} has no mass or raw of the same time")
    return sorted(told, key=lambda reading: reading.taken_at_ms or 0)


def _decoded(payload: bytes) -> list[Any]:
    stream = BytesIO(payload)
    try:
        pack = cbor2.CBORDecoder(stream).decode()
    except Exception as error:  # the decoder lets out whatever its tags raise
        raise SenmlError(f"pack: not CBOR: {type(error).__name__}") from None
    if stream.read(1):
        raise SenmlError("pack: something follows the array")
    if not isinstance(pack, list) or not 1 <= len(pack) <= RECORDS_MAX:
        raise SenmlError(f"pack: is not an array of 1..{RECORDS_MAX} records")
    return pack


def _resolved(pack: list[Any]) -> Iterator[_Record]:
    base_name, base_unit = "", ""
    base_time_s = base_value = Decimal(0)
    for index, record in enumerate(pack):
        if not isinstance(record, dict):
            raise SenmlError(f"pack: a {type(record).__name__} is no record{_place(index)}")
        for label in record:
            if isinstance(label, str) and label.endswith("_"):
                raise SenmlError(f"pack: a label that must be understood is not understood here{_place(index)}")
        if record.get(_BVER, _VERSION_MAX) not in range(1, _VERSION_MAX + 1):
            raise SenmlError(f"bver: is outside 1..{_VERSION_MAX}{_place(index)}")
        base_name = _text(record, _BN, "bn", index, base_name)
        base_unit = _text(record, _BU, "bu", index, base_unit)
        base_time_s = _number(record, _BT, "bt", index, base_time_s)
        base_value = _number(record, _BV, "bv", index, base_value)
        value = _number(record, _V, "v", index) + base_value if _V in record else None
        name = base_name + _text(record, _N, "n", index, "")
        time_s = _number(record, _T, "t", index) + base_time_s
        yield _Record(name, _text(record, _U, "u", index, base_unit), value, time_s, index)


def _text(record: dict[Any, Any], label: int, field: str, index: int, missing: str) -> str:
    text = record.get(label, missing)
    if not isinstance(text, str):
        raise SenmlError(f"{field}: {type(text).__name__} is not text{_place(index)}")
    return text


def _number(record: dict[Any, Any], label: int, field: str, index: int, missing: Decimal = Decimal(0)) -> Decimal:
    """An integer, a float or a decimal fraction (tag 4), of a size that can be reckoned with."""
    said = record.get(label, missing)
    if isinstance(said, bool) or not isinstance(said, int | float | Decimal):
        raise SenmlError(f"{field}: {type(said).__name__} is not a number{_place(index)}")
    if isinstance(said, int) and abs(said) >> 128:
        raise SenmlError(f"{field}: is too long{_place(index)}")
    number = Decimal(said)
    if not number.is_finite() or (number and abs(number.adjusted()) > _DIGITS_MAX):
        raise SenmlError(f"{field}: is too large, too small or no number{_place(index)}")
    return number


def _sort(records: Iterator[_Record]) -> _Pack:
    pack = _Pack({}, [], {})
    prefix = None
    for record in records:
        is_ours = _NAME.fullmatch(record.name)
        if is_ours is None:
            continue
        if prefix not in (None, is_ours["prefix"]):
            raise SenmlError(f"n: the names of a pack begin differently: one pack, one device{_place(record.index)}")
        prefix = is_ours["prefix"]
        what = is_ours["which"] or is_ours["what"]
        if record.value is None:
            raise SenmlError(f"{what}: has no value v{_place(record.index)}")
        if is_ours["which"]:
            if what in pack.names:
                raise SenmlError(f"{what}: is there twice{_place(record.index)}")
            pack.names[what] = _integer(what, record, 0, _UINT32_MAX)
        elif what == "temp":
            pack.temps[int(is_ours["channel"]), record.time_s] = _temp_cc(record)
        else:
            raw = _raw_of_mass(record) if what == "mass" else _raw(record)
            pack.scales.append((int(is_ours["channel"]), record.time_s, raw))
    return pack


def _integer(what: str, record: _Record, least: int, greatest: int, times: Decimal | int = 1) -> int:
    """The value, so many times, as the nearest integer; without `times` it must be one."""
    assert record.value is not None
    product = record.value * times
    number = int(product.to_integral_value())
    if times == 1 and number != product:
        raise SenmlError(f"{what}: is not an integer{_place(record.index)}")
    if not least <= number <= greatest:
        allowed = f"{least / Decimal(times)}..{greatest / Decimal(times)}"
        raise SenmlError(f"{what}: is outside {allowed}{_place(record.index)}")
    return number


def _raw(record: _Record) -> int:
    if record.unit not in ("", "count"):
        raise SenmlError(f'raw: its unit is not "count"{_place(record.index)}')
    return _integer("raw", record, _RAW_MIN, _RAW_MAX)


def _raw_of_mass(record: _Record) -> int:
    if record.unit not in _GRAMS:
        raise SenmlError(f'mass: its unit is neither "kg" nor "g"{_place(record.index)}')
    return _integer("mass", record, _RAW_MIN + 1, _RAW_MAX - 1, _GRAMS[record.unit] / GRAMS_PER_RAW)


def _temp_cc(record: _Record) -> int:
    if record.unit != "Cel":
        raise SenmlError(f'temp: its unit is not "Cel"{_place(record.index)}')
    return _integer("temp", record, -6000, 15000, Decimal(100))


def _at_ms(time_s: Decimal, now_ms: int) -> int:
    """When a record is of; a clock that runs ahead of ours has measured now."""
    at_ms = int(1000 * time_s) if time_s >= _RELATIVE_BELOW_S else now_ms + int(1000 * time_s)
    if at_ms < now_ms - 1000 * _OLDEST_S:
        raise SenmlError("t: is more than 400 days ago")
    return min(at_ms, now_ms)


def _place(index: int) -> str:
    return f" (record {index})"
