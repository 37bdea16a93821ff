# SPDX-License-Identifier: Apache-2.0
"""What holds of the tag message for all values, not only for those in the vectors."""

import cbor2
from hypothesis import given
from hypothesis import strategies as st
from wire import cbor, reading, tags, unpack_tags

UINT32 = st.integers(0, 0xFFFFFFFF)
AGE_S = st.none() | UINT32 | st.integers(-0x100000000, -2)
RSSI_DBM = st.none() | st.integers(-128, 0)

Event = tuple[int, int, int, int, int | None, int, bytes]


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Up to 12 events that one message may carry, whatever they are: 12 fit even at their widest."""
    count = draw(st.integers(1, 12))
    sequences = sorted(draw(st.sets(UINT32, min_size=count, max_size=count)))
    uptimes = sorted(draw(st.lists(UINT32, min_size=count, max_size=count)))
    rest = st.tuples(
        st.integers(0, 2), st.integers(0, 15), RSSI_DBM, st.integers(0, 65535), st.binary(min_size=2, max_size=62)
    )
    gap = st.tuples(st.just(tags.GAP), st.integers(0, 15), st.none(), st.integers(1, 65535), st.just(b""))
    others = draw(st.lists(rest | gap, min_size=count, max_size=count))
    return [
        (sequence, kind, antenna, uptime_s, rssi_dbm, reads, epc)
        for sequence, uptime_s, (kind, antenna, rssi_dbm, reads, epc) in zip(sequences, uptimes, others, strict=True)
    ]


@given(UINT32, st.integers(0, 65535), AGE_S, events())
def test_every_message_comes_back_as_it_was_packed(
    epoch: int, boot_count: int, age_s: int | None, seen: list[Event]
) -> None:
    packed = tags.pack(epoch, boot_count, age_s, seen)

    assert unpack_tags.unpack(packed) == (epoch, boot_count, age_s, seen)
    assert tags.count_fitting(seen) == len(seen)


@given(UINT32, st.integers(0, 65535), AGE_S, events())
def test_another_decoder_reads_the_same_values_out_of_a_message(
    epoch: int, boot_count: int, age_s: int | None, seen: list[Event]
) -> None:
    packed = tags.pack(epoch, boot_count, age_s, seen)
    count = 3 + 7 * len(seen)
    values = cbor2.loads(bytes([0x99, count >> 8, count & 255]) + packed)  # an array of as many items around it

    sequence = uptime_s = 0
    found = []
    for start in range(3, count, 7):
        d_sequence, kind, antenna, d_uptime_s, rssi_dbm, reads, epc = values[start : start + 7]
        sequence, uptime_s = sequence + d_sequence, uptime_s + d_uptime_s
        found.append((sequence, kind, antenna, uptime_s, rssi_dbm, reads, epc))

    assert (*values[:3], found) == (epoch, boot_count, age_s, seen)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_of_events_or_a_message_error(data: bytes) -> None:
    try:
        epoch, boot_count, age_s, seen = unpack_tags.unpack(data)
    except tags.MessageError:
        return
    assert unpack_tags.unpack(tags.pack(epoch, boot_count, age_s, seen)) == (epoch, boot_count, age_s, seen)


@given(st.lists(st.none() | st.integers(-200, 70_000) | st.sampled_from([True, "x", b"x", b"xy"]), max_size=24))
def test_any_values_are_a_message_of_events_or_a_message_error(values: list[object]) -> None:
    data = b"".join(cbor.encode(value) for value in values)
    fields = [field[0] for field in reading.MESSAGE_FIELDS + tags.EVENT_FIELDS]
    try:
        refusal = None
        unpack_tags.unpack(data)
    except tags.MessageError as error:
        refusal = str(error).split(":")[0]
    assert refusal in [None, *fields, "epc", "message", "events"]
