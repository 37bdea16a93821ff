# SPDX-License-Identifier: Apache-2.0
"""A tag's event, how long a tag is before an antenna, and what its coming and going means for stock. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Message = tuple[int, int, int | None, list[tuple[int, int, int, int, int | None, int, bytes]]]
"""(epoch, boot_count, age_s, events) as wire.unpack_tags gives it."""

KINDS = ("entered", "left", "present")
"""The kinds of events by their number on the wire; the one above is a gap."""
ENTERED, LEFT, PRESENT = KINDS


class Role(StrEnum):
    """What an antenna watches over."""

    STOCK = "stock"  # a place where full packages and boxes lie
    EMPTIES = "empties"  # where empty boxes are thrown in


class Kind(StrEnum):
    """What a tag is stuck to."""

    PACKAGE = "package"  # of so many pieces, used as soon as it leaves
    BOX = "box"  # of so many pieces, used when it comes to the empties, and filled again
    BIN = "bin"  # one that a scale weighs: its tag says where it is, its scale what it holds


@dataclass(frozen=True, slots=True)
class TagEvent:
    """What a reader said of one tag once, under the name (epoch, sequence) within its device."""

    epoch: int
    sequence: int
    boot_count: int
    kind: str
    antenna: int
    uptime_s: int
    rssi_dbm: int | None
    reads: int
    epc: bytes
    taken_at_ms: int | None
    """UTC milliseconds; null when unknown, because the device has booted since."""

    def says(self) -> tuple[int | str | bytes | None, ...]:
        """What must be the same whenever the same event is sent again; times of arrival are not part of it."""
        return (self.boot_count, self.kind, self.antenna, self.uptime_s, self.rssi_dbm, self.reads, self.epc)


@dataclass(frozen=True, slots=True)
class TagGap:
    """Events of one antenna that a reader lost, having no room; named like the last of them."""

    epoch: int
    sequence: int
    boot_count: int
    antenna: int
    uptime_s: int
    lost: int
    """How many, heartbeats not counted; the greatest that fits stands for more, too."""
    taken_at_ms: int | None
    """Of the last of them; null when unknown, as of an event."""

    def says(self) -> tuple[int, ...]:
        """What must be the same whenever the same gap is sent again."""
        return (self.boot_count, self.antenna, self.uptime_s, self.lost)

    def what(self) -> str:
        """What was lost, in words."""
        return f"{self.lost} events of antenna {self.antenna}"


def from_message(message: Message, received_at_ms: int) -> list[TagEvent]:
    """The message's events. A device has no clock: `age_s` is how old its newest one was when it was sent.

    Null, or below zero, says that they stem from an earlier boot.
    """
    epoch, boot_count, _, rows = message
    when = _when(message, received_at_ms)
    return [
        TagEvent(epoch, sequence, boot_count, KINDS[kind], antenna, uptime_s, rssi_dbm, reads, epc, when(uptime_s))
        for sequence, kind, antenna, uptime_s, rssi_dbm, reads, epc in rows
        if kind < len(KINDS)
    ]


def gaps_from_message(message: Message, received_at_ms: int) -> list[TagGap]:
    """The message's gaps, which have their times as events have."""
    epoch, boot_count, _, rows = message
    when = _when(message, received_at_ms)
    return [
        TagGap(epoch, sequence, boot_count, antenna, uptime_s, lost, when(uptime_s))
        for sequence, kind, antenna, uptime_s, _, lost, _ in rows
        if kind >= len(KINDS)
    ]


def _when(message: Message, received_at_ms: int) -> Callable[[int], int | None]:
    _, _, age_s, rows = message
    newest_s = max(row[3] for row in rows)
    return lambda uptime_s: (
        None if age_s is None or age_s < 0 else received_at_ms - 1000 * (age_s + newest_s - uptime_s)
    )


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a tag may be away."""

    gone_ms: int = 60_000
    """A tag that is back sooner was never gone: tags flap at the edge of an antenna's field."""
    silent_ms: int = 3_600_000
    """A tag of which its reader, which goes on reading others, says nothing for longer is gone."""
    refill_ms: int = 4 * 3_600_000
    """An empty box that is back sooner among the empties was not filled meanwhile."""


class Step(StrEnum):
    """One line of the ledger that a tag calls for; its quantity is that of the package or box."""

    RECEIPT = "receipt"
    RETURN = "return"
    USAGE = "usage"


@dataclass(frozen=True, slots=True)
class Holding:
    """How the ledger has a package or box: among what is on hand, and whether it ever was used up."""

    is_in_stock: bool = False
    was_used: bool = False

    def after(self, step: Step) -> "Holding":
        """The same once the step is booked."""
        return Holding(False, True) if step is Step.USAGE else Holding(True, self.was_used)


def on_coming(kind: Kind, role: Role, holding: Holding, is_refilled: bool) -> tuple[Step, ...]:
    """What to book when a package or box comes before an antenna of this role, each time that it was away before.

    `is_refilled` says of a box that comes to the empties again that it was away long enough to have been filled.
    """
    if kind is Kind.BIN:
        return ()
    if role is Role.STOCK:
        if holding.is_in_stock:
            return ()
        # A package is never filled again, so one that was used and is back was not used after all.
        return (Step.RETURN if holding.was_used and kind is Kind.PACKAGE else Step.RECEIPT,)
    if holding.is_in_stock:
        return (Step.USAGE,)
    if kind is Kind.BOX and holding.was_used and is_refilled:
        return (Step.RECEIPT, Step.USAGE)  # nobody saw it come back full, but it was
    return ()


def on_going(kind: Kind, holding: Holding) -> tuple[Step, ...]:
    """What to book when a package or box has left the last antenna of its place: a box may only be in use."""
    return (Step.USAGE,) if kind is Kind.PACKAGE and holding.is_in_stock else ()
