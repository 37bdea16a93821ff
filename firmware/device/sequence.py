# SPDX-License-Identifier: Apache-2.0
"""The two numbers that must never be given twice, reserved on flash before use: reading sequence and OSCORE partial IV.

A block of numbers is reserved at a time; a restart skips what was left of it. So a crash at any point costs at most
BLOCK numbers and repeats none.
"""

import struct

from wire import const

from device.sealed import CRC_SIZE, is_sealed, seal

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from device.ports import Flash, Random

FOLDER = "state"
OSCORE = FOLDER + "/oscore"
BLOCK = const(64)

READINGS = const("state/readings")
_LAST = const(0xFFFFFFBF)  # a block less than 32 bits can say: no block begins beyond it
_BOOT_COUNT_MAX = const(0xFFFF)  # of wire.reading
_READINGS_FORMAT = const("<4sIIH")  # magic, epoch, first sequence not reserved, boot count
_READINGS_MAGIC = const(b"KRD1")
_OSCORE_FORMAT = const("<4sI8s")  # magic, first partial IV not reserved, fingerprint of the keys
_OSCORE_MAGIC = const(b"KOS1")


class StateLostError(Exception):
    """The partial IVs used with these keys are not known: sending could repeat a nonce."""


class ReadingSequence:
    """Names readings: (epoch, sequence) never repeats. A new random epoch begins whenever the state was lost."""

    def __init__(self, flash: "Flash", random: "Random"):
        self._flash = flash
        state = _load(flash, READINGS, _READINGS_FORMAT, _READINGS_MAGIC)
        if state is None or state[2] > _LAST or state[3] == _BOOT_COUNT_MAX:
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
        state = load_oscore(flash)
        if state is None:
            raise StateLostError("%s is missing or broken: give the device a new key and provision it" % OSCORE)
        if state[2] != key_fingerprint:
            raise StateLostError("%s is of another key: provision the device with a new key" % OSCORE)
        self._next = self._reserved = state[1]

    def take(self) -> int:
        if self._next == self._reserved:
            if self._next > _LAST:
                raise StateLostError("every partial IV is used: give the device a new key and provision it")
            store_oscore(self._flash, self._next + BLOCK, self._fingerprint)
            self._reserved = self._next + BLOCK
        self._next += 1
        return self._next - 1


def load_oscore(flash: "Flash") -> "tuple | None":
    """(magic, first partial IV not reserved, fingerprint), None when the file is missing or broken."""
    return _load(flash, OSCORE, _OSCORE_FORMAT, _OSCORE_MAGIC)


def store_oscore(flash: "Flash", reserved: int, key_fingerprint: bytes) -> None:
    """Reserve the partial IVs below `reserved` for these keys."""
    flash.replace(OSCORE, seal(struct.pack(_OSCORE_FORMAT, _OSCORE_MAGIC, reserved, key_fingerprint)))


def _load(flash: "Flash", name: str, layout: str, magic: bytes) -> "tuple | None":
    data = flash.read(name)
    size = struct.calcsize(layout) + CRC_SIZE
    if data is None or len(data) != size or not is_sealed(data, 0, size):
        return None
    state = struct.unpack_from(layout, data)
    return state if state[0] == magic else None
