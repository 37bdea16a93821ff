# SPDX-License-Identifier: Apache-2.0
"""AES-CCM out of CBC and ECB encrypts as RFC 3610 does, and takes nothing that was touched."""

from wire.oscore import ProtectionError

from tests.ciphers import AEAD
from tests.expect import refused

# RFC 3610 section 8, packet vectors 1 and 2: those with a tag of 8 bytes.
KEY = bytes.fromhex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf")
PACKETS = (
    (
        "00000003020100a0a1a2a3a4a5",
        "0001020304050607",
        bytes(range(8, 31)),
        "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0",
    ),
    (
        "00000004030201a0a1a2a3a4a5",
        "0001020304050607",
        bytes(range(8, 32)),
        "72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916",
    ),
)


def test_each_packet_of_the_standard():
    for nonce, aad, plaintext, ciphertext in PACKETS:
        nonce, aad, ciphertext = bytes.fromhex(nonce), bytes.fromhex(aad), bytes.fromhex(ciphertext)
        assert AEAD.encrypt(KEY, nonce, plaintext, aad) == ciphertext
        assert AEAD.decrypt(KEY, nonce, ciphertext, aad) == plaintext


def test_every_length_around_a_block_comes_back():
    for length in (0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 1024):
        for aad in (b"", b"a", bytes(13), bytes(14), bytes(15), bytes(300)):
            plaintext = bytes([n & 255 for n in range(length)])
            ciphertext = AEAD.encrypt(KEY, bytes(13), plaintext, aad)
            assert len(ciphertext) == length + 8
            assert AEAD.decrypt(KEY, bytes(13), ciphertext, aad) == plaintext


def test_any_flipped_bit_is_noticed():
    nonce, aad, _, ciphertext = [bytes.fromhex(x) if isinstance(x, str) else x for x in PACKETS[0]]
    parts = [KEY, nonce, ciphertext, aad]
    for position, part in enumerate(parts):
        for bit in range(8 * len(part)):
            flipped = bytearray(part)
            flipped[bit >> 3] ^= 1 << (bit & 7)
            changed = list(parts)
            changed[position] = bytes(flipped)
            refused(ProtectionError, AEAD.decrypt, *changed)


def test_a_ciphertext_shorter_than_its_tag_is_refused():
    for length in range(9):
        refused(ProtectionError, AEAD.decrypt, KEY, bytes(13), bytes(length), b"")


def test_what_the_lengths_cannot_say_is_not_encrypted():
    refused(ValueError, AEAD.encrypt, KEY, bytes(12), b"", b"")
    refused(ValueError, AEAD.encrypt, KEY, bytes(13), bytes(65536), b"")
    refused(ValueError, AEAD.encrypt, KEY, bytes(13), b"", bytes(65280))
