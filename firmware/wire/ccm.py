# SPDX-License-Identifier: Apache-2.0
"""AES-CCM-16-64-128 (RFC 9053 section 4.2, RFC 3610) out of the two AES modes a stock board has: CBC and ECB."""

from wire import const
from wire.oscore import ProtectionError

_NONCE_BYTES = const(13)
_TAG_BYTES = const(8)

_ECB = const(1)  # the mode numbers of cryptolib.aes
_CBC = const(2)
_PLAINTEXT_BYTES_MAX = const(0xFFFF)  # what two bytes of length can say
_AAD_BYTES_MAX = const(0xFEFF)  # up to here two bytes of length are enough
_XOR_BYTES = const(128)  # at a time: large enough to be quick, small enough for a heap in pieces


class Ccm:
    """The AEAD that wire.oscore wants. `aes(key, mode, iv).encrypt(data, into)` is cryptolib.aes or of its shape.

    Each message costs one CBC call (the tag) and one ECB call (the key stream), however long it is; both work in place,
    because a small heap has few long pieces.
    """

    def __init__(self, aes):
        self._aes = aes

    def encrypt(self, key, nonce, plaintext, aad):
        """Ciphertext with the tag of 8 bytes behind it."""
        if len(nonce) != _NONCE_BYTES or len(plaintext) > _PLAINTEXT_BYTES_MAX or len(aad) > _AAD_BYTES_MAX:
            raise ValueError("nonce is 13 bytes, plaintext up to 65535, additional data up to 65279")
        length = len(plaintext)
        ciphertext = bytearray(length + _TAG_BYTES)
        ciphertext[length:] = self._tag(key, nonce, plaintext, aad)
        ciphertext[:length] = plaintext
        self._crypt(key, nonce, ciphertext)
        return ciphertext  # a bytearray: a copy would need another long piece of a small heap

    def decrypt(self, key, nonce, ciphertext, aad):
        """The plaintext; ProtectionError unless key, nonce, ciphertext, tag and additional data belong together."""
        length = len(ciphertext) - _TAG_BYTES
        if length < 0:
            raise ProtectionError("ciphertext is shorter than its tag")
        text = bytearray(ciphertext)
        self._crypt(key, nonce, text)
        plaintext = bytes(text[:length])
        if not _equal(text[length:], self._tag(key, nonce, plaintext, aad)):
            raise ProtectionError("tag does not match")
        return plaintext

    def _tag(self, key, nonce, plaintext, aad):
        aad_bytes = 2 + len(aad) if aad else 0
        aad_end = 16 + aad_bytes + (-aad_bytes & 15)
        blocks = bytearray(aad_end + len(plaintext) + (-len(plaintext) & 15))
        blocks[0] = 0x59 if aad else 0x19  # tag of 8 bytes, length of 2 bytes; is there additional data?
        blocks[1:14] = nonce
        blocks[14:16] = len(plaintext).to_bytes(2, "big")
        if aad:
            blocks[16:18] = len(aad).to_bytes(2, "big")
            blocks[18 : 16 + aad_bytes] = aad
        blocks[aad_end : aad_end + len(plaintext)] = plaintext
        self._aes(key, _CBC, bytes(16)).encrypt(blocks, blocks)
        return blocks[-16 : _TAG_BYTES - 16]

    def _crypt(self, key, nonce, text):
        """XOR the key stream onto text and the tag behind it, in place; the stream's first block is the tag's."""
        length = len(text) - _TAG_BYTES
        stream = bytearray(16 + length + (-length & 15))
        for counter in range(len(stream) >> 4):
            start = counter << 4
            stream[start] = 1
            stream[start + 1 : start + 14] = nonce
            stream[start + 14] = counter >> 8
            stream[start + 15] = counter & 255
        self._aes(key, _ECB).encrypt(stream, stream)
        for start in range(0, length, _XOR_BYTES):
            end = min(start + _XOR_BYTES, length)
            text[start:end] = _xor(text[start:end], stream[16 + start : 16 + end])
        text[length:] = _xor(text[length:], stream[:_TAG_BYTES])


def _xor(left, right):
    # As integers: one operation in C instead of a loop of bytecode over the bytes.
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")


def _equal(left, right):
    """Whether two tags are equal, in a time that does not tell where they differ."""
    difference = 0
    for index in range(_TAG_BYTES):
        difference |= left[index] ^ right[index]
    return difference == 0
