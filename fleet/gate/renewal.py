# SPDX-License-Identifier: Apache-2.0
"""New keys for a device that lost its state (RFC 8613 appendix B.2): the R2 that is offered, and known again.

Nothing is kept of an offer. An R2 is a count and a tag over it under a key of this process, so that it is never given
twice, no other can be mistaken for it, and it ends with the process. The tag is also over the device's present ID
context: once a renewal is through, every other R2 offered until then is void, and so is the one that was taken. So a
recorded second request is good for nothing, and a flood of first ones, forged or replayed, leaves no trace.

An R2 of another process (the fleet was restarted in between, or there are two gates) is met with a new offer, and so is
a whole ID context that the database does not have, as after a backup was put back: the device goes on from there.
"""

import hmac
import itertools
import secrets

from fleet.devices.model import Device

_COUNT_BYTES = 8
_TAG_BYTES = 8
R2_BYTES = _COUNT_BYTES + _TAG_BYTES
_R3_BYTES_MIN = 8


class Offers:
    """Makes R2s, and tells whether an ID context begins with one that is good."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._count = itertools.count()

    def make(self, device: Device) -> bytes:
        """An R2 for the device as it is now."""
        count = next(self._count).to_bytes(_COUNT_BYTES, "big")
        return count + self._tag(device, count)

    def accepts(self, device: Device, id_context: bytes) -> bool:
        """Whether it is R2 || R3 with an R2 made for the device as it is now."""
        if len(id_context) < R2_BYTES + _R3_BYTES_MIN:
            return False
        tag = self._tag(device, id_context[:_COUNT_BYTES])
        return hmac.compare_digest(tag, id_context[_COUNT_BYTES:R2_BYTES])

    def _tag(self, device: Device, count: bytes) -> bytes:
        told = count + device.id.to_bytes(8, "big") + (device.id_context or b"")
        return hmac.digest(self._key, told, "sha256")[:_TAG_BYTES]
