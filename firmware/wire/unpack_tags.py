# SPDX-License-Identifier: Apache-2.0
"""Unpacks the tag message: the half of wire.tags that a reader never needs."""

from wire import cbor_decode, reading_mistake
from wire.reading import MESSAGE_FIELDS, MessageError, check_head
from wire.tags import EVENT_FIELDS, check_count, check_event, check_steps, place

_MESSAGE_WIDTH = len(MESSAGE_FIELDS)
_EVENT_WIDTH = len(EVENT_FIELDS) + 1  # and the EPC


def unpack(data):
    """(epoch, boot_count, age_s, [event tuples]) of one message: the inverse of wire.tags.pack.

    MessageError when the bytes are not such a message, naming the field and the place.
    """
    try:
        values = cbor_decode.decode_sequence(data)
    except cbor_decode.DecodeError as error:
        raise MessageError(f"message: not CBOR as used here: {error}") from None
    if len(values) < _MESSAGE_WIDTH:
        raise MessageError(f"message: {len(values)} values, {_MESSAGE_WIDTH} and the events are needed")
    check_head(values)
    count, incomplete = divmod(len(values) - _MESSAGE_WIDTH, _EVENT_WIDTH)
    if incomplete:
        raise MessageError(f"events: the last one has {incomplete} of {_EVENT_WIDTH} values")
    check_count(count)
    events = []
    sequence = uptime_s = 0
    for index in range(count):
        start = _MESSAGE_WIDTH + index * _EVENT_WIDTH
        event = _read_event(values[start : start + _EVENT_WIDTH], sequence, uptime_s, index)
        sequence, uptime_s = event[0], event[3]
        events.append(event)
    return values[0], values[1], values[2], events


def _read_event(values, sequence, uptime_s, index):
    """One event from its values as they stand in the message."""
    for position in (0, 3):
        if type(values[position]) is not int:
            raise MessageError(reading_mistake.in_field(EVENT_FIELDS[position], values[position], None) + place(index))
    d_sequence, kind, antenna, d_uptime_s, rssi_dbm, reads, epc = values
    check_steps(d_sequence, d_uptime_s, index)
    event = (sequence + d_sequence, kind, antenna, uptime_s + d_uptime_s, rssi_dbm, reads, epc)
    check_event(event, index)
    return event
