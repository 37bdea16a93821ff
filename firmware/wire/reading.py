# SPDX-License-Identifier: Apache-2.0
"""The reading message: what a bin's cells said, as a CBOR sequence of integers (reading.cddl says the same)."""

from wire import cbor
from wire.paths import PAYLOAD_MAX

READINGS_PER_MESSAGE_MAX = 60
SPREAD_MAX = 65535  # stands for itself and for everything wider

# Name, least, greatest value, and whether it may be null.
MESSAGE_FIELDS = (
    ("epoch", 0, 0xFFFFFFFF, False),
    ("boot_count", 0, 0xFFFF, False),
    ("age_s", 0, 0xFFFFFFFF, True),
)
READING_FIELDS = (
    ("sequence", 0, 0xFFFFFFFF, False),
    ("channel", 0, 7, False),
    ("uptime_s", 0, 0xFFFFFFFF, False),
    ("raw", -0x800000, 0x7FFFFF, False),  # both ends mean: saturated
    ("spread", 0, SPREAD_MAX, False),
    ("temp_cc", -6000, 15000, True),
)

_MESSAGE_WIDTH = len(MESSAGE_FIELDS)
_READING_WIDTH = len(READING_FIELDS)
_MESSAGE_BYTES_MAX = 13  # of the three message fields together
# What a reading's sequence, uptime_s, raw and temp_cc are counted from: for the first reading, from zero.
_START = (0, 0, 0, 0)


class MessageError(ValueError):
    """A value has no place in the message; the text begins with the name of the field."""


def pack(epoch, boot_count, age_s, readings):
    """Bytes of one message: readings of one (epoch, boot_count), oldest first.

    `readings` holds 1..60 tuples (sequence, channel, uptime_s, raw, spread, temp_cc), temp_cc in hundredths of a
    degree Celsius or None; sequence rises, uptime_s never falls. A spread above SPREAD_MAX is sent as SPREAD_MAX.
    `age_s` is the time from the newest reading to now, None when the readings stem from an earlier boot.
    MessageError for a value out of range or more than PAYLOAD_MAX bytes (`count_fitting` says how many fit).
    """
    buffer = bytearray()
    head = (epoch, boot_count, age_s)
    _check_all(MESSAGE_FIELDS, head)
    for value in head:
        cbor.append(buffer, value)
    _check_count(len(readings))
    base = _START
    for index, reading in enumerate(readings):
        base = _append_reading(buffer, reading, base, index)
    if len(buffer) > PAYLOAD_MAX:
        raise MessageError(f"readings: {len(buffer)} bytes exceed {PAYLOAD_MAX}; send fewer in one message")
    return bytes(buffer)


def count_fitting(readings, bytes_max=PAYLOAD_MAX):
    """How many of `readings`, from the first one on, one message of at most `bytes_max` bytes takes (at most 60)."""
    buffer = bytearray()
    base = _START
    count = 0
    for reading in readings:
        base = _append_reading(buffer, reading, base, count)
        if count == READINGS_PER_MESSAGE_MAX or _MESSAGE_BYTES_MAX + len(buffer) > bytes_max:
            return count
        count += 1
    return count


def unpack(data):
    """(epoch, boot_count, age_s, [reading tuples]) of one message: the inverse of `pack`.

    MessageError when the bytes are not such a message, naming the field and the place.
    """
    try:
        values = cbor.decode_sequence(data)
    except cbor.DecodeError as error:
        raise MessageError(f"message: not CBOR as used here: {error}") from None
    if len(values) < _MESSAGE_WIDTH:
        raise MessageError(f"message: {len(values)} values, {_MESSAGE_WIDTH} and the readings are needed")
    _check_all(MESSAGE_FIELDS, values)
    count, incomplete = divmod(len(values) - _MESSAGE_WIDTH, _READING_WIDTH)
    if incomplete:
        raise MessageError(f"readings: the last one has {incomplete} of {_READING_WIDTH} values")
    _check_count(count)
    readings = []
    base = _START
    for index in range(count):
        start = _MESSAGE_WIDTH + index * _READING_WIDTH
        reading, base = _read_reading(values[start : start + _READING_WIDTH], base, index)
        readings.append(reading)
    return values[0], values[1], values[2], readings


def _append_reading(buffer, reading, base, index):
    """Append one reading's values, counted from `base`; returns the base of the next one."""
    sequence, channel, uptime_s, raw, spread, temp_cc = reading
    if type(spread) is int and spread > SPREAD_MAX:
        spread = SPREAD_MAX
    _check_all(READING_FIELDS, (sequence, channel, uptime_s, raw, spread, temp_cc), index)
    d_sequence, d_uptime_s = sequence - base[0], uptime_s - base[1]
    _check_steps(d_sequence, d_uptime_s, index)
    cbor.append(buffer, d_sequence)
    cbor.append(buffer, channel)
    cbor.append(buffer, d_uptime_s)
    cbor.append(buffer, raw - base[2])
    cbor.append(buffer, spread)
    cbor.append(buffer, None if temp_cc is None else temp_cc - base[3])
    return sequence, uptime_s, raw, base[3] if temp_cc is None else temp_cc


def _read_reading(values, base, index):
    """(reading, base of the next one) from one reading's values as they stand in the message."""
    for position, field in enumerate(READING_FIELDS):
        _check_type(field, values[position], index)
    d_sequence, channel, d_uptime_s, d_raw, spread, d_temp_cc = values
    _check_steps(d_sequence, d_uptime_s, index)
    temp_cc = None if d_temp_cc is None else base[3] + d_temp_cc
    reading = (base[0] + d_sequence, channel, base[1] + d_uptime_s, base[2] + d_raw, spread, temp_cc)
    _check_all(READING_FIELDS, reading, index)
    return reading, (reading[0], reading[2], reading[3], base[3] if temp_cc is None else temp_cc)


def _check_type(field, value, index=None):
    # `type is`, because on CPython a bool is an int as well.
    if type(value) is not int and not (value is None and field[3]):
        allowed = "an integer or null" if field[3] else "an integer"
        raise MessageError(f"{field[0]}: {_shown(value)} is not {allowed}{_place(index)}")


def _check_all(fields, values, index=None):
    for position, field in enumerate(fields):
        value = values[position]
        _check_type(field, value, index)
        if value is not None and not field[1] <= value <= field[2]:
            raise MessageError(f"{field[0]}: {value} is outside {field[1]}..{field[2]}{_place(index)}")


def _check_steps(d_sequence, d_uptime_s, index):
    if index and d_sequence < 1:
        raise MessageError(f"sequence: a step of {d_sequence} is less than 1{_place(index)}")
    if index and d_uptime_s < 0:
        raise MessageError(f"uptime_s: a step of {d_uptime_s} is less than 0{_place(index)}")


def _check_count(count):
    if not 1 <= count <= READINGS_PER_MESSAGE_MAX:
        raise MessageError(f"readings: {count} is outside 1..{READINGS_PER_MESSAGE_MAX}")


def _place(index):
    return "" if index is None else f" (readings[{index}])"


def _shown(value):
    # A type's name, never the value: it may be a kilobyte of somebody else's bytes on its way into a log.
    return "null" if value is None else type(value).__name__
