# SPDX-License-Identifier: Apache-2.0
"""GET /bins and /counts: the bins, and how many pieces were in them, with bounds and a state."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query
from pydantic import Field

from fleet.api import REFUSALS, Answer, Instant, Listing, ListQuery, LogQuery, Name, listing
from fleet.counting import counter
from fleet.counting.queries import list_bins, list_counts
from fleet.listing import Reader


class CountState(StrEnum):
    """What a count is worth. Stock is booked and orders are made on `ok` and settled counts alone."""

    OK = counter.OK
    UNCERTAIN = counter.UNCERTAIN
    ABSENT = counter.ABSENT
    OVERLOADED = counter.OVERLOADED
    FAULT_SATURATED = counter.FAULT_SATURATED
    FAULT_STUCK = counter.FAULT_STUCK
    FAULT_NOISY = counter.FAULT_NOISY


class LatestCount(Answer):
    """The newest count of a bin; `pieces` is null while nothing has been counted yet."""

    at: Instant = Field(validation_alias="at_ms")
    pieces: int | None
    lower: int | None
    upper: int | None
    state: CountState
    settled: bool = Field(description="true: this reading was at rest, so the pieces are not those held from before")


class Bin(Answer):
    """A bin and its newest count. Grams are exact, hence strings."""

    id: int
    bin: str
    device: str
    channel: int
    item: str
    stocking_location: str
    bin_weight_g: Decimal
    cell_capacity_g: Decimal
    count: LatestCount | None = Field(description="null: not counted yet")

    @classmethod
    def of(cls, row: Any) -> Self:
        """A row of `list_bins`."""
        columns = dict(row._mapping)
        return cls.model_validate(columns | {"count": None if row.count_id is None else columns})


class Count(LatestCount):
    """What one reading of a bin says."""

    id: int
    bin: str


class BinQuery(ListQuery):
    """Which bins."""

    bin: Name | None = None
    device: Name | None = None
    item: Name | None = None
    stocking_location: Name | None = None


class CountQuery(LogQuery):
    """Which counts."""

    bin: list[Name] = Field([], max_length=100, description="repeat it for several bins; none means all")
    state: CountState | None = None


def router(read: Reader) -> APIRouter:
    """The routes about bins and counts."""
    routes = APIRouter(tags=["counting"], responses=REFUSALS)

    @routes.get("/bins")
    def bins(query: Annotated[BinQuery, Query()]) -> Listing[Bin]:
        """Bins with their newest count, in the order in which they were entered."""
        with read() as session:
            page = list_bins(session, **dict(query))
            return Listing(items=[Bin.of(row) for row in page.rows], next=page.next)

    @routes.get("/counts")
    def counts(query: Annotated[CountQuery, Query()]) -> Listing[Count]:
        """Counts, oldest first. To follow them, ask again with the last `id` as `after`."""
        given = dict(query)
        with read() as session:
            return listing(Count, *list_counts(session, bins=given.pop("bin"), **given))

    return routes
