# SPDX-License-Identifier: Apache-2.0
"""The overview of each site: how many items and bins stand how, and what will be used up first. From current state."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from fleet.counting import counter
from fleet.counting.silence import stale_after_ms
from fleet.counting.tables import BinRow, CounterStateRow, CountTaskRow
from fleet.devices.tables import DeviceRow
from fleet.series.model import NS_IN_MS, Point, Value
from fleet.series.places import Tags, places, sites
from fleet.series.schema import RISK_RANKS, SITE_STATUS, Measurement
from fleet.series.standing import BELOW_SAFETY, COVER_BELOW_DAYS, COVER_MORE, DAY_MS, EXCESS, HEALTHY, OUT, TO_REORDER
from fleet.series.tables import ItemStandingRow
from fleet.stock.tables import StockingLocationRow, StockRow

_ITEMS = {
    OUT: "items_out",
    BELOW_SAFETY: "items_below_safety",
    TO_REORDER: "items_reorder",
    HEALTHY: "items_healthy",
    EXCESS: "items_excess",
}
_FAULTS = (
    counter.OVERLOADED,
    counter.FAULT_STUCK,
    counter.FAULT_SATURATED,
    counter.FAULT_OPEN,
    counter.FAULT_NOISY,
)

Seen = dict[Tags, dict[str, Value]]
"""The fields of points, by their tags."""


def site_statuses(session: Session, now_ms: int) -> Seen:
    """The fields of `site_status` of every site, zeros too."""
    tags = sites(session)
    names = [field.name for field in SITE_STATUS.fields]
    statuses: dict[int, dict[str, Value]] = {site_id: dict.fromkeys(names, 0.0) for site_id in tags}
    for site_id, name, number in (
        *_items(session),
        *_cover(session),
        *_in_doubt(session),
        *_bins(session, now_ms),
        *_tasks(session),
    ):
        if site_id in statuses:
            statuses[site_id][name] = float(statuses[site_id][name]) + number
    return {tags[site_id]: fields for site_id, fields in statuses.items()}


def risks(session: Session) -> Seen:
    """The fields of `risk`: what each site will use up first, by the day on which it will be gone."""
    cover = case((ItemStandingRow.standing == OUT, 0.0), else_=ItemStandingRow.days_of_cover)
    order = (cover, ItemStandingRow.item_id, ItemStandingRow.stocking_location_id)
    rank = func.row_number().over(partition_by=ItemStandingRow.site_id, order_by=order).label("rank")
    ranked = select(ItemStandingRow, rank).where(cover.is_not(None)).subquery()
    rows = session.execute(select(ranked).where(ranked.c.rank <= RISK_RANKS)).all()
    names = places(session, [(row.item_id, row.stocking_location_id) for row in rows])
    found: Seen = {}
    for row in rows:
        *site, location, item = names[row.item_id, row.stocking_location_id][1]
        days = 0.0 if row.standing == OUT else float(row.days_of_cover or 0.0)
        found[(*site, f"{row.rank:02}")] = {
            "risk_item": item,
            "risk_location": location,
            "days_of_cover": days,
            "stockout_at_s": float(round((row.weighed_at_ms + days * DAY_MS) / 1000)),
            "qty_on_hand": float(row.qty_on_hand),
            "qty_on_order": float(row.qty_on_order),
            "standing": float(row.standing),
        }
    return found


def fleet_risks(risks: Seen) -> Seen:
    """The fields of `fleet_risk`: the first of all of these."""
    first = sorted(risks.items(), key=lambda risk: (risk[1]["days_of_cover"], risk[0]))[:RISK_RANKS]
    return {
        (f"{rank:02}",): {"risk_customer": customer, "risk_site": site, **fields}
        for rank, ((customer, site, _), fields) in enumerate(first, start=1)
    }


def overview_points(measurement: str, seen: Seen, now_ms: int) -> list[Point]:
    """A point for each set of tags."""
    return [Point(measurement, tags, now_ms * NS_IN_MS, fields) for tags, fields in seen.items()]


def free_ranks(measurement: Measurement, before: Iterable[Tags], now: Seen) -> Seen:
    """Ranks that were taken and are not any more: said to be free, else their last point would stand on."""
    free: dict[str, Value] = {field.name: "" if field.is_text else -1.0 for field in measurement.fields}
    return {tags: free for tags in before if tags not in now}


def _items(session: Session) -> list[tuple[int, str, int]]:
    statement = select(ItemStandingRow.site_id, ItemStandingRow.standing, func.count()).group_by(
        ItemStandingRow.site_id, ItemStandingRow.standing
    )
    return [(site_id, _ITEMS[standing], number) for site_id, standing, number in session.execute(statement)]


def _cover(session: Session) -> list[tuple[int, str, int]]:
    column = ItemStandingRow.days_of_cover
    name = case(
        (ItemStandingRow.standing == OUT, COVER_BELOW_DAYS[0][1]),
        *((column < days, name) for days, name in COVER_BELOW_DAYS),
        else_=COVER_MORE,
    )
    statement = select(ItemStandingRow.site_id, name, func.count()).group_by(ItemStandingRow.site_id, name)
    return [(site_id, name, number) for site_id, name, number in session.execute(statement)]


def _in_doubt(session: Session) -> list[tuple[int, str, int]]:
    is_held = exists().where(
        BinRow.item_id == StockRow.item_id, BinRow.stocking_location_id == StockRow.stocking_location_id
    )
    statement = (
        select(StockingLocationRow.site_id, func.count())
        .join(StockRow, StockRow.stocking_location_id == StockingLocationRow.id)
        .where(StockRow.in_doubt, is_held)
        .group_by(StockingLocationRow.site_id)
    )
    return [(site_id, "items_in_doubt", number) for site_id, number in session.execute(statement)]


def _bins(session: Session, now_ms: int) -> list[tuple[int, str, int]]:
    """Of each bin the one thing to know: silent before at fault, at fault before uncertain."""
    name = case(
        (
            CounterStateRow.newest_at_ms.is_(None) | (CounterStateRow.newest_at_ms < now_ms - stale_after_ms()),
            "bins_silent",
        ),
        (CounterStateRow.newest_state.in_(_FAULTS), "bins_fault"),
        (CounterStateRow.newest_state == counter.OK, "bins_ok"),
        else_="bins_uncertain",
    )
    statement = (
        select(StockingLocationRow.site_id, name, func.count())
        .join_from(BinRow, StockingLocationRow, StockingLocationRow.id == BinRow.stocking_location_id)
        .join(DeviceRow, DeviceRow.id == BinRow.device_id)
        .outerjoin(CounterStateRow, CounterStateRow.bin_id == BinRow.id)
        .group_by(StockingLocationRow.site_id, name)
    )
    rows = [(site_id, name, number) for site_id, name, number in session.execute(statement)]
    return [*rows, *((site_id, "bins", number) for site_id, _, number in rows)]


def _tasks(session: Session) -> list[tuple[int, str, int]]:
    statement = (
        select(StockingLocationRow.site_id, func.count())
        .join_from(CountTaskRow, BinRow, BinRow.id == CountTaskRow.bin_id)
        .join(StockingLocationRow, StockingLocationRow.id == BinRow.stocking_location_id)
        .where(CountTaskRow.closed_at_ms.is_(None))
        .group_by(StockingLocationRow.site_id)
    )
    return [(site_id, "tasks_open", number) for site_id, number in session.execute(statement)]


class Told:
    """What was said last of each set of tags, so that only what is new is said again; in each new hour all of it.

    All in one go, so that whoever adds up sites hour by hour misses none.
    """

    def __init__(self, every_ms: int) -> None:
        self._every_ms = every_ms
        self._said: dict[str, dict[Tags, tuple[dict[str, Value], int]]] = defaultdict(dict)

    def news(self, measurement: str, seen: Seen, now_ms: int) -> Seen:
        """Those that say something else than before, or nothing in this hour."""
        said = self._said[measurement]
        return {
            tags: fields
            for tags, fields in seen.items()
            if tags not in said
            or said[tags][0] != fields
            or now_ms // self._every_ms != said[tags][1] // self._every_ms
        }

    def note(self, measurement: str, news: Seen, now_ms: int) -> None:
        """These are said now: they are on disk."""
        self._said[measurement].update({tags: (fields, now_ms) for tags, fields in news.items()})

    def tags_of(self, measurement: str) -> list[Tags]:
        """Those of which anything was said."""
        return list(self._said[measurement])
