# SPDX-License-Identifier: Apache-2.0
"""AES-CCM-16-64-128 (RFC 9053 section 4.2, RFC 3610) out of the two AES modes a stock board has: CBC and ECB."""

from wire import const
from wire.oscore import ProtectionError

_NONCE_BYTES = const(13)
_TAG_BYTES = const(8)

_ECB = const(1)  # the mode numbers of cryptolib.aes
_CBC = const(2)
_NO_IV = bytes(16)
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
        self._key = self._ecb = None  # for the last key to open with: to schedule one is a tenth of the work

    def encrypt(self, key, nonce, plaintext, aad):
        """Ciphertext with the tag of 8 bytes behind it; a bytearray of plaintext becomes it in place.

        A copy would need another long piece of a small heap.
        """
        if len(nonce) != _NONCE_BYTES or len(plaintext) > _PLAINTEXT_BYTES_MAX or len(aad) > _AAD_BYTES_MAX:
            raise ValueError("nonce is 13 bytes, plaintext up to 65535, additional data up to 65279")
        text = plaintext if type(plaintext) is bytearray else bytearray(plaintext)
        text.extend(self._tag(key, nonce, text, aad))
        _crypt(self._aes(key, _ECB), nonce, text)
        return text

    def decrypt(self, key, nonce, ciphertext, aad):
        """The plaintext; ProtectionError unless key, nonce, ciphertext, tag and additional data belong together."""
        length = len(ciphertext) - _TAG_BYTES
        if length < 0:
            raise ProtectionError("ciphertext is shorter than its tag")
        text = bytearray(ciphertext)
        if self._key is not key:
            self._key, self._ecb = key, self._aes(key, _ECB)
        _crypt(self._ecb, nonce, text)
        plaintext = text[:length]
        if not _equal(text[length:], self._tag(key, nonce, plaintext, aad)):
            raise ProtectionError("tag does not match")
        return plaintext

    def _tag(self, key, nonce, plaintext, aad):
        length = len(plaintext)
        if aad:
            head = b"\x59" + nonce + (length << 16 | len(aad)).to_bytes(4, "big") + aad
        else:
            head = b"\x19" + nonce + length.to_bytes(2, "big")
        start = len(head) + 15 & -16
        blocks = bytearray(start + (length + 15 & -16))
        blocks[: len(head)] = head
        blocks[start : start + length] = plaintext
        self._aes(key, _CBC, _NO_IV).encrypt(blocks, blocks)
        return blocks[-16 : _TAG_BYTES - 16]


def _crypt(ecb, nonce, text):
    """XOR the key stream onto text and the tag behind it, in place."""
    size = len(text)
    count = (size + 7 >> 4) + 1
    stream = bytearray((b"\x01" + nonce + b"\0\0") * count)
    for counter in range(1, count):  # the block for the tag, number 0, is the last one
        stream[(counter << 4) - 1] = counter & 255
    if count > 256:
        for counter in range(256, count):
            stream[(counter << 4) - 2] = counter >> 8
    ecb.encrypt(stream, stream)
    stream[size - _TAG_BYTES : size] = stream[-16 : _TAG_BYTES - 16]
    # As integers: one operation in C instead of a loop of bytecode over the bytes.
    if size <= _XOR_BYTES:
        number = int.from_bytes(text, "big") ^ int.from_bytes(stream[:size], "big")
        text[:] = number.to_bytes(size, "big")
        return
    for start in range(0, size, _XOR_BYTES):
        end = min(start + _XOR_BYTES, size)
        number = int.from_bytes(text[start:end], "big") ^ int.from_bytes(stream[start:end], "big")
        text[start:end] = number.to_bytes(end - start, "big")


def _equal(left, right):
    """Whether two tags are equal, in a time that does not tell where they differ."""
    difference = left[0] ^ right[0] | left[1] ^ right[1] | left[2] ^ right[2] | left[3] ^ right[3]
    difference |= left[4] ^ right[4] | left[5] ^ right[5] | left[6] ^ right[6] | left[7] ^ right[7]
    return difference == 0
