# SPDX-License-Identifier: Apache-2.0
"""The reading message carries every reading unchanged, and nothing that is not one."""

from wire import cbor, paths, reading, unpack_reading

from tests.expect import refused
from tests.load_vectors import vectors

VECTORS = vectors("reading")
READING = (17, 0, 42, 123456, 80, 2150)


def readings_of(case):
    return [tuple(each) for each in case["readings"]]


def test_each_message_has_the_bytes_of_its_vector():
    for case in VECTORS["both_ways"]:
        packed = reading.pack(case["epoch"], case["boot_count"], case["age_s"], readings_of(case))
        assert packed.hex() == case["hex"], case["name"]


def test_each_vector_has_the_values_of_its_message():
    for case in VECTORS["both_ways"]:
        expected = (case["epoch"], case["boot_count"], case["age_s"], readings_of(case))
        assert unpack_reading.unpack(bytes.fromhex(case["hex"])) == expected, case["name"]


def test_a_message_that_is_none_is_refused_by_the_field_that_is_wrong():
    for case in VECTORS["refused"]:
        error = refused(reading.MessageError, unpack_reading.unpack, bytes.fromhex(case["hex"]))
        assert str(error).startswith(case["field"] + ": "), (case["name"], error)


def test_every_prefix_of_a_message_is_refused_or_is_fewer_readings():
    for case in VECTORS["both_ways"][:7]:
        data = bytes.fromhex(case["hex"])
        for length in range(len(data)):
            try:
                readings = unpack_reading.unpack(data[:length])[3]
            except reading.MessageError:
                continue
            assert readings == readings_of(case)[: len(readings)]


def test_every_field_has_vectors_for_its_least_its_greatest_and_its_null():
    head = [(case["epoch"], case["boot_count"], case["age_s"]) for case in VECTORS["both_ways"]]
    readings = [each for case in VECTORS["both_ways"] for each in readings_of(case)]
    for fields, rows in ((reading.MESSAGE_FIELDS, head), (reading.READING_FIELDS, readings)):
        for position, (name, least, greatest, nullable) in enumerate(fields):
            values = [row[position] for row in rows]
            assert least in values, name
            assert greatest in values, name
            assert (None in values) == nullable, name


def test_every_field_has_vectors_that_are_refused():
    for name, _, _, _ in reading.MESSAGE_FIELDS + reading.READING_FIELDS:
        assert name in [case["field"] for case in VECTORS["refused"]], name


def test_a_value_out_of_range_is_not_packed_and_the_error_says_what_is_allowed():
    error = refused(reading.MessageError, reading.pack, 1, 1, 0, [(17, 0, 42, 9000000, 80, None)])
    assert str(error) == "raw: 9000000 is outside -8388608..8388607 (readings[0])"


def test_a_value_of_the_wrong_type_is_not_packed():
    for position, (name, _, _, nullable) in enumerate(reading.READING_FIELDS):
        for wrong in (True, "7", b"7", 1.0) if nullable else (True, "7", b"7", 1.0, None):
            values = list(READING)
            values[position] = wrong
            error = refused(reading.MessageError, reading.pack, 1, 1, 0, [tuple(values)])
            assert str(error).startswith(name + ": "), error


def test_an_error_does_not_repeat_what_a_stranger_wrote():
    error = refused(reading.MessageError, unpack_reading.unpack, cbor.encode("secret " * 20) * 9)
    assert str(error) == "epoch: str is not an integer"


def test_readings_go_out_in_the_order_they_were_taken():
    refused(reading.MessageError, reading.pack, 1, 1, 0, [READING, READING])
    earlier = (18, 0, 41, 1, 0, None)
    error = refused(reading.MessageError, reading.pack, 1, 1, 0, [READING, earlier])
    assert str(error) == "uptime_s: a step of -1 is less than 0 (readings[1])"


def test_one_message_takes_one_to_sixty_readings():
    readings = [(sequence, 0, sequence, 0, 0, None) for sequence in range(61)]
    assert len(unpack_reading.unpack(reading.pack(1, 1, 0, readings[:60]))[3]) == 60
    refused(reading.MessageError, reading.pack, 1, 1, 0, readings)
    refused(reading.MessageError, reading.pack, 1, 1, 0, [])


def test_a_spread_beyond_the_field_is_sent_as_its_greatest():
    packed = reading.pack(1, 1, 0, [(17, 0, 42, 0, 70000, None)])
    assert unpack_reading.unpack(packed)[3][0][4] == 65535


def widest(count):
    """Readings whose every step takes all the bytes there are."""
    ends = (-8388608, 8388607)
    return [(70000 * n, n % 8, 70000 * n, ends[n % 2], 65535, (-6000, 15000)[n % 2]) for n in range(count)]


def test_as_many_readings_are_counted_as_fit_a_payload():
    readings = widest(60)
    count = reading.count_fitting(readings)
    assert 40 < count < 60
    assert len(reading.pack(0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF, readings[:count])) <= paths.PAYLOAD_MAX
    assert len(reading.pack(0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF, readings[: count - 1])) > paths.PAYLOAD_MAX - 44


def test_more_readings_than_fit_are_not_packed():
    error = refused(reading.MessageError, reading.pack, 0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF, widest(60))
    assert str(error).endswith("exceed 1024; send fewer in one message")


def test_never_more_than_sixty_are_counted():
    assert reading.count_fitting([]) == 0
    assert reading.count_fitting([(n, 0, n, 0, 0, None) for n in range(61)]) == 60
    assert reading.count_fitting([(n, 0, n, 0, 0, None) for n in range(59)]) == 59


def test_what_is_counted_for_a_smaller_limit_keeps_to_it():
    readings = widest(60)
    sizes = [len(reading.pack(0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF, readings[:count])) for count in range(1, 8)]
    for bytes_max in range(sizes[0], sizes[6]):
        count = reading.count_fitting(readings, bytes_max)
        assert sizes[count - 1] <= bytes_max < sizes[count], bytes_max
