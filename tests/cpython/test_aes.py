# SPDX-License-Identifier: Apache-2.0
"""The AES in plain Python, by which the wire is tested where the interpreter has none, is AES."""

import random

import pytest

from tests import aes, aes_of_cpython


@pytest.mark.parametrize("mode", [1, 2], ids=["ECB", "CBC"])
def test_it_encrypts_as_the_package_cryptography_does(mode: int) -> None:
    chance = random.Random(197)
    for _ in range(50):
        key, iv, data = chance.randbytes(16), chance.randbytes(16), chance.randbytes(80)
        ours, theirs = bytearray(80), bytearray(80)
        aes.aes(key, mode, iv).encrypt(data, ours)
        aes_of_cpython.aes(key, mode, iv).encrypt(data, theirs)
        assert ours == theirs
