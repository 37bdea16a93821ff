# SPDX-License-Identifier: Apache-2.0
"""The reading message: what a bin's cells said, as a CBOR sequence of integers (reading.cddl says the same)."""

from wire import cbor_integer, const
from wire.paths import PAYLOAD_MAX

_READINGS_PER_MESSAGE_MAX = const(60)
SPREAD_MAX = const(65535)  # stands for itself and for everything wider

# Name, least, greatest value, and whether it may be null.
MESSAGE_FIELDS = (
    ("epoch", 0, 0xFFFFFFFF, False),
    ("boot_count", 0, 0xFFFF, False),
    ("age_s", -0x100000000, 0xFFFFFFFF, True),  # but for -1
)
READING_FIELDS = (
    ("sequence", 0, 0xFFFFFFFF, False),
    ("channel", 0, 7, False),
    ("uptime_s", 0, 0xFFFFFFFF, False),
    ("raw", -0x800000, 0x7FFFFF, True),  # both ends mean: saturated; null: a gap, of `spread` readings that were lost
    ("spread", 0, SPREAD_MAX, False),
    ("temp_cc", -6000, 15000, True),
)

_MESSAGE_BYTES_MAX = const(13)  # of the three message fields together
# What a reading's sequence, uptime_s, raw and temp_cc are counted from: for the first reading, from zero.
START = (0, 0, 0, 0)


class MessageError(ValueError):
    """A value has no place in the message; the text begins with the name of the field."""


def pack(epoch, boot_count, age_s, readings):
    """Bytes of one message: readings of one (epoch, boot_count), oldest first.

    `readings` holds 1..60 tuples (sequence, channel, uptime_s, raw, spread, temp_cc), temp_cc in hundredths of a
    degree Celsius or None; sequence rises, uptime_s never falls. A spread above SPREAD_MAX is sent as SPREAD_MAX.
    raw and temp_cc are None in a gap: `spread` readings of the channel were lost, and it has the name of the last.
    `age_s` is the time from the newest reading to now, or for readings of an earlier boot `age_of_earlier_boot`, None
    when nothing is known.
    MessageError for a value out of range or more than PAYLOAD_MAX bytes (`count_fitting` says how many fit).
    """
    buffer = bytearray()
    head = (epoch, boot_count, age_s)
    check_head(head)
    for value in head:
        cbor_integer.append(buffer, value)
    check_count(len(readings))
    base = START
    for index, reading in enumerate(readings):
        base = _append_reading(buffer, reading, base, index)
    if len(buffer) > PAYLOAD_MAX:
        raise MessageError(f"readings: {len(buffer)} bytes exceed {PAYLOAD_MAX}; send fewer in one message")
    return bytes(buffer)


def count_fitting(readings, bytes_max=PAYLOAD_MAX):
    """How many of `readings`, from the first one on, one message of at most `bytes_max` bytes takes (at most 60)."""
    buffer = bytearray()
    base = START
    count = 0
    for reading in readings:
        base = _append_reading(buffer, reading, base, count)
        if count == _READINGS_PER_MESSAGE_MAX or _MESSAGE_BYTES_MAX + len(buffer) > bytes_max:
            return count
        count += 1
    return count


def age_of_earlier_boot(uptime_s):
    """The `age_s` of readings of an earlier boot: -1 - n says that the present one began n seconds ago, n above 0."""
    return -1 - max(1, uptime_s)


def _append_reading(buffer, reading, base, index):
    """Append one reading's values, counted from `base`; returns the base of the next one."""
    sequence, channel, uptime_s, raw, spread, temp_cc = reading
    if type(spread) is int and spread > SPREAD_MAX:
        spread = SPREAD_MAX
    check_all(READING_FIELDS, (sequence, channel, uptime_s, raw, spread, temp_cc), index)
    d_sequence, d_uptime_s = sequence - base[0], uptime_s - base[1]
    check_steps(d_sequence, d_uptime_s, index)
    cbor_integer.append(buffer, d_sequence)
    cbor_integer.append(buffer, channel)
    cbor_integer.append(buffer, d_uptime_s)
    _append_from(buffer, raw, base[2])
    cbor_integer.append(buffer, spread)
    _append_from(buffer, temp_cc, base[3])
    return sequence, uptime_s, base[2] if raw is None else raw, base[3] if temp_cc is None else temp_cc


def _append_from(buffer, value, base):
    cbor_integer.append(buffer, None if value is None else value - base)


def check_head(head):
    """MessageError unless the values before the readings are such: -1 is no age, as ever."""
    check_all(MESSAGE_FIELDS, head)
    if head[2] == -1:
        raise _mistake("in_field", ("age_s", 0, 0xFFFFFFFF, True), -1, None)


def check_all(fields, values, index=None):
    """MessageError unless every value is in the range of its field; `index` is the reading's place."""
    for position, field in enumerate(fields):
        value = values[position]
        if value is None and field[3]:
            continue
        # `type is`, because on CPython a bool is an int as well.
        if type(value) is not int or not field[1] <= value <= field[2]:
            raise _mistake("in_field", field, value, index)


def check_steps(d_sequence, d_uptime_s, index):
    """MessageError unless a reading that is not the first comes after the one before it."""
    if index and (d_sequence < 1 or d_uptime_s < 0):
        raise _mistake("in_step", d_sequence, d_uptime_s, index)


def check_count(count):
    """MessageError unless one message may have that many readings."""
    if not 1 <= count <= _READINGS_PER_MESSAGE_MAX:
        raise MessageError(f"readings: {count} is outside 1..{_READINGS_PER_MESSAGE_MAX}")


def _mistake(kind, *values):
    from wire import reading_mistake  # not before: a device's own readings are right, and its memory is small

    return MessageError(getattr(reading_mistake, kind)(*values))
