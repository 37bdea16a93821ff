# SPDX-License-Identifier: Apache-2.0
"""AES-CCM-16-64-128 (RFC 9053 section 4.2, RFC 3610) out of the two AES modes a stock board has: CBC and ECB."""

from wire.oscore import ProtectionError

NONCE_BYTES = 13
TAG_BYTES = 8

_ECB, _CBC = 1, 2  # the mode numbers of cryptolib.aes
_PLAINTEXT_BYTES_MAX = 0xFFFF  # what two bytes of length can say
_AAD_BYTES_MAX = 0xFEFF  # up to here two bytes of length are enough


class Ccm:
    """The AEAD that wire.oscore wants. `aes(key, mode, iv)` is cryptolib.aes or of its shape.

    Each message costs one CBC call (the tag) and one ECB call (the key stream), however long it is.
    """

    def __init__(self, aes):
        self._aes = aes

    def encrypt(self, key, nonce, plaintext, aad):
        """Ciphertext with the tag of 8 bytes behind it."""
        if len(nonce) != NONCE_BYTES or len(plaintext) > _PLAINTEXT_BYTES_MAX or len(aad) > _AAD_BYTES_MAX:
            raise ValueError("nonce is 13 bytes, plaintext up to 65535, additional data up to 65279")
        tag = self._tag(key, nonce, plaintext, aad)
        return self._crypt(key, nonce, tag + plaintext, behind=True)

    def decrypt(self, key, nonce, ciphertext, aad):
        """The plaintext; ProtectionError unless key, nonce, ciphertext, tag and additional data belong together."""
        if len(ciphertext) < TAG_BYTES:
            raise ProtectionError("ciphertext is shorter than its tag")
        text = self._crypt(key, nonce, ciphertext[-TAG_BYTES:] + ciphertext[:-TAG_BYTES], behind=False)
        tag, plaintext = text[:TAG_BYTES], text[TAG_BYTES:]
        if not _equal(tag, self._tag(key, nonce, plaintext, aad)):
            raise ProtectionError("tag does not match")
        return plaintext

    def _tag(self, key, nonce, plaintext, aad):
        blocks = bytearray()
        blocks.append(0x59 if aad else 0x19)  # tag of 8 bytes, length of 2 bytes; is there additional data?
        blocks.extend(nonce)
        blocks.extend(len(plaintext).to_bytes(2, "big"))
        if aad:
            blocks.extend(len(aad).to_bytes(2, "big"))
            blocks.extend(aad)
            blocks.extend(bytes(-len(blocks) & 15))
        blocks.extend(plaintext)
        blocks.extend(bytes(-len(blocks) & 15))
        chained = self._aes(key, _CBC, bytes(16)).encrypt(blocks)
        return chained[-16 : TAG_BYTES - 16]

    def _crypt(self, key, nonce, text, behind):
        """XOR the key stream onto tag and text. The tag comes first, as its block does; `behind` puts it last."""
        head = b"\x01" + nonce
        counters = bytearray()
        for counter in range(1 + (len(text) - TAG_BYTES + 15 >> 4)):
            counters.extend(head)
            counters.extend(counter.to_bytes(2, "big"))
        stream = self._aes(key, _ECB).encrypt(counters)
        tag = _xor(text[:TAG_BYTES], stream[:TAG_BYTES])
        body = _xor(text[TAG_BYTES:], stream[16 : 16 + len(text) - TAG_BYTES])
        return body + tag if behind else tag + body


def _xor(left, right):
    # As integers: one operation in C instead of a loop of bytecode over the bytes.
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big") if left else b""


def _equal(left, right):
    """Whether two tags are equal, in a time that does not tell where they differ."""
    difference = 0
    for index in range(TAG_BYTES):
        difference |= left[index] ^ right[index]
    return difference == 0
