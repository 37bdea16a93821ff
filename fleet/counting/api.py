# SPDX-License-Identifier: Apache-2.0
"""GET /bins, /counts, /events and /tasks: the pieces in the bins, how sure that is, and what to count by hand."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Query
from pydantic import Field

from fleet.api import REFUSALS, Answer, Instant, Listing, ListQuery, LogQuery, Name, listing
from fleet.counting import counter
from fleet.counting.queries import list_bins, list_counts, list_events, list_tasks
from fleet.listing import Reader


class CountState(StrEnum):
    """What a count is worth. Stock is booked and orders are made on counts that are evidence alone."""

    OK = counter.OK
    UNCERTAIN = counter.UNCERTAIN
    ABSENT = counter.ABSENT
    FOREIGN = counter.FOREIGN
    OVERLOADED = counter.OVERLOADED
    FAULT_SATURATED = counter.FAULT_SATURATED
    FAULT_STUCK = counter.FAULT_STUCK
    FAULT_OPEN = counter.FAULT_OPEN
    FAULT_NOISY = counter.FAULT_NOISY
    STALE = counter.STALE


class EventKind(StrEnum):
    """What a change of a count was; `correct`: nobody did anything, the count before was wrong."""

    PICK = counter.PICK
    REFILL = counter.REFILL
    RETURN = counter.RETURN
    CORRECT = counter.CORRECT


class LatestCount(Answer):
    """The newest count of a bin; `pieces` is null while nothing has been counted yet."""

    at: Instant = Field(validation_alias="at_ms")
    pieces: int | None
    mean: float | None = Field(description="what the pieces are expected to be")
    sd: float | None = Field(description="their standard deviation, in pieces")
    lower: int | None
    upper: int | None
    state: CountState
    is_settled: bool = Field(description="true: this reading was at rest, so the pieces are not those held from before")
    is_evidence: bool = Field(description="true: stock is booked and orders are made on it")


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
    count_anyway_reason: str | None = Field(
        description="why it counts an item that its cell cannot tell piece by piece; null: nobody insists on that"
    )
    count: LatestCount | None = Field(description="null: not counted yet")

    @classmethod
    def of(cls, row: Any) -> Self:
        """A row of `list_bins`."""
        columns = dict(row._mapping)
        return cls.model_validate(columns | {"count": None if row.count_id is None else columns})


class Count(LatestCount):
    """What one reading of a bin, or one stocktake, says."""

    id: int
    bin: str


class Event(Answer):
    """A change of a bin's count. The deltas of a bin's events add up to the change of its pieces."""

    id: int
    bin: str
    at: Instant = Field(validation_alias="at_ms")
    kind: EventKind
    delta: int = Field(description="pieces more, or fewer")


class Task(Answer):
    """A bin to be counted by hand, because its scale could not for too long."""

    id: int
    bin: str
    item: str
    stocking_location: str
    reason: CountState = Field(description="the state of its counts; `stale`: nothing is heard of it")
    since: Instant = Field(validation_alias="since_ms")
    raised_at: Instant = Field(validation_alias="raised_at_ms")
    closed_at: Instant | None = Field(validation_alias="closed_at_ms", description="null: still to be counted")
    closed_by: Literal["stocktake", "well"] | None = Field(description="`well`: its scale can count it again")


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


class EventQuery(LogQuery):
    """Which events."""

    bin: Name | None = None


class TaskQuery(ListQuery):
    """Which tasks."""

    bin: Name | None = None
    open: bool | None = Field(None, description="true: those still to be done; false: the others; left out: all")


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

    @routes.get("/events")
    def events(query: Annotated[EventQuery, Query()]) -> Listing[Event]:
        """Changes of counts, oldest first. To follow them, ask again with the last `id` as `after`."""
        with read() as session:
            return listing(Event, *list_events(session, **dict(query)))

    @routes.get("/tasks")
    def tasks(query: Annotated[TaskQuery, Query()]) -> Listing[Task]:
        """Bins to be counted by hand, and those that were, in the order in which the tasks were raised."""
        with read() as session:
            return listing(Task, *list_tasks(session, **dict(query)))

    return routes
