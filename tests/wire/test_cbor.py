# SPDX-License-Identifier: Apache-2.0
"""CBOR says what RFC 8949 says it says, and refuses what is not ours."""

from wire import cbor, cbor_decode

from tests.expect import refused
from tests.load_vectors import vectors

VECTORS = vectors("cbor")


def value_of(shown):
    """A value as the vectors write it: JSON has neither bytes nor keys that are numbers."""
    if isinstance(shown, list):
        return [value_of(item) for item in shown]
    if isinstance(shown, dict):
        if "bytes" in shown:
            return bytes.fromhex(shown["bytes"])
        return {value_of(key): value_of(value) for key, value in shown["map"]}
    return shown


def same(left, right):
    """Equal and of the same type, so that 1 is not true and 0 is not false."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all([same(a, b) for a, b in zip(left, right)])  # noqa: C419, B905
    return left == right


def test_each_value_has_the_bytes_of_the_standard():
    for case in VECTORS["both_ways"]:
        assert cbor.encode(value_of(case["value"])).hex() == case["hex"], case


def test_the_bytes_of_the_standard_have_each_value():
    for case in VECTORS["both_ways"] + VECTORS["decode_only"]:
        data = bytes.fromhex(case["hex"])
        value, end = cbor_decode.decode(data)
        assert same(value, value_of(case["value"])), case
        assert end == len(data), case


def test_what_is_not_our_part_of_cbor_is_refused():
    for case in VECTORS["refused"]:
        refused(cbor_decode.DecodeError, cbor_decode.decode, bytes.fromhex(case["hex"]))


def test_whatever_is_cut_off_is_refused():
    for case in VECTORS["both_ways"]:
        data = bytes.fromhex(case["hex"])
        for length in range(len(data)):
            refused(cbor_decode.DecodeError, cbor_decode.decode, data[:length])


def test_a_sequence_is_one_item_after_the_other():
    assert cbor_decode.decode_sequence(b"") == []
    assert cbor_decode.decode_sequence(bytes.fromhex("01f620818102")) == [1, None, -1, [[2]]]


def test_a_sequence_ends_with_its_data():
    refused(cbor_decode.DecodeError, cbor_decode.decode_sequence, bytes.fromhex("0118"))


def test_decoding_begins_at_the_offset_and_says_where_it_ended():
    assert cbor_decode.decode(bytes.fromhex("ff1864ff"), 1) == (100, 3)


def test_the_keys_of_a_map_are_encoded_in_their_order_not_in_that_of_a_dict():
    assert cbor.encode({"c": 1, "a": 2, "b": 3}).hex() == "a3616102616203616301"


def test_eight_arrays_inside_each_other_are_still_a_message():
    data = bytes.fromhex("81" * 8 + "00")
    assert cbor_decode.decode(data) == ([[[[[[[[0]]]]]]]], len(data))


def test_what_has_no_place_on_the_wire_is_not_encoded():
    refused(TypeError, cbor.encode, 1.5)
    refused(TypeError, cbor.encode, {1, 2})
    refused(OverflowError, cbor.encode, 1 << 64)
    refused(OverflowError, cbor.encode, -1 - (1 << 64))


def test_a_bytearray_and_a_tuple_encode_as_bytes_and_array():
    assert cbor.encode((bytearray(b"\x01"), 2)).hex() == "82410102"
