# SPDX-License-Identifier: Apache-2.0
"""AES-128 (FIPS 197) in plain Python, for tests on an interpreter that has none: slow, and no secret is safe in it."""


def _double(byte):
    return byte << 1 ^ (0x11B if byte & 0x80 else 0)


def _make_sbox():
    """As `power` goes through the powers of 3 in the field, `inverse` goes through those of 1/3."""
    sbox = bytearray(256)
    sbox[0] = 0x63
    power = inverse = 1
    while True:
        power ^= _double(power)
        inverse ^= inverse << 1
        inverse ^= inverse << 2
        inverse = (inverse ^ inverse << 4) & 0xFF
        if inverse & 0x80:
            inverse ^= 9
        wide = inverse * 0x101
        sbox[power] = (inverse ^ wide >> 7 ^ wide >> 6 ^ wide >> 5 ^ wide >> 4) & 0xFF ^ 0x63
        if power == 1:
            return bytes(sbox)


SBOX = _make_sbox()
DOUBLE = bytes([_double(byte) for byte in range(256)])

_MADE = {}  # round keys of the keys seen before


def _round_keys(key):
    keys = bytearray(key)
    constant = 1
    for start in range(16, 176, 4):
        word = keys[start - 4 : start]
        if start % 16 == 0:
            word = bytes((SBOX[word[1]] ^ constant, SBOX[word[2]], SBOX[word[3]], SBOX[word[0]]))
            constant = _double(constant)
        for index in range(4):
            keys.append(keys[start - 16 + index] ^ word[index])
    return keys


class aes:  # noqa: N801 - cryptolib's name for it
    """cryptolib.aes with its modes 1 (ECB) and 2 (CBC), encryption only: CCM needs no more."""

    def __init__(self, key, mode, iv=None):
        key = bytes(key)
        if key not in _MADE:
            _MADE[key] = _round_keys(key)
        self._keys = _MADE[key]
        self._chain = bytearray(iv) if mode == 2 else None

    def encrypt(self, data, into):
        """Whole blocks, chained on to those before in CBC; `into` may be `data` itself."""
        for start in range(0, len(data), 16):
            block = bytearray(data[start : start + 16])
            if self._chain is not None:
                _xor(block, self._chain)
                self._chain = block
            _encrypt(block, self._keys)
            into[start : start + 16] = block


def _xor(block, other):
    for index in range(16):
        block[index] ^= other[index]


def _encrypt(state, keys, sbox=SBOX, double=DOUBLE):
    """One block in place; row r of a column comes from r columns further (ShiftRows)."""
    _xor(state, keys)
    for start in range(16, 160, 16):
        old = bytes(state)
        for column in range(0, 16, 4):
            a, b = sbox[old[column]], sbox[old[column + 5 & 15]]
            c, d = sbox[old[column + 10 & 15]], sbox[old[column + 15 & 15]]
            total, place = a ^ b ^ c ^ d, start + column
            state[column] = a ^ total ^ double[a ^ b] ^ keys[place]
            state[column + 1] = b ^ total ^ double[b ^ c] ^ keys[place + 1]
            state[column + 2] = c ^ total ^ double[c ^ d] ^ keys[place + 2]
            state[column + 3] = d ^ total ^ double[d ^ a] ^ keys[place + 3]
    old = bytes(state)
    for index in range(16):
        state[index] = sbox[old[5 * index & 15]] ^ keys[160 + index]
