# SPDX-License-Identifier: Apache-2.0
"""AES as the board has it: `aes(key, mode, iv)` with mode 1 = ECB and 2 = CBC; stock images have no other."""

from cryptolib import aes

__all__ = ("aes",)
