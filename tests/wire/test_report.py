# SPDX-License-Identifier: Apache-2.0
"""A device's report is one datagram, and each reply to it means one thing."""

from wire import coap, oscore, paths, reading, report
from wire.oscore_server import ServerContext

from tests.ciphers import AEAD
from tests.load_vectors import named, vectors

VECTORS = vectors("report")
MASTER_SECRET, MASTER_SALT, KID = [bytes.fromhex(VECTORS[key]) for key in ("master_secret", "master_salt", "kid")]


def device():
    return oscore.Context.derive(AEAD, MASTER_SECRET, MASTER_SALT, KID, b"")


def fleet():
    return ServerContext.derive(AEAD, MASTER_SECRET, MASTER_SALT, b"", KID)


def payload_of(case):
    return bytes.fromhex(named(vectors("reading")["both_ways"], case["reading"])["hex"])


def echo_of(case):
    return None if case["echo"] is None else bytes.fromhex(case["echo"])


def request_of(case):
    return report.request(
        device(), case["partial_iv"], case["message_id"], paths.READINGS, payload_of(case), echo_of(case)
    )


def test_each_request_has_the_bytes_of_its_vector():
    for case in VECTORS["requests"]:
        assert request_of(case)[0].hex() == case["hex"], case["name"]


def test_a_request_shows_no_option_but_oscore_and_has_no_token():
    for case in VECTORS["requests"]:
        message = coap.decode(bytes.fromhex(case["hex"]))
        assert (message.type, message.code, message.token) == (coap.CON, coap.POST, b"")
        assert [number for number, _ in message.options] == [coap.OSCORE]


def test_the_fleet_finds_path_echo_and_payload_inside():
    for case in VECTORS["requests"]:
        code, options, payload, _ = fleet().unprotect_request(coap.decode(bytes.fromhex(case["hex"])))
        expected = [(coap.URI_PATH, paths.READINGS.encode())]
        if case["echo"] is not None:
            expected.append((coap.ECHO, echo_of(case)))
        assert (code, options, payload) == (coap.POST, expected, payload_of(case)), case["name"]


def test_each_reply_means_what_its_vector_says():
    for case in VECTORS["replies"]:
        request = named(VECTORS["requests"], case["request"])
        binding = request_of(request)[1]
        meaning, detail = report.reply(device(), binding, coap.decode(bytes.fromhex(case["hex"])))
        assert meaning == case["meaning"], case["name"]
        assert (detail.hex() if isinstance(detail, bytes) else detail) == case["detail"], case["name"]


def test_every_meaning_has_a_vector():
    meanings = [case["meaning"] for case in VECTORS["replies"]]
    for meaning in (report.DURABLE, report.ECHO, report.REFUSED, report.SMALLER, report.WAIT, report.HINT):
        assert meaning in meanings


def test_nothing_but_a_protected_changed_is_durable():
    request = VECTORS["requests"][0]
    binding = request_of(request)[1]
    for code in range(256):
        option_value, ciphertext = fleet().protect_response(binding, code, [], b"")
        protected = coap.Message(coap.ACK, coap.CHANGED, 1, b"", [(coap.OSCORE, option_value)], ciphertext)
        assert (report.reply(device(), binding, protected)[0] == report.DURABLE) == (code == coap.CHANGED)
        assert report.reply(device(), binding, coap.Message(coap.ACK, code, 1))[0] == report.HINT


def test_a_reading_and_its_echo_still_fit_a_small_datagram():
    widest = reading.pack(0xFFFFFFFF, 0xFFFF, 0xFFFFFFFF, [(0xFFFFFFFF, 7, 0xFFFFFFFF, -8388608, 65535, 15000)])
    datagram, _ = report.request(device(), 0xFFFFFF, 1, paths.READINGS, widest, bytes(40))
    assert len(datagram) < 128
