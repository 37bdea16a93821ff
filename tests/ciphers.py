# SPDX-License-Identifier: Apache-2.0
"""The AES of whichever interpreter runs the tests, in the shape of MicroPython's cryptolib, and our AEAD on it."""

from wire.ccm import Ccm

try:
    from cryptolib import aes
except ImportError:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    class aes:  # noqa: N801 - cryptolib's name for it
        """cryptolib.aes with its modes 1 (ECB) and 2 (CBC), encryption only: CCM needs no more."""

        def __init__(self, key, mode, iv=None):
            cipher = Cipher(algorithms.AES(key), modes.ECB() if mode == 1 else modes.CBC(iv))
            self._encryptor = cipher.encryptor()

        def encrypt(self, data, into):
            """Whole blocks, chained on to those before in CBC; `into` may be `data` itself."""
            into[:] = self._encryptor.update(data)


AEAD = Ccm(aes)


class RecordingAead:
    """An AEAD that remembers the last call, so that a test can look at what went into it."""

    def __init__(self):
        self.key = self.nonce = self.plaintext = self.aad = None

    def encrypt(self, key, nonce, plaintext, aad):
        """As the AEAD does."""
        self.key, self.nonce, self.plaintext, self.aad = key, nonce, plaintext, aad
        return AEAD.encrypt(key, nonce, plaintext, aad)

    def decrypt(self, key, nonce, ciphertext, aad):
        """As the AEAD does."""
        self.key, self.nonce, self.aad = key, nonce, aad
        self.plaintext = AEAD.decrypt(key, nonce, ciphertext, aad)
        return self.plaintext
