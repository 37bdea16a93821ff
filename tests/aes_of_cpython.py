# SPDX-License-Identifier: Apache-2.0
"""The AES of the package cryptography in the shape of MicroPython's cryptolib."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class aes:  # noqa: N801 - cryptolib's name for it
    """cryptolib.aes with its modes 1 (ECB) and 2 (CBC), encryption only: CCM needs no more."""

    def __init__(self, key, mode, iv=None):
        cipher = Cipher(algorithms.AES(key), modes.ECB() if mode == 1 else modes.CBC(iv))
        self._encryptor = cipher.encryptor()

    def encrypt(self, data, into):
        """Whole blocks, chained on to those before in CBC; `into` may be `data` itself."""
        into[:] = self._encryptor.update(data)
