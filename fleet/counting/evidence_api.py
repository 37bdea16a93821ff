# SPDX-License-Identifier: Apache-2.0
"""POST /bins/{bin}/stocktake and /bins/{bin}/refill: what people say of a bin beside its scale."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from fleet.api import REFUSALS, Answer, Instant, Name, Refusal
from fleet.clock import Clock
from fleet.counting.evidence import REFILL, STOCKTAKE, Evidence, put_down

Writer = Callable[[], AbstractContextManager[Session]]
"""Opens a session in a write transaction: `fleet.db.write` with its engine filled in."""

SAID_BY = "api"  # until there are accounts
NOTE_MAX = 500

Bin = Annotated[Name, Path(description="the bin's name")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=100,
        description="your own name for this: sent again under the same name, it is taken once",
    ),
]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    note: str = Field("", max_length=NOTE_MAX, description="whatever is worth knowing about it")


class Stocktake(_Words):
    """Somebody counted the pieces in a bin."""

    count: int = Field(ge=0, le=1_000_000_000, description="pieces in the bin now")


class Refill(_Words):
    """Somebody put packs into a bin, just before or about now."""

    packs: int = Field(ge=1, le=10_000, description="whole packs of the item")


class Said(Answer):
    """What was put down. It is counted within seconds: the bin's newest count says so."""

    id: int
    bin: str
    kind: Literal["stocktake", "refill"]
    quantity: int = Field(description="pieces of a stocktake, packs of a refill")
    at: Instant = Field(validation_alias="at_ms")
    note: str


_REFUSALS: dict[int | str, dict[str, Any]] = REFUSALS | {
    403: {"model": Refusal, "description": "A page of another host asks"},
    404: {"model": Refusal, "description": "There is no such bin"},
    409: {"model": Refusal, "description": "The Idempotency-Key was used for something else"},
    413: {"model": Refusal, "description": "The body is too long"},
}


def router(write: Writer, clock: Clock, heard: Callable[[], None]) -> APIRouter:
    """The routes that take what people say; `heard` is called when there is something new to count."""
    routes = APIRouter(tags=["counting"], responses=_REFUSALS)

    def say(bin: str, said: Evidence, response: Response) -> Said:
        with write() as session:
            row, is_new = put_down(session, bin, said, clock.now_ms())
            answer = {name: getattr(row, name) for name in ("id", "kind", "quantity", "at_ms", "note")}
        if is_new:
            heard()
        else:
            response.status_code = 200
        return Said.model_validate(answer | {"bin": bin})

    told: dict[int | str, dict[str, Any]] = {
        200: {"model": Said, "description": "It was put down before, under the same Idempotency-Key"}
    }

    @routes.post("/bins/{bin}/stocktake", status_code=201, responses=told)
    def stocktake(bin: Bin, body: Stocktake, response: Response, key: Key = None) -> Said:
        """Somebody counted this bin: from here on the scale only tells the changes."""
        return say(bin, Evidence(STOCKTAKE, body.count, SAID_BY, body.note, key), response)

    @routes.post("/bins/{bin}/refill", status_code=201, responses=told)
    def refill(bin: Bin, body: Refill, response: Response, key: Key = None) -> Said:
        """Somebody refilled this bin: it helps to learn the piece weight; the pieces are counted by the scale."""
        return say(bin, Evidence(REFILL, body.packs, SAID_BY, body.note, key), response)

    return routes
