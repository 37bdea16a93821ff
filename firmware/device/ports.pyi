# SPDX-License-Identifier: Apache-2.0
"""The shapes device/ asks of its surroundings; drivers and fakes match them by shape."""

from typing import Protocol

from device.batch import Batch

class Clock(Protocol):
    def ticks_ms(self) -> int: ...  # wraps at 2**30
    def uptime_s(self) -> int: ...  # since start, never wraps
    def sleep_ms(self, duration_ms: int, /) -> None: ...

class Scale(Protocol):
    def read_raw(self) -> int | None: ...  # None: nothing ready yet; OSError: the chip misbehaves
    def restart(self) -> None: ...

class Flash(Protocol):
    """Whatever returned survives a power cut; a call that was cut may have left a part of an append."""

    def names(self, folder: str, /) -> list[str]: ...  # sorted
    def size(self, name: str, /) -> int: ...  # 0: no such file
    def read(self, name: str, /) -> bytes | None: ...  # None: no such file
    def read_part(self, name: str, start: int, size: int, /) -> bytes: ...  # b"": nothing there
    def append(self, name: str, data: bytes, /) -> None: ...
    def replace(self, name: str, data: bytes, /) -> None: ...  # old content or new, never a mixture
    def remove(self, name: str, /) -> None: ...  # no such file is fine

class Radio(Protocol):
    def ready(self) -> bool: ...
    def reopen(self) -> None: ...
    def send(self, datagram: bytes, /) -> None: ...
    def receive(self) -> bytes | None: ...

class Random(Protocol):
    def uint32(self) -> int: ...
    def below(self, limit: int, /) -> int: ...

class Notice(Protocol):
    """What the link tells of the readings it was given."""

    def acked(self, batch: Batch, /) -> None: ...  # durable in the fleet
    def rejected_for_good(self, batch: Batch, /) -> None: ...  # the fleet will never take it: set aside
    def asked_to_wait(self) -> None: ...
    def no_fleet(self, reason: str, /) -> None: ...
    def no_network(self) -> None: ...
