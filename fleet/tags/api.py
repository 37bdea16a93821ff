# SPDX-License-Identifier: Apache-2.0
"""GET /tags, /tag-events, /tag-gaps: what readers see, saw and lost; /tag-bindings: what the tags are stuck to."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from sqlalchemy.orm import Session

from fleet.api import REFUSALS, Answer, Instant, Listing, ListQuery, LogQuery, Name, Refusal, listing
from fleet.clock import Clock
from fleet.listing import Reader
from fleet.tags.binding import Binding, bind, unbind
from fleet.tags.epc import decode
from fleet.tags.model import Kind
from fleet.tags.queries import get_binding, list_bindings, list_events, list_gaps, list_present

Writer = Callable[[], AbstractContextManager[Session]]
"""Opens a session in a write transaction: `fleet.db.write` with its engine filled in."""

QTY_MAX = 1_000_000_000

Digits = Annotated[str, Field(pattern=r"^([0-9a-fA-F]{2}){2,62}$", description="the EPC in hexadecimal digits")]
Epc = Annotated[bytes, PlainSerializer(bytes.hex, return_type=str), Field(description="the EPC in hexadecimal digits")]


class Named(Answer):
    """What an EPC names by GS1's Tag Data Standard."""

    scheme: str
    uri: str
    keys: dict[str, str] = Field(description="gtin and serial, sscc, gln and extension, grai, giai")


class _Bound(Answer):
    qty: int | None = Field(description="pieces in the package or box")
    item: str | None
    stocking_location: str | None = Field(description="where they belong")
    bin: str | None


class Tag(_Bound):
    """A tag that is before an antenna now. Where it is bound to nothing, what it is bound to is null."""

    id: int
    epc: Epc
    named: Named | None = Field(description="null: the EPC is of no scheme that is known")
    device: str
    antenna: int
    role: Literal["stock", "empties"] | None = Field(description="null: nobody said what the antenna watches over")
    at_stocking_location: str | None = Field(description="where the antenna is")
    since: Instant
    seen_at: Instant
    rssi_dbm: int | None
    kind: Kind | None


class TagEvent(Answer):
    """One event; (device, epoch, sequence) names it for ever."""

    id: int
    device: str
    epoch: int
    sequence: int
    boot_count: int
    kind: Literal["entered", "left", "present"]
    antenna: int
    uptime_s: int
    rssi_dbm: int | None
    reads: int = Field(description="how often the tag was read since its event before")
    epc: Epc
    received_at: Instant = Field(validation_alias="received_at_ms")
    taken_at: Instant | None = Field(validation_alias="taken_at_ms", description="null: before the device's last boot")


class TagGap(Answer):
    """Events that a reader lost, having no room; (device, epoch, sequence) names the last of them, and the gap."""

    id: int
    device: str
    epoch: int
    sequence: int
    boot_count: int
    antenna: int
    uptime_s: int
    lost: int = Field(description="how many, heartbeats not counted; 65535 or more")
    received_at: Instant = Field(validation_alias="received_at_ms")
    taken_at: Instant | None = Field(
        validation_alias="taken_at_ms", description="of the last of them; null: before the device's last boot"
    )


class TagBinding(_Bound):
    """What a tag is stuck to."""

    id: int
    epc: Epc
    named: Named | None = Field(description="null: the EPC is of no scheme that is known")
    kind: Kind
    is_in_stock: bool = Field(description="true: its pieces are among those on hand")
    bound_at: Instant


class NewBinding(BaseModel):
    """Sticks a tag to a package or box (item, stocking_location, qty) or to a bin (bin)."""

    model_config = ConfigDict(extra="forbid")

    epc: Digits
    kind: Kind
    item: Name | None = None
    stocking_location: Name | None = None
    qty: int | None = Field(None, ge=1, le=QTY_MAX, strict=True, description="pieces in the package or box")
    bin: Name | None = None
    in_stock: bool = Field(False, description="true: the pieces are there already, unseen by any reader")


class _OfTag(BaseModel):
    epc: Digits | None = None

    def asked(self) -> dict[str, Any]:
        """The query with the EPC as bytes."""
        return dict(self) | {"epc": None if self.epc is None else bytes.fromhex(self.epc)}


class TagQuery(_OfTag, ListQuery):
    """Which tags."""

    device: Name | None = None


class TagEventQuery(_OfTag, LogQuery):
    """Which events."""

    device: Name | None = None


class TagGapQuery(LogQuery):
    """Whose gaps."""

    device: Name | None = None


class TagBindingQuery(_OfTag, ListQuery):
    """Which bindings."""


_REFUSALS: dict[int | str, dict[str, Any]] = REFUSALS | {
    403: {"model": Refusal, "description": "A page of another host asks"},
    404: {"model": Refusal, "description": "There is no such thing"},
    409: {"model": Refusal, "description": "The tag is bound already, or scales tell the stock there"},
    413: {"model": Refusal, "description": "The body is too long"},
}


def router(read: Reader, write: Writer, clock: Clock) -> APIRouter:
    """The routes about tags."""
    routes = APIRouter(tags=["tags"])

    @routes.get("/tags", responses=REFUSALS)
    def tags(query: Annotated[TagQuery, Query()]) -> Listing[Tag]:
        """Tags that are before an antenna now, in the order in which they came."""
        with read() as session:
            page = list_present(session, **query.asked())
            return listing(Tag, [_tag(row) for row in page.rows], page.next)

    @routes.get("/tag-events", responses=REFUSALS)
    def tag_events(query: Annotated[TagEventQuery, Query()]) -> Listing[TagEvent]:
        """What readers said of tags, oldest first."""
        with read() as session:
            return listing(TagEvent, *list_events(session, **query.asked()))

    @routes.get("/tag-gaps", responses=REFUSALS)
    def tag_gaps(query: Annotated[TagGapQuery, Query()]) -> Listing[TagGap]:
        """What readers lost and say so, in the order in which it came."""
        with read() as session:
            return listing(TagGap, *list_gaps(session, **dict(query)))

    @routes.get("/tag-bindings", responses=REFUSALS)
    def tag_bindings(query: Annotated[TagBindingQuery, Query()]) -> Listing[TagBinding]:
        """What tags are stuck to, in the order in which they were bound."""
        with read() as session:
            page = list_bindings(session, **query.asked())
            return listing(TagBinding, [_binding(row) for row in page.rows], page.next)

    @routes.post("/tag-bindings", status_code=201, responses=_REFUSALS)
    def bind_tag(body: NewBinding) -> TagBinding:
        """Sticks a tag to something. A package whose tag is at its place just now has arrived."""
        said = body.model_dump() | {"epc": bytes.fromhex(body.epc)}
        with write() as session:
            bind(session, Binding(**said), clock.now_ms())
            row = list_bindings(session, limit=1, after=None, epc=said["epc"]).rows[0]
            return TagBinding.model_validate(_binding(row))

    @routes.delete("/tag-bindings/{epc}", status_code=204, responses=_REFUSALS)
    def unbind_tag(epc: Annotated[Digits, Path()]) -> None:
        """Takes a binding off. What of its pieces is on hand is booked out as an adjustment."""
        with write() as session:
            unbind(session, get_binding(session, bytes.fromhex(epc)), clock.now_ms())

    return routes


def _tag(row: Any) -> dict[str, Any]:
    return dict(row._mapping) | {
        "named": decode(row.epc),
        "kind": row.bound_kind,
        "since": row.entered_at_ms,
        "seen_at": row.seen_at_ms,
    }


def _binding(row: Any) -> dict[str, Any]:
    return dict(row._mapping) | {"named": decode(row.epc), "kind": row.bound_kind, "bound_at": row.bound_at_ms}
