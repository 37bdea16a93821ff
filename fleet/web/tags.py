# SPDX-License-Identifier: Apache-2.0
"""The page about readers and the tags before them at /tags, and the part of it that is fetched again and again."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from fleet.clock import Clock
from fleet.listing import Reader
from fleet.tags.epc import decode
from fleet.tags.model import Kind, Role
from fleet.tags.queries import list_antennas, list_present
from fleet.web.render import templates
from fleet.web.view import Standing

TAGS_MAX = 300
POLL_S = 5

IN_STOCK = Standing("In stock", "ok")
EMPTY = Standing("Empty", "order")
ELSEWHERE = Standing("Wrong place", "warn")
UNBOUND = Standing("Not bound", "idle")
SEEN = Standing("Seen", "idle")


@dataclass(frozen=True)
class Tag:
    """A tag before an antenna, in words."""

    id: int
    what: str
    name: str
    where: str
    standing: Standing
    since_ms: int
    seen_ms: int


@dataclass(frozen=True)
class TagReader:
    """A reader, what its antennas watch over, and the tags before them."""

    device: str
    last_seen_ms: int | None
    watches: str
    tags: list[Tag]


def router(read: Reader, clock: Clock) -> APIRouter:
    """The routes that answer HTML."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    pages = templates(clock)

    def show(template: str) -> HTMLResponse:
        return HTMLResponse(pages.get_template(template).render(_content(read)))

    @routes.get("/tags")
    def tags() -> HTMLResponse:
        """The whole page."""
        return show("tags.html")

    @routes.get("/parts/tags")
    def tags_part() -> HTMLResponse:
        """What changes on it."""
        return show("tags_live.html")

    return routes


def _content(read: Reader) -> dict[str, Any]:
    with read() as session:
        present = list_present(session, limit=TAGS_MAX, after=None, device=None, epc=None)
        antennas = list_antennas(session)
    seen: dict[str, list[Any]] = {row.device: [] for row in antennas}
    for row in present.rows:
        seen.setdefault(row.device, []).append(row)
    return {
        "readers": [_reader(device, seen[device], antennas) for device in sorted(seen)],
        "tags": len(present.rows),
        "tags_are_cut": present.next is not None,
        "poll_s": POLL_S,
    }


def _reader(device: str, rows: list[Any], antennas: Any) -> TagReader:
    own = [row for row in antennas if row.device == device]
    watches = [f"{row.antenna} {_watched(row.role)} of {row.stocking_location}" for row in own]
    heard = [row.last_seen_at_ms for row in own] or [None]
    return TagReader(device, heard[0], ", ".join(watches), [tag(row) for row in rows])


def tag(row: Any) -> Tag:
    """A row of `list_present` as it is shown."""
    place = "" if row.role is None else f", {_watched(row.role)} of {row.at_stocking_location}"
    return Tag(
        id=row.id,
        what=_what(row),
        name=_name(row.epc),
        where=f"Antenna {row.antenna}{place}",
        standing=_standing(row),
        since_ms=row.entered_at_ms,
        seen_ms=row.seen_at_ms,
    )


def _what(row: Any) -> str:
    if row.bound_kind is None:
        return "Nothing is bound to it"
    if row.bound_kind == Kind.BIN:
        return f"Bin {row.bin}"
    return f"{row.bound_kind.capitalize()} of {row.qty} {row.item_name or row.item}"


def _name(epc: bytes) -> str:
    known = decode(epc)
    if known is None:
        return epc.hex().upper()
    return " ".join(f"{name.upper() if name != 'serial' else name} {value}" for name, value in known.keys.items())


def _standing(row: Any) -> Standing:
    if row.bound_kind is None:
        return UNBOUND
    if row.bound_kind == Kind.BIN or row.role is None:
        return SEEN
    if row.role == Role.EMPTIES:
        return EMPTY
    return IN_STOCK if row.stocking_location == row.at_stocking_location else ELSEWHERE


def _watched(role: str) -> str:
    return "the empties" if role == Role.EMPTIES else "stock"
