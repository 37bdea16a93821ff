# SPDX-License-Identifier: Apache-2.0
"""New keys out of the old secret (RFC 8613 appendix B.2): each step has the bytes of its vector."""

from wire import coap, oscore, paths, renewal, report
from wire.oscore_server import ServerContext, decode_option

from tests.ciphers import AEAD
from tests.load_vectors import named, vectors

VECTORS = vectors("b2")
SECRET, SALT, KID, R1, R2, R3 = [
    bytes.fromhex(VECTORS[name]) for name in ("master_secret", "master_salt", "kid", "r1", "r2", "r3")
]


def message(name):
    return coap.decode(bytes.fromhex(named(VECTORS["messages"], name)["hex"]))


def device(id_context):
    context = oscore.Context.derive(AEAD, SECRET, SALT, KID, b"", id_context)
    context.kid_context = renewal.wrap(id_context)
    return context


def fleet(id_context):
    context = ServerContext.derive(AEAD, SECRET, SALT, b"", KID, id_context)
    context.kid_context = renewal.wrap(id_context)
    return context


def test_every_id_context_makes_keys_of_its_own():
    for case in VECTORS["keys"]:
        context = device(bytes.fromhex(case["id_context"]))
        assert context.kid_context.hex() == case["kid_context"], case["name"]
        assert context.sender_key.hex() == case["sender_key"], case["name"]
        assert context.recipient_key.hex() == case["recipient_key"], case["name"]
        assert context.common_iv.hex() == case["common_iv"], case["name"]


def test_the_whole_exchange_as_the_device_has_it():
    datagram, binding = renewal.first_request(device(R1), 0x1001)
    assert datagram.hex() == named(VECTORS["messages"], "request 1")["hex"]

    answer = message("response 1")
    assert renewal.offered(answer) == R2
    assert renewal.is_offer(device(R2 + R1), binding, answer)
    assert not renewal.is_offer(device(R2 + R3), binding, answer)

    payload = bytes.fromhex(named(vectors("reading")["both_ways"], "one reading")["hex"])
    datagram, binding = report.request(device(R2 + R3), 0, 0x1002, paths.READINGS, payload)
    assert datagram.hex() == named(VECTORS["messages"], "request 2")["hex"]
    assert report.reply(device(R2 + R3), binding, message("response 2")) == (report.DURABLE, None)


def test_the_whole_exchange_as_the_fleet_has_it():
    code, options, payload, binding = fleet(R1).unprotect_request(message("request 1"))
    assert (code, options, payload) == (coap.POST, [], b"")
    assert renewal.unwrap(decode_option(oscore.protection(message("request 1")))[1]) == R1

    _, ciphertext = fleet(R2 + R1).protect_response(binding, coap.UNAUTHORIZED, [], b"", 0)
    assert ciphertext == message("response 1").payload

    code, options, payload, binding = fleet(R2 + R3).unprotect_request(message("request 2"))
    assert (code, coap.option(options, coap.URI_PATH)) == (coap.POST, b"r")
    partial_iv = named(VECTORS["messages"], "response 2")["partial_iv"]
    option_value, ciphertext = fleet(R2 + R3).protect_response(binding, coap.CHANGED, [], b"", partial_iv)
    assert (option_value, ciphertext) == (oscore.protection(message("response 2")), message("response 2").payload)


def test_an_id_context_comes_back_as_it_was_wrapped():
    for size in range(8, 41):
        id_context = bytes(range(size))
        assert renewal.unwrap(renewal.wrap(id_context)) == id_context


def test_what_wraps_no_id_context_is_told():
    for case in VECTORS["not_id_contexts"]:
        assert renewal.unwrap(bytes.fromhex(case)) is None, case


def test_only_a_response_that_names_an_r2_offers_one():
    assert renewal.offered(message("response 2")) is None
    for value in (b"", b"\x01\x00", b"\x10", b"\x11\x00", b"\x11\x00\x05\x44abcd", b"\x10\x09\x48abc"):
        assert renewal.offered(coap.Message(coap.ACK, coap.CHANGED, 1, b"", [(coap.OSCORE, value)], bytes(9))) is None


def test_an_offer_may_take_the_nonce_of_its_request():
    """RFC 8613 section 8.3 leaves it to the server; then the option has nothing but the R2."""
    datagram, binding = renewal.first_request(device(R1), 1)
    seen = fleet(R1).unprotect_request(coap.decode(datagram))[3]
    _, ciphertext = fleet(R2 + R1).protect_response(seen, coap.UNAUTHORIZED, [], b"")
    options = [(coap.OSCORE, oscore.encode_option(None, None, renewal.wrap(R2)))]
    answer = coap.Message(coap.ACK, coap.CHANGED, 1, b"", options, ciphertext)

    assert renewal.offered(answer) == R2
    assert renewal.is_offer(device(R2 + R1), binding, answer)
