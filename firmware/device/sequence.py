# SPDX-License-Identifier: Apache-2.0
"""The two numbers that must never be given twice, reserved on flash before use: reading sequence and OSCORE partial IV.

A block of numbers is reserved at a time; a restart skips what was left of it. So a crash at any point costs at most
BLOCK numbers and repeats none.
"""

import struct
from hashlib import sha256

from device.sealed import CRC_SIZE, is_sealed, seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from device.ports import Flash, Random

FOLDER = "state"
READINGS = FOLDER + "/readings"
OSCORE = FOLDER + "/oscore"
BLOCK = 64
LAST = 0xFFFFFFFF - BLOCK  # no block begins beyond it: numbers are 32 bit
BOOT_COUNT_MAX = 0xFFFF  # of wire.reading

_READINGS_FORMAT = "<4sIIH"  # magic, epoch, first sequence not reserved, boot count
_READINGS_MAGIC = b"KRD1"
_OSCORE_FORMAT = "<4sI8s"  # magic, first partial IV not reserved, fingerprint of the keys
_OSCORE_MAGIC = b"KOS1"


class StateLostError(Exception):
    """The partial IVs used with these keys are not known: sending could repeat a nonce."""


class ReadingSequence:
    """Names readings: (epoch, sequence) never repeats. A new random epoch begins whenever the state was lost."""

    def __init__(self, flash: "Flash", random: "Random"):
        self._flash = flash
        state = _load(flash, READINGS, _READINGS_FORMAT, _READINGS_MAGIC)
        if state is None or state[2] > LAST or state[3] == BOOT_COUNT_MAX:
            state = (_READINGS_MAGIC, random.uint32(), 0, 0)
        _, self.epoch, self._next, self.boot_count = state
        self.boot_count += 1
        self._reserve()

    def take(self) -> int:
        if self._next == self._reserved:
            self._reserve()
        self._next += 1
        return self._next - 1

    def _reserve(self) -> None:
        reserved = self._next + BLOCK
        body = struct.pack(_READINGS_FORMAT, _READINGS_MAGIC, self.epoch, reserved, self.boot_count)
        self._flash.replace(READINGS, seal(body))
        self._reserved = reserved


class PartialIvs:
    """Partial IVs (RFC 8613 section 5) for one set of keys, known by its fingerprint (8 bytes)."""

    def __init__(self, flash: "Flash", key_fingerprint: bytes):
        """Raises StateLostError unless the state of exactly these keys is on flash."""
        self._flash = flash
        self._fingerprint = key_fingerprint
        state = _load(flash, OSCORE, _OSCORE_FORMAT, _OSCORE_MAGIC)
        if state is None:
            raise StateLostError("%s is missing or broken: give the device a new key and provision it" % OSCORE)
        if state[2] != key_fingerprint:
            raise StateLostError("%s is of another key: provision the device with a new key" % OSCORE)
        self._next = self._reserved = state[1]

    def take(self) -> int:
        if self._next == self._reserved:
            if self._next > LAST:
                raise StateLostError("every partial IV is used: give the device a new key and provision it")
            _store_oscore(self._flash, self._next + BLOCK, self._fingerprint)
            self._reserved = self._next + BLOCK
        self._next += 1
        return self._next - 1


def fingerprint(master_secret: bytes, master_salt: bytes, kid: bytes) -> bytes:
    """Names a set of keys without telling anything of them."""
    digest = sha256()
    for part in (master_secret, master_salt, kid):
        digest.update(bytes((len(part),)))
        digest.update(part)
    return digest.digest()[:8]


def provision(flash: "Flash", key_fingerprint: bytes) -> None:
    """Begin with a NEW key: its partial IVs start at 0. Repeating it with the same key changes nothing.

    Raises StateLostError when there is a broken state, which may be of this very key: remove it only with a new key.
    """
    state = _load(flash, OSCORE, _OSCORE_FORMAT, _OSCORE_MAGIC)
    if state is None and flash.read(OSCORE) is not None:
        raise StateLostError("%s is broken: make a new key, remove the file, provision again" % OSCORE)
    if state is None or state[2] != key_fingerprint:
        _store_oscore(flash, 0, key_fingerprint)


def _store_oscore(flash: "Flash", reserved: int, key_fingerprint: bytes) -> None:
    flash.replace(OSCORE, seal(struct.pack(_OSCORE_FORMAT, _OSCORE_MAGIC, reserved, key_fingerprint)))


def _load(flash: "Flash", name: str, layout: str, magic: bytes) -> "tuple | None":
    data = flash.read(name)
    size = struct.calcsize(layout) + CRC_SIZE
    if data is None or len(data) != size or not is_sealed(data, 0, size):
        return None
    state = struct.unpack_from(layout, data)
    return state if state[0] == magic else None
