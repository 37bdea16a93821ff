# SPDX-License-Identifier: Apache-2.0
"""The two numbers that must never be given twice, reserved on flash before use: reading sequence and OSCORE partial IV.

A block of numbers is reserved at a time; a restart skips what was left of it. So a crash at any point costs at most
BLOCK numbers and repeats none.
"""

import struct

from wire import const

from device.sealed import CRC_SIZE, is_sealed, seal

_TYPING = const(0)
if _TYPING:
    from device.ports import Flash, Random

FOLDER = "state"
OSCORE = FOLDER + "/oscore"
BLOCK = const(64)

READINGS = const("state/readings")
_LAST = const(0xFFFFFFBF)  # a block less than 32 bits can say: no block begins beyond it
_BOOT_COUNT_MAX = const(0xFFFF)  # of wire.reading
_READINGS_FORMAT = const("<4sIIH")  # magic, epoch, first sequence not reserved, boot count
_KEPT_FORMAT = const("<II")  # next number, first not reserved
_READINGS_MAGIC = const(b"KRD1")
# magic, first partial IV not reserved, fingerprint of the secret, does the fleet have the ID context; it follows
_OSCORE_FORMAT = const("<4sI8sB")
_OSCORE_MAGIC = const(b"KOS2")


class StateLostError(Exception):
    """The partial IVs used with these keys are not known, or used up: sending could repeat a nonce."""


class ReadingSequence:
    """Names readings: (epoch, sequence) never repeats. A new random epoch begins whenever the state was lost.

    `boot_count` counts the beginnings of the clock. `boot` is (epoch, boot_count) of the clock that goes on after a
    reset, None: it begins anew. `kept` is what `state` gave before a deep sleep: numbers that are reserved already.
    """

    def __init__(self, flash: "Flash", random: "Random", boot: "tuple[int, int] | None" = None, kept: bytes = b""):
        self._flash = flash
        state = _load(flash, READINGS, _READINGS_FORMAT, _READINGS_MAGIC)
        if state is not None and (state[1], state[3]) == boot and len(kept) == struct.calcsize(_KEPT_FORMAT):
            self.epoch, self.boot_count = boot
            self._next, self._reserved = struct.unpack(_KEPT_FORMAT, kept)
            if self._reserved == state[2]:
                return
        if state is not None and (state[1], state[3]) != boot:
            state = None if state[3] == _BOOT_COUNT_MAX else state[:3] + (state[3] + 1,)
        if state is None or state[2] > _LAST:
            state = (_READINGS_MAGIC, random.uint32(), 0, 1)
        _, self.epoch, self._next, self.boot_count = state[:4]
        self._reserve()

    def state(self) -> bytes:
        """What a deep sleep keeps; no number may be taken after it."""
        return struct.pack(_KEPT_FORMAT, self._next, self._reserved)

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
    """Partial IVs (RFC 8613) of one secret, known by its fingerprint (8 bytes), for one ID context at a time.

    Each ID context begins at 0, and only ever once: whoever calls `begin` brings one that no other call ever brought.
    """

    def __init__(self, flash: "Flash", key_fingerprint: bytes, kept: bytes = b""):
        self._flash = flash
        self._fingerprint = key_fingerprint
        self._next = self._reserved = _LAST + 1  # nothing may be taken
        self.id_context = b""  # none
        self.is_lost = True  # nothing is known of this secret: only `begin` helps
        self.is_told = False  # the fleet is known to have the ID context
        state = _load(flash, OSCORE, _OSCORE_FORMAT, _OSCORE_MAGIC)
        if state is not None and state[2] == key_fingerprint:
            self._next = self._reserved = state[1]
            self.is_told = bool(state[3])
            self.id_context = state[4]
            self.is_lost = False
            self._go_on(kept)

    def _go_on(self, kept: bytes) -> None:
        """Where the numbers were before a deep sleep, unless flash has other ones by now."""
        if len(kept) == struct.calcsize(_KEPT_FORMAT):
            next_iv, reserved = struct.unpack(_KEPT_FORMAT, kept)
            if reserved == self._reserved and next_iv <= reserved:
                self._next = next_iv

    def state(self) -> bytes:
        """What a deep sleep keeps; no number may be taken after it."""
        return struct.pack(_KEPT_FORMAT, self._next, self._reserved)

    def take(self) -> int:
        if self._next == self._reserved and self._next > _LAST:
            self.is_lost = True
        if self.is_lost:
            raise StateLostError
        if self._next == self._reserved:
            self._store(self._next + BLOCK)
        self._next += 1
        return self._next - 1

    def begin(self, id_context: bytes) -> None:
        """From here on the numbers are of this new ID context, from 0; it is on flash with the first of them."""
        self.id_context = id_context
        self.is_lost = self.is_told = False
        self._next = self._reserved = 0

    def tell(self) -> None:
        """The fleet has the ID context: no message need name it any more, after a restart neither."""
        if not self.is_told:
            self.is_told = True
            self._store(self._reserved)

    def _store(self, reserved: int) -> None:
        head = struct.pack(_OSCORE_FORMAT, _OSCORE_MAGIC, reserved, self._fingerprint, self.is_told)
        self._flash.replace(OSCORE, seal(head + self.id_context))
        self._reserved = reserved


def _load(flash: "Flash", name: str, layout: str, magic: bytes) -> "tuple | None":
    """What the file holds, with the bytes behind it; None when the file is missing, broken, or cannot be read."""
    try:
        data = flash.read(name)
    except OSError:
        return None
    size = struct.calcsize(layout)
    if data is None or len(data) < size + CRC_SIZE or not is_sealed(data, 0, len(data)):
        return None
    state = struct.unpack_from(layout, data)
    return state + (data[size:-CRC_SIZE],) if state[0] == magic else None
