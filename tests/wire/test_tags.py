# SPDX-License-Identifier: Apache-2.0
"""The tag message carries every event of a tag unchanged, and nothing that is not one."""

from wire import paths, reading, tags, unpack_tags

from tests.expect import refused
from tests.load_vectors import vectors

VECTORS = vectors("tags")
EPC = bytes.fromhex("30340789000c0e42dfdc1c35")
EVENT = (17, tags.ENTERED, 1, 42, -61, 5, EPC)


def event_of(row):
    sequence, kind, antenna, uptime_s, rssi_dbm, reads, epc = row
    return sequence, kind, antenna, uptime_s, rssi_dbm, reads, bytes.fromhex(epc)


def events_of(case):
    return [event_of(row) for row in case["events"]]


def test_each_message_has_the_bytes_of_its_vector():
    for case in VECTORS["both_ways"]:
        packed = tags.pack(case["epoch"], case["boot_count"], case["age_s"], events_of(case))
        assert packed.hex() == case["hex"], case["name"]


def test_each_vector_has_the_values_of_its_message():
    for case in VECTORS["both_ways"]:
        expected = (case["epoch"], case["boot_count"], case["age_s"], events_of(case))
        assert unpack_tags.unpack(bytes.fromhex(case["hex"])) == expected, case["name"]


def test_a_message_that_is_none_is_refused_by_the_field_that_is_wrong():
    for case in VECTORS["refused"]:
        error = refused(tags.MessageError, unpack_tags.unpack, bytes.fromhex(case["hex"]))
        assert str(error).startswith(case["field"] + ": "), (case["name"], error)


def test_every_prefix_of_a_message_is_refused_or_is_fewer_events():
    for case in VECTORS["both_ways"][:8]:
        data = bytes.fromhex(case["hex"])
        for length in range(len(data)):
            try:
                events = unpack_tags.unpack(data[:length])[3]
            except tags.MessageError:
                continue
            assert events == events_of(case)[: len(events)]


def test_every_field_has_vectors_for_its_least_its_greatest_and_its_null():
    events = [each for case in VECTORS["both_ways"] for each in events_of(case)]
    for position, (name, least, greatest, nullable) in enumerate(tags.EVENT_FIELDS):
        values = [event[position] for event in events]
        assert least in values, name
        assert greatest in values, name
        assert (None in values) == nullable, name
    lengths = [len(event[6]) for event in events if event[1] != tags.GAP]
    assert (min(lengths), max(lengths)) == (tags.EPC_BYTES_MIN, tags.EPC_BYTES_MAX)


def test_every_field_has_vectors_that_are_refused():
    fields = reading.MESSAGE_FIELDS + tags.EVENT_FIELDS + (("epc",), ("events",), ("message",))
    for name in [field[0] for field in fields]:
        assert name in [case["field"] for case in VECTORS["refused"]], name


def test_a_value_out_of_range_is_not_packed_and_the_error_says_what_is_allowed():
    error = refused(tags.MessageError, tags.pack, 1, 1, 0, [(17, 0, 16, 42, -61, 5, EPC)])
    assert str(error) == "antenna: 16 is outside 0..15 (events[0])"
    error = refused(tags.MessageError, tags.pack, 1, 1, 0, [EVENT, (18, 0, 1, 42, -61, 5, b"a")])
    assert str(error) == "epc: not 2..62 bytes (events[1])"


def test_a_value_of_the_wrong_type_is_not_packed():
    nullables = [field[3] for field in tags.EVENT_FIELDS] + [False]
    names = [field[0] for field in tags.EVENT_FIELDS] + ["epc"]
    for position, name in enumerate(names):
        wrongs = [True, "7", 1.0, bytearray(b"77")]
        if not nullables[position]:
            wrongs.append(None)
        for wrong in wrongs:
            values = list(EVENT)
            values[position] = wrong
            error = refused(tags.MessageError, tags.pack, 1, 1, 0, [tuple(values)])
            assert str(error).startswith(name + ": "), error


def test_events_go_out_in_the_order_they_happened():
    refused(tags.MessageError, tags.pack, 1, 1, 0, [EVENT, EVENT])
    error = refused(tags.MessageError, tags.pack, 1, 1, 0, [EVENT, (18, tags.LEFT, 1, 41, None, 0, EPC)])
    assert str(error) == "uptime_s: a step of -1 is less than 0 (events[1])"


def test_one_message_takes_one_to_sixty_events():
    events = [(sequence, 0, 0, sequence, None, 0, b"ab") for sequence in range(61)]
    assert len(unpack_tags.unpack(tags.pack(1, 1, 0, events[:60]))[3]) == 60
    refused(tags.MessageError, tags.pack, 1, 1, 0, events)
    refused(tags.MessageError, tags.pack, 1, 1, 0, [])


def test_more_reads_than_the_field_takes_are_sent_as_its_greatest():
    packed = tags.pack(1, 1, 0, [(17, tags.PRESENT, 1, 42, -61, 70000, EPC)])
    assert unpack_tags.unpack(packed)[3][0][5] == 65535


def widest(count):
    """Events with a usual EPC whose every step takes all the bytes there are."""
    return [(70000 * n, 2, 15, 70000 * n, -128, 65535, EPC) for n in range(count)]


def test_as_many_events_are_counted_as_fit_a_payload():
    events = widest(60)
    count = tags.count_fitting(events)
    assert 30 < count < 60
    assert len(tags.pack(0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF, events[:count])) <= paths.PAYLOAD_MAX
    error = refused(tags.MessageError, tags.pack, 0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF, events[: count + 1])
    assert str(error).endswith("exceed 1024; send fewer in one message")


def test_never_more_than_sixty_are_counted():
    events = [(n, 0, 0, n, None, 0, b"ab") for n in range(61)]
    assert tags.count_fitting([]) == 0
    assert tags.count_fitting(events) == 60
    assert tags.count_fitting(events[:59]) == 59


def test_what_is_counted_for_a_smaller_limit_keeps_to_it():
    events = widest(60)
    sizes = [len(tags.pack(0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF, events[:count])) for count in range(1, 8)]
    for bytes_max in range(sizes[0], sizes[6]):
        count = tags.count_fitting(events, bytes_max)
        assert sizes[count - 1] <= bytes_max < sizes[count], bytes_max
