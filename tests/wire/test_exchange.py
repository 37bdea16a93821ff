# SPDX-License-Identifier: Apache-2.0
"""A confirmable request is sent again as RFC 7252 section 4.2 says, until an answer comes or none will."""

from wire import coap
from wire.exchange import ACKED, DONE, FAILED, PENDING, RESET, Exchange
from wire.ticks import ticks_diff

REQUEST = b"the request's datagram"
MESSAGE_ID = 0x1234
WRAP = 1 << 30


def least(below):
    return 0


def greatest(below):
    return below - 1


def started(now_ms=0, random_below=least, token=b"", verify=None):
    return Exchange(REQUEST, MESSAGE_ID, token, now_ms, random_below, verify)


def sent_at(request, until_ms, start_ms=0):
    """Milliseconds after the start at which the request goes out, asked every 10 ms, ticks wrapping as on a board."""
    return [ms for ms in range(0, until_ms, 10) if request.due((start_ms + ms) % WRAP) == REQUEST]


def message(type, code, message_id=MESSAGE_ID, token=b"", payload=b""):
    return coap.Message(type, code, message_id, token, [], payload)


def test_a_request_goes_out_at_once_and_then_four_times_at_doubling_distances():
    request = started()
    assert sent_at(request, 61990) == [0, 2000, 6000, 14000, 30000]
    assert request.state == PENDING
    assert request.due(62000) is None
    assert request.state == FAILED


def test_jitter_makes_the_distances_up_to_half_as_long_again():
    request = started(random_below=greatest)
    assert sent_at(request, 92990) == [0, 3000, 9000, 21000, 45000]
    request.due(93000)  # MAX_TRANSMIT_WAIT (section 4.8.2)
    assert request.state == FAILED


def test_the_jitter_is_asked_for_within_its_span():
    asked = []
    started(random_below=lambda below: asked.append(below) or 0)
    assert asked == [1001]


def test_a_failed_request_is_not_sent_any_more():
    request = started()
    sent_at(request, 100000)
    assert request.state == FAILED
    assert request.due(200000) is None


def test_the_counter_of_a_board_may_wrap_in_between():
    request = started(now_ms=WRAP - 3000)
    assert sent_at(request, 61990, WRAP - 3000) == [0, 2000, 6000, 14000, 30000]
    assert request.due((WRAP - 3000 + 62000) % WRAP) is None
    assert request.state == FAILED


def test_differences_of_ticks_are_right_across_the_wrap():
    assert ticks_diff(5, WRAP - 5) == 10
    assert ticks_diff(WRAP - 5, 5) == -10
    assert ticks_diff(7, 7) == 0
    assert ticks_diff((1 << 62) + 3, (1 << 62) - 4) == 7


def test_a_late_caller_sends_once_not_all_at_once():
    request = started()
    assert request.due(0) == REQUEST
    assert request.due(20000) == REQUEST
    assert request.due(20000) is None


def test_a_response_in_the_acknowledgement_ends_the_exchange():
    request = started()
    request.due(0)
    response = message(coap.ACK, coap.CHANGED, payload=b"well")
    assert request.receive(response, 50) is None
    assert request.state == DONE
    assert request.response is response
    assert request.due(2000) is None


def test_an_acknowledgement_of_another_request_changes_nothing():
    request = started()
    request.due(0)
    for stranger in (
        message(coap.ACK, coap.CHANGED, MESSAGE_ID + 1),
        message(coap.ACK, coap.EMPTY, MESSAGE_ID + 1),
        message(coap.RST, coap.EMPTY, MESSAGE_ID + 1),
        message(coap.ACK, coap.CHANGED, token=b"x"),
    ):
        assert request.receive(stranger, 50) is None
        assert request.state == PENDING
    assert request.due(2000) == REQUEST


def test_an_empty_acknowledgement_stops_the_sending_but_is_no_response():
    request = started()
    request.due(0)
    assert request.receive(message(coap.ACK, coap.EMPTY), 50) is None
    assert request.state == ACKED
    assert request.response is None
    assert sent_at(request, 60000) == []


def test_a_separate_response_is_acknowledged_and_ends_the_exchange():
    request = started()
    request.due(0)
    request.receive(message(coap.ACK, coap.EMPTY), 50)
    response = message(coap.CON, coap.CHANGED, 0x7777)
    assert request.receive(response, 4000) == bytes.fromhex("60007777")
    assert request.state == DONE
    assert request.response is response


def test_a_separate_response_may_come_before_its_acknowledgement():
    request = started()
    request.due(0)
    assert request.receive(message(coap.CON, coap.CHANGED, 0x7777), 4000) is not None
    assert request.state == DONE
    assert request.receive(message(coap.ACK, coap.EMPTY), 4010) is None
    assert request.state == DONE


def test_a_separate_response_that_is_not_confirmable_needs_no_acknowledgement():
    request = started()
    request.due(0)
    assert request.receive(message(coap.NON, coap.CHANGED, 0x7777), 4000) is None
    assert request.state == DONE


def test_a_separate_response_that_never_comes_is_given_up_after_ninety_seconds():
    request = started()
    request.due(0)
    request.receive(message(coap.ACK, coap.EMPTY), 1000)
    request.receive(message(coap.ACK, coap.EMPTY), 80000)
    assert request.due(90990) is None
    assert request.state == ACKED
    assert request.due(91000) is None
    assert request.state == FAILED


def test_a_separate_response_that_comes_again_is_acknowledged_again():
    """Our acknowledgement was lost; without another one the peer goes on sending."""
    request = started()
    request.due(0)
    first = message(coap.CON, coap.CHANGED, 0x7777)
    request.receive(first, 4000)
    assert request.receive(message(coap.CON, coap.BAD_REQUEST, 0x7778), 6000) == bytes.fromhex("60007778")
    assert request.response is first


def test_a_late_response_to_an_earlier_request_does_not_end_this_one():
    """Every token is empty, so only what protects the response tells them apart."""
    request = started(verify=lambda response: response.payload == b"ours")
    request.due(0)
    assert request.receive(message(coap.CON, coap.CHANGED, 0x7777, payload=b"late"), 50) == bytes.fromhex("60007777")
    assert request.state == PENDING
    assert request.due(2000) == REQUEST
    assert request.receive(message(coap.CON, coap.CHANGED, 0x7778, payload=b"ours"), 2050) is not None
    assert request.state == DONE


def test_an_acknowledgement_with_a_response_that_is_not_ours_is_passed_over():
    request = started(verify=lambda response: response.payload == b"ours")
    request.due(0)
    assert request.receive(message(coap.ACK, coap.UNAUTHORIZED, payload=b"forged"), 50) is None
    assert (request.state, request.response, request.hint) == (PENDING, None, coap.UNAUTHORIZED)
    assert request.due(2000) == REQUEST
    request.receive(message(coap.ACK, coap.CHANGED, payload=b"ours"), 2050)
    assert request.state == DONE


def test_a_response_to_another_token_is_not_ours_to_answer():
    request = started(token=b"mine")
    request.due(0)
    assert request.receive(message(coap.CON, coap.CHANGED, 0x7777, token=b"other"), 50) is None
    assert request.state == PENDING


def test_a_request_of_the_peer_is_not_ours_to_answer():
    request = started()
    request.due(0)
    for code in (coap.EMPTY, coap.POST):
        assert request.receive(message(coap.CON, code, 0x7777), 50) is None
        assert request.state == PENDING


def test_a_reset_ends_the_exchange():
    request = started()
    request.due(0)
    request.receive(message(coap.RST, coap.EMPTY), 50)
    assert request.state == RESET
    assert request.due(2000) is None


def test_what_has_ended_stays_as_it_ended():
    request = started()
    request.due(0)
    request.receive(message(coap.ACK, coap.CHANGED, payload=b"first"), 50)
    for late in (message(coap.RST, coap.EMPTY), message(coap.ACK, coap.BAD_REQUEST), message(coap.ACK, coap.EMPTY)):
        request.receive(late, 60)
    assert request.state == DONE
    assert request.response.payload == b"first"
