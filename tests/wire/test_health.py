# SPDX-License-Identifier: Apache-2.0
"""The health record carries what a device says of itself, and nothing that is none."""

from wire import health, unpack_health
from wire.reading import MessageError

from tests.expect import refused
from tests.load_vectors import vectors

VECTORS = vectors("health")
KEYS = {name: key for key, name, _, _ in unpack_health.NUMBERS}


def keyed(record):
    """A vector's record as a device packs it."""
    values = {}
    for name, value in record.items():
        if name == "traceback":
            values[health.TRACEBACK] = value.encode()
        elif name == "cell_faults":
            values[health.CELL_FAULTS] = value
        else:
            values[KEYS[name]] = value
    return values


def read(case):
    values = unpack_health.unpack(bytes.fromhex(case["hex"]))
    if "cell_faults" in values:
        values["cell_faults"] = [list(pair) for pair in values["cell_faults"]]
    return values


def test_each_record_has_the_bytes_of_its_vector():
    for case in VECTORS["both_ways"]:
        assert health.pack(keyed(case["record"])).hex() == case["hex"], case["name"]


def test_each_vector_has_the_values_of_its_record():
    for case in VECTORS["both_ways"]:
        assert read(case) == case["record"], case["name"]


def test_what_is_not_known_or_cannot_be_shown_does_no_harm():
    for case in VECTORS["read_only"]:
        assert read(case) == case["record"], case["name"]


def test_a_record_that_is_none_is_refused_by_the_field_that_is_wrong():
    for case in VECTORS["refused"]:
        error = refused(MessageError, unpack_health.unpack, bytes.fromhex(case["hex"]))
        assert str(error).startswith(case["field"] + ":"), (case["name"], error)


def test_every_number_has_vectors_for_its_ends_and_one_that_is_refused():
    for _, name, least, greatest in unpack_health.NUMBERS:
        values = [case["record"].get(name) for case in VECTORS["both_ways"]]
        assert least in values, name
        assert greatest in values, name
        assert name in [case["field"] for case in VECTORS["refused"]], name


def test_of_a_traceback_the_end_travels():
    record = {health.EPOCH: 1, health.BOOT_COUNT: 2, health.UPTIME_S: 3, health.TRACEBACK: b"a" * 500 + b"the end"}
    text = unpack_health.unpack(health.pack(record))["traceback"]

    assert len(text) == health.TRACEBACK_BYTES_MAX
    assert text.endswith("the end")


def test_a_full_record_is_one_small_message():
    assert max(len(case["hex"]) // 2 for case in VECTORS["both_ways"]) <= 600
