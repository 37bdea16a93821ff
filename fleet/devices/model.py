# SPDX-License-Identifier: Apache-2.0
"""What a device is to the rest of the fleet: a name and its keys."""

from dataclasses import dataclass, field


class DeviceChangedError(Exception):
    """The device is gone or has other keys since it was looked up: forget what was derived from them."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device as it was looked up. Two of them are equal when name and keys are the same; keys are never shown."""

    id: int
    device: str
    kid: bytes = field(repr=False)
    master_secret: bytes = field(repr=False)
    master_salt: bytes = field(repr=False)
    id_context: bytes | None = field(default=None, repr=False)
    """What makes its present keys of its secret; None: nothing does, as before a first renewal."""
