# SPDX-License-Identifier: Apache-2.0
"""The shapes device/ asks of its surroundings; drivers and fakes match them by shape."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

class Clock(Protocol):
    def ticks_ms(self) -> int: ...  # wraps at 2**30
    def uptime_s(self) -> int: ...  # since the power came, never wraps
    def sleep_ms(self, duration_ms: int, /) -> None: ...

class KeptClock(Protocol):
    """A clock that can count on from where it was before a reset."""

    def go_on(self, uptime_s: int, rest_ms: int, /) -> None: ...
    def keep(self, keeper: ClockKeeper, /) -> None: ...  # tell it each second what the clock says

class ClockKeeper(Protocol):
    def put_down(self, uptime_s: int, rest_ms: int, /) -> None: ...

class Rtc(Protocol):
    """What lives as long as the power: a timer, and memory that is in any state after a power-up."""

    def now_ms(self) -> int: ...
    def read(self, start: int, size: int, /) -> bytes: ...
    def write(self, start: int, data: bytes, /) -> None: ...

class Scale(Protocol):
    def read_raw(self) -> int | None: ...  # None: nothing ready yet; OSError: the chip misbehaves
    def restart(self) -> None: ...
    def power_down(self) -> None: ...  # until restart
    def widen(self) -> bool: ...  # what read_raw gives from now on is at half the gain; False: there is none
    def narrow(self) -> None: ...

class Thermometer(Protocol):
    def read_cc(self) -> int | None: ...  # hundredths of a degree Celsius, at once; None: not known now

class Reader(Protocol):
    """A module that reads tags; OSError says that it misbehaves, and `start` begins anew."""

    firmware: str
    @property
    def reads(self) -> bool: ...  # it is set up, and reads
    def start(self) -> None: ...
    def poll(self) -> Iterable[tuple[bytes, int, int]]: ...  # EPC, RSSI in dBm, antenna; returns at once

class Flash(Protocol):
    """Whatever returned survives a power cut; a call that was cut may have left a part of an append."""

    def names(self, folder: str, /) -> Iterator[str]: ...  # one at a time, in any order
    def size(self, name: str, /) -> int: ...  # 0: no such file
    def free_blocks(self) -> int: ...
    def read(self, name: str, /) -> bytes | None: ...  # None: no such file
    def read_part(self, name: str, start: int, size: int, /) -> bytes: ...  # b"": nothing there
    def append(self, name: str, data: bytes, /) -> None: ...
    def replace(self, name: str, data: bytes, /) -> None: ...  # old content or new, never a mixture
    def write(self, name: str, pieces: Iterable[bytes], /) -> None: ...  # cut, it may have left a part
    def rename(self, name: str, new_name: str, /) -> None: ...  # takes the place of what is there, all or nothing
    def remove(self, name: str, /) -> None: ...  # no such file is fine

class Radio(Protocol):
    def ready(self) -> bool: ...
    def reopen(self) -> None: ...
    def rejoin(self) -> None: ...
    def send(self, datagram: bytes, /) -> None: ...
    def receive(self) -> bytes | None: ...

class Random(Protocol):
    def uint32(self) -> int: ...
    def below(self, limit: int, /) -> int: ...

class Batch(Protocol):
    """Records that travel in one message, oldest first; `str` says which they are."""

    def __len__(self) -> int: ...
    def release(self) -> None: ...  # the message is packed: give the memory back

class Records(Protocol):
    """What an outbox keeps: records of one size, which know whether they are whole. The module device.batch is one."""

    RECORD_SIZE: int
    def Batch(self, segment: int, place: int, data: bytes, /) -> Any: ...  # noqa: N802 - has `segment` and `end`
    def record(self, epoch: int, boot_count: int, reading: tuple[Any, ...], heartbeat: bool, /) -> bytes: ...
    def is_record(self, data: bytes, index: int, /) -> bool: ...  # there, and whole
    def rules(self) -> Rules: ...

class Rules(Protocol):
    """What goes when there is no room, and what is left of it. The module device.thin_readings is one."""

    def is_heartbeat(self, data: bytes, index: int, /) -> bool: ...  # may be thinned out
    def is_gap(self, data: bytes, index: int, /) -> bool: ...
    def stream(self, data: bytes, index: int, /) -> int: ...  # 0..15: thinned, and gaps told, for each apart
    def taken(self, data: bytes, index: int, /) -> tuple[int, int, int]: ...  # epoch, boot_count, uptime_s
    def gap(self, data: bytes, index: int, before: bytes | None, /) -> bytes: ...  # for this lost one and for `before`

class Source(Protocol):
    """Something to post: keeps its records until they are acked."""

    path: str
    def peek(self, limit: int, /) -> Batch | None: ...  # the oldest, at most so many
    def pack(
        self, batch: Any, epoch: int, boot_count: int, uptime_s: int, /
    ) -> bytes | None: ...  # of the batch, which may be cut to what fits; None: it has no place in a message
    def ack(self, batch: Any, /) -> None: ...  # durable in the fleet
    def set_aside(self, batch: Any, /) -> None: ...  # a single record that the fleet will never take

class Notice(Protocol):
    """What the link tells of the batches it was given."""

    def acked(self, batch: Batch, /) -> None: ...  # durable in the fleet
    def rejected_for_good(self, batch: Batch, /) -> None: ...  # the fleet will never take it: set aside
    def news(self, payload: bytes, /) -> None: ...  # came with an ack
    def asked_to_wait(self) -> None: ...
    def no_fleet(self, reason: str, /) -> None: ...
    def no_network(self) -> None: ...
