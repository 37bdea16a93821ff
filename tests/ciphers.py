# SPDX-License-Identifier: Apache-2.0
"""The AES of whichever interpreter runs the tests, in the shape of MicroPython's cryptolib, and our AEAD on it."""

from wire.ccm import Ccm

try:
    from cryptolib import aes
except ImportError:
    try:
        from tests.aes_of_cpython import aes
    except ImportError:
        from tests.aes import aes

AEAD = Ccm(aes)


class RecordingAead:
    """An AEAD that remembers the last call, so that a test can look at what went into it."""

    def __init__(self):
        self.key = self.nonce = self.plaintext = self.aad = None

    def encrypt(self, key, nonce, plaintext, aad):
        """As the AEAD does."""
        self.key, self.nonce, self.plaintext, self.aad = key, nonce, bytes(plaintext), aad
        return AEAD.encrypt(key, nonce, plaintext, aad)

    def decrypt(self, key, nonce, ciphertext, aad):
        """As the AEAD does."""
        self.key, self.nonce, self.aad = key, nonce, aad
        self.plaintext = AEAD.decrypt(key, nonce, ciphertext, aad)
        return self.plaintext
