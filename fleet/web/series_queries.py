# SPDX-License-Identifier: Apache-2.0
"""What the pages about stock and risk ask the store of time series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fleet.series.model import Answer, Question, TimeSeriesStore, Value
from fleet.series.schema import FLEET_RISK, ITEM_DAILY, ITEM_STOCK, RISK, SITE, SITE_HOURLY, SITE_STATUS, Measurement

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

STATUS_FOR_MS = 2 * HOUR_MS  # written once an hour at least: what is older is of a site that is told of no more
STOCK_FOR_MS = 2 * DAY_MS  # written once a day at least
DAYS_MAX = 366
SPANS = 1440
"""Into so many spans stock over time is cut: every_ms = days * a day / SPANS, a whole number of minutes."""

Tags = Mapping[str, Sequence[str]]


class NoSeriesError(Exception):
    """This fleet keeps no time series."""


@dataclass(frozen=True)
class Row:
    """A point as it was found: its tags and fields by name, figures and text apart."""

    at_ms: int
    tags: Mapping[str, str]
    figures: Mapping[str, float]
    texts: Mapping[str, str]

    def pieces(self, name: str) -> int | None:
        """A figure that counts pieces or items; None if there is none."""
        return round(self.figures[name]) if name in self.figures else None


def kept(store: TimeSeriesStore | None) -> TimeSeriesStore:
    """The store. Raises NoSeriesError where there is none."""
    if store is None:
        raise NoSeriesError
    return store


def newest_statuses(store: TimeSeriesStore, now_ms: int) -> list[Row]:
    """How each site stands, of those that were told of in the last two hours."""
    return _newest(store, SITE_STATUS, SITE, {}, now_ms, STATUS_FOR_MS)


def newest_risks(store: TimeSeriesStore, where: Tags, now_ms: int) -> list[Row]:
    """What is told of each rank in the last two hours: of each chosen site, or of all of them together."""
    if where:
        return _newest(store, RISK, RISK.tags, where, now_ms, STATUS_FOR_MS)
    rows = _newest(store, FLEET_RISK, FLEET_RISK.tags, {}, now_ms, STATUS_FOR_MS)
    return [
        replace(row, tags={**row.tags, "customer": row.texts["risk_customer"], "site": row.texts["risk_site"]})
        for row in rows
    ]


def newest_stock(store: TimeSeriesStore, where: Tags, now_ms: int) -> list[Row]:
    """How items stand, of those that were told of in the last two days."""
    return _newest(store, ITEM_STOCK, ITEM_STOCK.tags, where, now_ms, STOCK_FOR_MS)


def used_by_day(store: TimeSeriesStore, where: Tags, now_ms: int, days: int) -> list[float]:
    """Pieces used on each of so many days (UTC), of which the last is today so far."""
    start_ms = first_day_ms(now_ms, days)
    question = Question(
        SITE_HOURLY, ("used",), start_ms, now_ms + 1, where=where, every_ms=DAY_MS, aggregate="sum"
    )  # fmt: skip
    by_day = {row.at_ms: row.figures["used"] for row in _rows(question, store.series(question))}
    return [by_day.get(start_ms + day * DAY_MS, 0.0) for day in range(days)]


def stock_over_time(store: TimeSeriesStore, where: Tags, now_ms: int, days: int) -> list[Row]:
    """How one item stood at the end of each span in which it was told of, at most SPANS + 1; each has its beginning."""
    names = ("qty_on_hand", "qty_on_order", "safety_stock", "reorder_point", "order_up_to")
    every_ms = days * DAY_MS // SPANS
    question = Question(ITEM_STOCK, names, first_day_ms(now_ms, days), now_ms + 1, where=where, every_ms=every_ms)
    return _rows(question, store.series(question))


def flows_by_day(store: TimeSeriesStore, where: Tags, now_ms: int, days: int) -> list[Row]:
    """What one item was used, delivered and put right by, on each day with any."""
    names = ("used", "received", "adjusted")
    start_ms = first_day_ms(now_ms, days)
    question = Question(ITEM_DAILY, names, start_ms, now_ms + 1, where=where, every_ms=DAY_MS)
    return _rows(question, store.series(question))


def first_day_ms(now_ms: int, days: int) -> int:
    """The midnight (UTC) at which so many days begin, of which the last is today."""
    return now_ms // DAY_MS * DAY_MS - (days - 1) * DAY_MS


def _newest(
    store: TimeSeriesStore, measurement: Measurement, by: tuple[str, ...], where: Tags, now_ms: int, for_ms: int
) -> list[Row]:
    names = tuple(field.name for field in measurement.fields)
    question = Question(measurement, names, now_ms - for_ms, now_ms + 1, where=where, by=by)
    return _rows(question, store.latest(question))


def _rows(question: Question, answers: Sequence[Answer]) -> list[Row]:
    rows = []
    for answer in answers:
        fields: dict[str, Value | None] = dict(zip(question.fields, answer.values, strict=True))
        rows.append(
            Row(
                at_ms=answer.at_ms,
                tags=dict(zip(question.by, answer.by, strict=True)),
                figures={name: value for name, value in fields.items() if isinstance(value, float)},
                texts={name: value for name, value in fields.items() if isinstance(value, str)},
            )
        )
    return rows
