# SPDX-License-Identifier: Apache-2.0
"""The recorder sees nonces used twice, and is not alarmed by retransmissions."""

from wire import coap

from tools.simulate.recorder import OscoreOption, Recorder, parse_option

CLIENT = ("127.0.0.1", 40000)
ELSEWHERE = ("127.0.0.1", 40001)


def request(mid: int, piv: bytes, ciphertext: bytes, kid: bytes = b"\x00\x01", named: bytes = b"") -> bytes:
    context = bytes([len(named)]) + named if named else b""
    option = bytes([(0x18 if named else 0x08) | len(piv)]) + piv + context + kid
    return coap.encode(coap.Message(coap.CON, coap.POST, mid, b"", [(coap.OSCORE, option)], ciphertext))


def response(mid: int, ciphertext: bytes, piv: bytes = b"", type: int = coap.ACK) -> bytes:
    option = bytes([len(piv)]) + piv if piv else b""
    return coap.encode(coap.Message(type, coap.CHANGED, mid, b"", [(coap.OSCORE, option)], ciphertext))


def watch(*talk: tuple[str, bytes]) -> Recorder:
    recorder = Recorder()
    for way, datagram in talk:
        recorder.witness("up" if way == "up" else "down", CLIENT, datagram)
    return recorder


def test_an_option_is_taken_apart() -> None:
    assert parse_option(b"") == OscoreOption(b"", None)
    assert parse_option(b"\x09\x14\x00\x01") == OscoreOption(b"\x14", b"\x00\x01")
    assert parse_option(b"\x19\x14\x02\xaa\xbb\x07") == OscoreOption(b"\x14", b"\x07", b"\xaa\xbb")


def test_retransmissions_and_fresh_numbers_are_harmless() -> None:
    recorder = watch(
        ("up", request(1, b"\x01", b"one")),
        ("up", request(1, b"\x01", b"one")),
        ("down", response(1, b"fine")),
        ("down", response(1, b"fine")),
        ("up", request(2, b"\x02", b"two")),
        ("down", response(2, b"also fine")),
    )
    assert recorder.violations == []
    assert recorder.retransmissions == 2


def test_two_messages_under_one_request_nonce_are_a_violation() -> None:
    recorder = watch(("up", request(1, b"\x01", b"one")), ("up", request(2, b"\x01", b"two")))
    assert len(recorder.violations) == 1


def test_the_same_number_of_another_device_is_another_nonce() -> None:
    recorder = watch(("up", request(1, b"\x01", b"one")), ("up", request(2, b"\x01", b"two", kid=b"\x00\x02")))
    assert recorder.violations == []


def test_two_different_replies_to_one_request_are_a_violation() -> None:
    recorder = watch(("up", request(1, b"\x01", b"one")), ("down", response(1, b"yes")), ("down", response(1, b"no")))
    assert len(recorder.violations) == 1


def test_the_reply_after_a_restart_may_differ_if_it_brings_its_own_number() -> None:
    recorder = watch(
        ("up", request(1, b"\x01", b"one")), ("down", response(1, b"yes")), ("down", response(1, b"echo", b"\x05"))
    )
    assert recorder.violations == []


def test_a_number_of_the_fleet_used_twice_is_a_violation() -> None:
    recorder = watch(
        ("up", request(1, b"\x01", b"one")),
        ("down", response(1, b"echo", b"\x05")),
        ("up", request(2, b"\x02", b"two")),
        ("down", response(2, b"other", b"\x05")),
    )
    assert len(recorder.violations) == 1


def test_separate_responses_answer_in_the_order_of_their_requests() -> None:
    first, second = request(1, b"\x01", b"one"), request(2, b"\x02", b"two")
    empty_first, empty_second = coap.empty(coap.ACK, 1), coap.empty(coap.ACK, 2)
    recorder = watch(
        ("up", first),
        ("down", empty_first),
        ("up", second),
        ("down", empty_second),
        ("down", response(71, b"re one", type=coap.CON)),
        ("down", response(72, b"re two", type=coap.CON)),
        ("down", response(71, b"re one", type=coap.CON)),
        ("up", first),
        ("down", response(1, b"other")),
    )
    assert len(recorder.violations) == 1, "only the second answer to the first request differs"


def test_a_request_from_another_address_keeps_its_nonce() -> None:
    recorder = watch(("up", request(1, b"\x01", b"one")))
    recorder.witness("up", ELSEWHERE, request(1, b"\x01", b"two"))
    assert len(recorder.violations) == 1


def test_other_keys_begin_at_zero_again() -> None:
    recorder = watch(
        ("up", request(1, b"\x00", b"one")),
        ("up", request(2, b"\x00", b"two", named=b"R1")),
        ("up", request(3, b"\x00", b"three", named=b"R2R3")),
        ("up", request(4, b"\x01", b"four")),
    )
    assert recorder.violations == []
    assert len(recorder.requests) == 4


def test_a_request_that_names_no_keys_is_of_those_named_last() -> None:
    recorder = watch(
        ("up", request(1, b"\x00", b"one", named=b"R2R3")),
        ("up", request(2, b"\x00", b"another")),
        ("up", request(3, b"\x00", b"of another device", kid=b"\x07")),
    )
    assert len(recorder.violations) == 1


def test_a_response_that_names_keys_is_of_those_and_the_requests() -> None:
    named = coap.Message(coap.ACK, coap.CHANGED, 1, b"", [(coap.OSCORE, b"\x11\x00\x02R2")], b"an offer")
    recorder = watch(
        ("up", request(1, b"\x00", b"one", named=b"R1")),
        ("down", coap.encode(named)),
        ("down", response(1, b"an answer", piv=b"\x00")),
    )
    assert recorder.violations == []
    recorder = watch(
        ("up", request(1, b"\x00", b"one", named=b"R1")),
        ("down", coap.encode(named)),
        ("down", coap.encode(coap.Message(coap.ACK, coap.CHANGED, 1, b"", named.options, b"another"))),
    )
    assert len(recorder.violations) == 1
