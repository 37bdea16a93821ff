# SPDX-License-Identifier: Apache-2.0
"""OSCORE gives the numbers of RFC 8613 appendix C, C.1 to C.8, and opens nothing that was touched."""

from wire import coap, hkdf, oscore
from wire.oscore_server import ServerContext, decode_option

from tests.ciphers import AEAD, RecordingAead
from tests.expect import refused
from tests.load_vectors import named, vectors

VECTORS = vectors("oscore")
URI_HOST, URI_PORT = 3, 7
PARTIAL_IV_MAX = (1 << 40) - 1
OUTER_OPTIONS = (URI_HOST, URI_PORT)  # of those in the vectors, the ones that stay outside (section 4.1)


def context_of(name, aead=AEAD):
    case = named(VECTORS["derivations"], name)
    id_context = None if case["id_context"] is None else bytes.fromhex(case["id_context"])
    master = [bytes.fromhex(case[key]) for key in ("master_secret", "master_salt", "sender_id", "recipient_id")]
    return ServerContext.derive(aead, *master, id_context)


def split(message):
    """(options inside, options outside) of an unprotected message."""
    inner = [option for option in message.options if option[0] not in OUTER_OPTIONS]
    return inner, [option for option in message.options if option[0] in OUTER_OPTIONS]


def assembled(unprotected, code, outer, option_value, ciphertext):
    """The protected message as hex: the unprotected one's header and token around what OSCORE made."""
    options = list(outer)
    options.append((coap.OSCORE, option_value))
    head = unprotected.type, code, unprotected.message_id, unprotected.token
    return coap.encode(coap.Message(*head, options, ciphertext)).hex()


def assert_inputs(aead, case):
    assert aead.plaintext.hex() == case["plaintext"], case["name"]
    assert aead.aad.hex() == case["aad"], case["name"]
    assert aead.nonce.hex() == case["nonce"], case["name"]


def binding_of(request_name):
    """The binding of a request of the vectors, as its server has it."""
    case = named(VECTORS["requests"], request_name)
    return context_of(case["server"]).unprotect_request(coap.decode(bytes.fromhex(case["protected"])))[3]


def test_the_keys_of_every_context():
    """C.1 to C.3, client and server: with salt, without, with an ID context."""
    for case in VECTORS["derivations"]:
        context = context_of(case["name"])
        assert context.sender_key.hex() == case["sender_key"], case["name"]
        assert context.recipient_key.hex() == case["recipient_key"], case["name"]
        assert context.common_iv.hex() == case["common_iv"], case["name"]


def test_the_keys_stem_from_the_info_of_every_context():
    for case in VECTORS["derivations"]:
        key = hkdf.extract(bytes.fromhex(case["master_salt"]), bytes.fromhex(case["master_secret"]))
        for purpose, length in (("sender_key", 16), ("recipient_key", 16), ("common_iv", 13)):
            info = bytes.fromhex(case[purpose + "_info"])
            assert hkdf.expand(key, info, length).hex() == case[purpose], (case["name"], purpose)


def test_the_nonces_of_every_context():
    for case in VECTORS["derivations"]:
        context = context_of(case["name"])
        binding = context.protect_request(0, coap.POST, [], b"")[2]
        assert binding[2].hex() == case["sender_nonce"], case["name"]
        (peer,) = [each["name"] for each in VECTORS["derivations"] if each["sender_key"] == case["recipient_key"]]
        option_value, ciphertext, binding = context_of(peer).protect_request(0, coap.POST, [], b"")
        request = coap.Message(coap.CON, coap.POST, 1, b"", [(coap.OSCORE, option_value)], ciphertext)
        assert context.unprotect_request(request)[3] == binding
        assert binding[2].hex() == case["recipient_nonce"], case["name"]


def test_the_protected_request_of_every_vector():
    """C.4 to C.6, as the client protects it."""
    for case in VECTORS["requests"]:
        aead = RecordingAead()
        unprotected = coap.decode(bytes.fromhex(case["unprotected"]))
        inner, outer = split(unprotected)
        made = context_of(case["client"], aead).protect_request(
            case["partial_iv"], unprotected.code, inner, unprotected.payload
        )
        assert_inputs(aead, case)
        assert made[0] == bytes.fromhex(case["option"]), case["name"]
        assert made[1].hex() == case["ciphertext"], case["name"]
        assert assembled(unprotected, coap.POST, outer, made[0], made[1]) == case["protected"], case["name"]


def test_the_request_inside_every_vector():
    """C.4 to C.6, as the server opens it."""
    for case in VECTORS["requests"]:
        aead = RecordingAead()
        unprotected = coap.decode(bytes.fromhex(case["unprotected"]))
        message = coap.decode(bytes.fromhex(case["protected"]))
        code, options, payload, binding = context_of(case["server"], aead).unprotect_request(message)
        assert_inputs(aead, case)
        assert (code, options, payload) == (unprotected.code, split(unprotected)[0], unprotected.payload), case["name"]
        assert int.from_bytes(binding[1], "big") == case["partial_iv"], case["name"]


def test_the_protected_response_of_every_vector():
    """C.7 without a partial IV of its own and C.8 with one, as the server protects it."""
    for case in VECTORS["responses"]:
        aead = RecordingAead()
        server = context_of(named(VECTORS["requests"], case["request"])["server"], aead)
        unprotected = coap.decode(bytes.fromhex(case["unprotected"]))
        binding = binding_of(case["request"])
        made = server.protect_response(binding, unprotected.code, [], unprotected.payload, case["partial_iv"])
        assert_inputs(aead, case)
        assert made[0] == bytes.fromhex(case["option"]), case["name"]
        assert made[1].hex() == case["ciphertext"], case["name"]
        assert assembled(unprotected, coap.CHANGED, [], made[0], made[1]) == case["protected"], case["name"]


def test_the_response_inside_every_vector():
    """C.7 and C.8, as the client opens it."""
    for case in VECTORS["responses"]:
        aead = RecordingAead()
        client = context_of(named(VECTORS["requests"], case["request"])["client"], aead)
        message = coap.decode(bytes.fromhex(case["protected"]))
        unprotected = coap.decode(bytes.fromhex(case["unprotected"]))
        opened = client.unprotect_response(binding_of(case["request"]), message)
        assert_inputs(aead, case)
        assert opened == (unprotected.code, [], unprotected.payload), case["name"]


def flipped_bits(message):
    """The message again and again, one bit of its OSCORE option's value or its payload flipped each time."""
    value = coap.option(message.options, coap.OSCORE)
    for bit in range(8 * (len(value) + len(message.payload))):
        both = bytearray(value + message.payload)
        both[bit >> 3] ^= 1 << (bit & 7)
        options = [(coap.OSCORE, bytes(both[: len(value)]))]
        head = message.type, message.code, message.message_id, message.token
        yield coap.Message(*head, options, bytes(both[len(value) :]))


def test_a_request_with_any_bit_flipped_is_refused():
    for case in VECTORS["requests"]:
        server = context_of(case["server"])
        for message in flipped_bits(coap.decode(bytes.fromhex(case["protected"]))):
            refused(oscore.ProtectionError, server.unprotect_request, message)


def test_a_response_with_any_bit_flipped_is_refused():
    for case in VECTORS["responses"]:
        client = context_of(named(VECTORS["requests"], case["request"])["client"])
        binding = binding_of(case["request"])
        for message in flipped_bits(coap.decode(bytes.fromhex(case["protected"]))):
            refused(oscore.ProtectionError, client.unprotect_response, binding, message)


def test_a_response_to_another_request_is_refused():
    client = context_of("C.1.1")
    binding = client.protect_request(21, coap.POST, [], b"")[2]
    for case in VECTORS["responses"]:
        message = coap.decode(bytes.fromhex(case["protected"]))
        refused(oscore.ProtectionError, client.unprotect_response, binding, message)


def test_a_request_under_another_key_identifier_is_refused_before_it_is_opened():
    request = context_of("C.2.1").protect_request(20, coap.POST, [], b"")
    message = coap.Message(coap.CON, coap.POST, 1, b"", [(coap.OSCORE, request[0])], request[1])
    error = refused(oscore.ProtectionError, context_of("C.1.2").unprotect_request, message)
    assert str(error) == "request is of another security context"


def test_an_unprotected_message_is_refused():
    client = context_of("C.1.1")
    binding = client.protect_request(21, coap.POST, [], b"")[2]
    message = coap.Message(coap.ACK, coap.CHANGED, 1)
    refused(oscore.ProtectionError, client.unprotect_response, binding, message)
    refused(oscore.ProtectionError, client.unprotect_request, message)


def test_options_inside_come_back_and_options_outside_are_dropped():
    client, server = context_of("C.1.1"), context_of("C.1.2")
    inner = [(coap.URI_PATH, b"r"), (coap.ECHO, b"fresh")]
    option_value, ciphertext, _ = client.protect_request(5, coap.POST, inner, b"payload")
    outer = [(coap.OSCORE, option_value), (coap.URI_PATH, b"elsewhere"), (coap.ECHO, b"forged")]
    opened = server.unprotect_request(coap.Message(coap.CON, coap.POST, 1, b"", outer, ciphertext))
    assert opened[:3] == (coap.POST, inner, b"payload")


def test_every_partial_iv_gives_another_nonce_and_the_option_carries_it():
    client = context_of("C.1.1")
    nonces = []
    for partial_iv in (0, 1, 255, 256, 65535, 65536, 1 << 24, 1 << 32, PARTIAL_IV_MAX):
        option_value, _, binding = client.protect_request(partial_iv, coap.POST, [], b"")
        iv, kid_context, kid = decode_option(option_value)
        assert (int.from_bytes(iv, "big"), kid_context, kid) == (partial_iv, None, b"")
        assert binding[2] not in nonces
        nonces.append(binding[2])


def test_a_partial_iv_out_of_range_is_refused():
    client = context_of("C.1.1")
    for partial_iv in (-1, PARTIAL_IV_MAX + 1):
        refused(ValueError, client.protect_request, partial_iv, coap.POST, [], b"")


def test_the_same_identifier_on_both_sides_is_refused():
    """Both would otherwise encrypt with the same nonces."""
    error = refused(ValueError, oscore.Context.derive, AEAD, bytes(16), b"", b"\x01", b"\x01")
    assert "must differ" in str(error)
    refused(ValueError, oscore.Context.derive, AEAD, bytes(16), b"", bytes(8), b"")


def test_a_malformed_option_is_refused():
    for case in VECTORS["refused_options"]:
        refused(oscore.ProtectionError, decode_option, bytes.fromhex(case["hex"]))


def test_a_response_with_a_malformed_option_is_refused():
    client = context_of("C.1.1")
    binding = client.protect_request(21, coap.POST, [], b"")[2]
    for case in VECTORS["refused_options"]:
        options = [(coap.OSCORE, bytes.fromhex(case["hex"]))]
        message = coap.Message(coap.ACK, coap.CHANGED, 1, b"", options, bytes(9))
        error = refused(oscore.ProtectionError, client.unprotect_response, binding, message)
        assert str(error).startswith("OSCORE option"), case["name"]


def test_a_response_may_say_whose_it_is_and_is_refused_when_it_is_another_ones():
    client, server = context_of("C.1.1"), context_of("C.1.2")
    binding = client.protect_request(21, coap.POST, [], b"")[2]
    iv, ciphertext = server.protect_response(binding, coap.CHANGED, [], b"", 7)
    for kid, opens in ((server.sender_id, True), (b"", False), (b"\x02", False)):
        options = [(coap.OSCORE, bytes([iv[0] | 8]) + iv[1:] + kid)]
        message = coap.Message(coap.ACK, coap.CHANGED, 1, b"", options, ciphertext)
        if opens:
            assert client.unprotect_response(binding, message)[0] == coap.CHANGED
        else:
            refused(oscore.ProtectionError, client.unprotect_response, binding, message)


def test_a_message_with_two_oscore_options_is_refused():
    """RFC 8613 section 2: the option is not repeatable; which of them holds would be anybody's guess."""
    client, server = context_of("C.1.1"), context_of("C.1.2")
    option_value, ciphertext, binding = client.protect_request(21, coap.POST, [], b"")
    request = coap.Message(coap.CON, coap.POST, 1, b"", [(coap.OSCORE, option_value)] * 2, ciphertext)
    assert str(refused(oscore.ProtectionError, server.unprotect_request, request)) == "OSCORE option is there twice"
    option_value, ciphertext = server.protect_response(binding, coap.CHANGED, [], b"")
    response = coap.Message(coap.ACK, coap.CHANGED, 1, b"", [(coap.OSCORE, option_value)] * 2, ciphertext)
    refused(oscore.ProtectionError, client.unprotect_response, binding, response)


def test_an_option_comes_back_as_it_was_made():
    for iv in (None, b"\x00", b"\x01\x02\x03\x04\x05"):
        for kid in (None, b"", b"\x01\x02\x03"):
            for kid_context in (None, b"", b"context"):
                value = oscore.encode_option(iv, kid, kid_context)
                assert decode_option(value) == (iv, kid_context, kid)


def test_a_request_needs_a_partial_iv_and_a_key_identifier():
    server = context_of("C.1.2")
    for value in (b"", b"\x08", b"\x01\x14"):
        message = coap.Message(coap.CON, coap.POST, 1, b"", [(coap.OSCORE, value)], bytes(13))
        error = refused(oscore.ProtectionError, server.unprotect_request, message)
        assert str(error) == "request without partial IV or key identifier"


def test_a_protected_plaintext_that_is_no_message_is_refused():
    """Only a peer with the keys can send it, and it must not break us either."""
    server = context_of("C.1.2")
    binding = context_of("C.1.1").protect_request(1, coap.POST, [], b"")[2]
    option_value = oscore.encode_option(b"\x01", b"")
    aad = bytes.fromhex("8368456e63727970743040488501810a40410140")
    for plaintext in (b"", b"\x02\xff", b"\x02\xf0"):
        ciphertext = AEAD.encrypt(server.recipient_key, binding[2], plaintext, aad)
        message = coap.Message(coap.CON, coap.POST, 1, b"", [(coap.OSCORE, option_value)], ciphertext)
        error = refused(oscore.ProtectionError, server.unprotect_request, message)
        assert str(error).startswith("plaintext")
