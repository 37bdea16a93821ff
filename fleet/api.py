# SPDX-License-Identifier: Apache-2.0
"""What the rooms' routes have in common: how a list is asked for, how it is answered, how times and errors look."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from fleet.listing import ROWS_MAX, PairKey, PairPage

ID_MAX = 2**63 - 1


def iso(at_ms: int) -> str:
    """UTC milliseconds as ISO 8601: `2026-11-23T08:15:30.250Z`."""
    seconds, ms = divmod(at_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"


Instant = Annotated[str, BeforeValidator(iso), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment; made of UTC milliseconds."""

Name = Annotated[str, Field(min_length=1, max_length=200)]


class ListQuery(BaseModel):
    """How much of a list, and from where. A parameter that is not known is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=ROWS_MAX, description="how many at most")
    after: int | None = Field(None, ge=0, le=ID_MAX, description="the `next` of the page before, or an item's `id`")


class LogQuery(ListQuery):
    """The same for a list that grows at its end."""

    newest: bool = Field(False, description="the last `limit` ones instead of the first, still oldest first")


class PairQuery(BaseModel):
    """How much of a list of items at stocking locations, from where, and which."""

    model_config = ListQuery.model_config

    limit: int = ListQuery.model_fields["limit"]  # type: ignore[assignment]
    after: str | None = Field(None, pattern=r"^[0-9]{1,18}\.[0-9]{1,18}$", description="the `next` of the page before")
    item: Name | None = None
    stocking_location: Name | None = None
    site: Name | None = None

    def asked(self) -> dict[str, Any]:
        """The query with `after` as a pair of ids."""
        item_id, _, location_id = (self.after or "").partition(".")
        key: PairKey | None = (int(item_id), int(location_id)) if self.after else None
        return dict(self) | {"after": key}


class Answer(BaseModel):
    """One thing in a list, made from a row's attributes or a dictionary."""

    model_config = ConfigDict(from_attributes=True)


Item = TypeVar("Item", bound=Answer)


class Listing(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: int | None = Field(description="give it as `after` to read on; null when nothing follows now")


class PairListing(BaseModel, Generic[Item]):
    """A page of a list of items at stocking locations."""

    items: list[Item]
    next: str | None = Field(description="give it as `after` to read on; null when nothing follows now")


class Problem(BaseModel):
    """One thing wrong with a request."""

    field: str = Field(description="the parameter, or the part of the request, that is wrong")
    reason: str = Field(description="what is wrong and what would be right")


class Refusal(BaseModel):
    """The answer to every request that cannot be served: all that is wrong with it."""

    errors: list[Problem]


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The Host header names another machine"},
    404: {"model": Refusal, "description": "A filter names what does not exist"},
    422: {"model": Refusal, "description": "A parameter is wrong or unknown"},
}


def listing(item_type: type[Item], rows: Iterable[Any], next_key: int | None) -> Listing[Item]:
    """Rows of a query as the answer the API gives."""
    return Listing[item_type](items=[item_type.model_validate(row) for row in rows], next=next_key)  # type: ignore[valid-type]


def pair_listing(item_type: type[Item], page: PairPage) -> PairListing[Item]:
    """The same for rows about items at stocking locations."""
    following = f"{page.next[0]}.{page.next[1]}" if page.next else None
    return PairListing[item_type](items=[item_type.model_validate(row) for row in page.rows], next=following)  # type: ignore[valid-type]
