# SPDX-License-Identifier: Apache-2.0
"""Unpacks the reading message: the half of wire.reading that a device never needs."""

from wire import cbor_decode, reading_mistake
from wire.reading import (
    MESSAGE_FIELDS,
    READING_FIELDS,
    START,
    MessageError,
    check_all,
    check_count,
    check_head,
    check_steps,
)

_MESSAGE_WIDTH = len(MESSAGE_FIELDS)
_READING_WIDTH = len(READING_FIELDS)


def unpack(data):
    """(epoch, boot_count, age_s, [reading tuples]) of one message: the inverse of wire.reading.pack.

    MessageError when the bytes are not such a message, naming the field and the place.
    """
    try:
        values = cbor_decode.decode_sequence(data)
    except cbor_decode.DecodeError as error:
        raise MessageError(f"message: not CBOR as used here: {error}") from None
    if len(values) < _MESSAGE_WIDTH:
        raise MessageError(f"message: {len(values)} values, {_MESSAGE_WIDTH} and the readings are needed")
    check_head(values)
    count, incomplete = divmod(len(values) - _MESSAGE_WIDTH, _READING_WIDTH)
    if incomplete:
        raise MessageError(f"readings: the last one has {incomplete} of {_READING_WIDTH} values")
    check_count(count)
    readings = []
    base = START
    for index in range(count):
        start = _MESSAGE_WIDTH + index * _READING_WIDTH
        reading, base = _read_reading(values[start : start + _READING_WIDTH], base, index)
        readings.append(reading)
    return values[0], values[1], values[2], readings


def _read_reading(values, base, index):
    """(reading, base of the next one) from one reading's values as they stand in the message."""
    for position, field in enumerate(READING_FIELDS):
        value = values[position]
        if type(value) is not int and not (value is None and field[3]):
            raise MessageError(reading_mistake.in_field(field, value, index))
    d_sequence, channel, d_uptime_s, d_raw, spread, d_temp_cc = values
    check_steps(d_sequence, d_uptime_s, index)
    if d_raw is None and d_temp_cc is not None:
        raise MessageError(reading_mistake.in_gap(index))
    raw = None if d_raw is None else base[2] + d_raw
    temp_cc = None if d_temp_cc is None else base[3] + d_temp_cc
    reading = (base[0] + d_sequence, channel, base[1] + d_uptime_s, raw, spread, temp_cc)
    check_all(READING_FIELDS, reading, index)
    return reading, (reading[0], reading[2], base[2] if raw is None else raw, base[3] if temp_cc is None else temp_cc)
