# SPDX-License-Identifier: Apache-2.0
"""The tag message: which tags came, left or stayed before a reader, as a CBOR sequence (tags.cddl says the same)."""

from wire import cbor_integer, const
from wire.paths import PAYLOAD_MAX
from wire.reading import MessageError, check_all, check_head

ENTERED = const(0)
LEFT = const(1)
PRESENT = const(2)  # still there: a heartbeat
GAP = const(3)  # no event: `reads` of the antenna were lost, and it has the name of the last of them

_EVENTS_PER_MESSAGE_MAX = const(60)
READS_MAX = const(65535)  # stands for itself and for everything more
EPC_BYTES_MIN = const(2)
EPC_BYTES_MAX = const(62)  # 31 words: as much as a tag's protocol-control word can announce

# Name, least, greatest value, and whether it may be null. The bytes of the EPC stand behind them.
EVENT_FIELDS = (
    ("sequence", 0, 0xFFFFFFFF, False),
    ("kind", 0, 3, False),
    ("antenna", 0, 15, False),
    ("uptime_s", 0, 0xFFFFFFFF, False),
    ("rssi_dbm", -128, 0, True),
    ("reads", 0, READS_MAX, False),
)

_MESSAGE_BYTES_MAX = const(13)  # of epoch, boot_count and age_s together


def pack(epoch, boot_count, age_s, events):
    """Bytes of one message: events of one (epoch, boot_count), oldest first.

    `events` holds 1..60 tuples (sequence, kind, antenna, uptime_s, rssi_dbm, reads, epc): kind is ENTERED, LEFT,
    PRESENT or GAP, rssi_dbm the best one seen or None, reads how often the tag was read since its event before, epc
    bytes as the tag sent them (of a GAP None, how many were lost, and b""); sequence rises, uptime_s never falls. More
    reads than READS_MAX are sent as READS_MAX.
    The head is that of the reading message. MessageError for a value out of range or more than PAYLOAD_MAX bytes
    (`count_fitting` says how many fit).
    """
    buffer = bytearray()
    head = (epoch, boot_count, age_s)
    check_head(head)
    for value in head:
        cbor_integer.append(buffer, value)
    check_count(len(events))
    sequence = uptime_s = 0
    for index, event in enumerate(events):
        sequence, uptime_s = _append_event(buffer, event, sequence, uptime_s, index)
    if len(buffer) > PAYLOAD_MAX:
        raise MessageError(f"events: {len(buffer)} bytes exceed {PAYLOAD_MAX}; send fewer in one message")
    return bytes(buffer)


def count_fitting(events, bytes_max=PAYLOAD_MAX):
    """How many of `events`, from the first one on, one message of at most `bytes_max` bytes takes (at most 60)."""
    buffer = bytearray()
    sequence = uptime_s = count = 0
    for event in events:
        sequence, uptime_s = _append_event(buffer, event, sequence, uptime_s, count)
        if count == _EVENTS_PER_MESSAGE_MAX or _MESSAGE_BYTES_MAX + len(buffer) > bytes_max:
            return count
        count += 1
    return count


def _append_event(buffer, event, sequence, uptime_s, index):
    """Append one event's values, counted from those of the one before; returns its sequence and uptime."""
    if type(event[5]) is int and event[5] > READS_MAX:
        event = event[:5] + (READS_MAX, event[6])
    check_event(event, index)
    check_steps(event[0] - sequence, event[3] - uptime_s, index)
    for value in (event[0] - sequence, event[1], event[2], event[3] - uptime_s, event[4], event[5]):
        cbor_integer.append(buffer, value)
    cbor_integer.append_head(buffer, 2, len(event[6]))
    buffer.extend(event[6])
    return event[0], event[3]


def check_event(event, index):
    """MessageError unless every value is in the range of its field."""
    try:
        check_all(EVENT_FIELDS, event)
    except MessageError as error:
        raise MessageError(f"{error}{place(index)}") from None
    if event[1] == GAP:
        if event[4] is not None or event[6] != b"" or not event[5]:
            raise MessageError(f"kind: a gap has reads, and neither rssi_dbm nor epc{place(index)}")
    elif type(event[6]) is not bytes or not EPC_BYTES_MIN <= len(event[6]) <= EPC_BYTES_MAX:
        raise MessageError(f"epc: not {EPC_BYTES_MIN}..{EPC_BYTES_MAX} bytes{place(index)}")


def check_steps(d_sequence, d_uptime_s, index):
    """MessageError unless an event that is not the first comes after the one before it."""
    if index and d_sequence < 1:
        raise MessageError(f"sequence: a step of {d_sequence} is less than 1{place(index)}")
    if index and d_uptime_s < 0:
        raise MessageError(f"uptime_s: a step of {d_uptime_s} is less than 0{place(index)}")


def check_count(count):
    """MessageError unless one message may have that many events."""
    if not 1 <= count <= _EVENTS_PER_MESSAGE_MAX:
        raise MessageError(f"events: {count} is outside 1..{_EVENTS_PER_MESSAGE_MAX}")


def place(index):
    """Where in the message something is wrong."""
    return f" (events[{index}])"
