# SPDX-License-Identifier: Apache-2.0
"""The pages about stock and risk at /risk and /risk/item, and the parts of them that are fetched again and again."""

import logging
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from fleet.api import ListQuery, Name
from fleet.clock import Clock
from fleet.series.model import StoreDownError, TimeSeriesStore
from fleet.web import risk_view as view
from fleet.web.render import templates
from fleet.web.series_queries import (
    NoSeriesError,
    Tags,
    first_day_ms,
    kept,
    newest_risks,
    newest_statuses,
    newest_stock,
    used_by_day,
)

log = logging.getLogger(__name__)

POLL_S = 30
USE_DAYS = 30
ITEM_DAYS = 90


class RiskQuery(BaseModel):
    """Which sites the page is about; empty means all."""

    model_config = ListQuery.model_config

    customer: str = Field("", max_length=200)
    site: str = Field("", max_length=200)

    def where(self) -> Tags:
        """What was chosen, as tags of points."""
        return {name: [value] for name, value in self if value}


class ItemQuery(BaseModel):
    """Which item at which place."""

    model_config = ListQuery.model_config

    customer: Name
    site: Name
    stocking_location: Name
    item: Name

    def where(self) -> Tags:
        """The same as tags of points."""
        return {name: [value] for name, value in self}


def router(store: TimeSeriesStore | None, clock: Clock) -> APIRouter:
    """The routes that answer HTML."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    pages = templates(clock)

    def show(template: str, content: dict[str, Any]) -> HTMLResponse:
        return HTMLResponse(pages.get_template(template).render(content))

    @routes.get("/risk")
    def risk(query: Annotated[RiskQuery, Query()]) -> HTMLResponse:
        """How items of the chosen sites stand."""
        return show("risk.html", _risk(store, clock.now_ms(), query))

    @routes.get("/parts/risk")
    def risk_part(query: Annotated[RiskQuery, Query()]) -> HTMLResponse:
        """What changes on it."""
        return show("risk_live.html", _risk(store, clock.now_ms(), query))

    @routes.get("/risk/item")
    def item(query: Annotated[ItemQuery, Query()]) -> HTMLResponse:
        """One item at its place over time."""
        return show("item.html", _item(store, clock.now_ms(), query))

    @routes.get("/parts/risk/item")
    def item_part(query: Annotated[ItemQuery, Query()]) -> HTMLResponse:
        """What changes on it, but for the charts."""
        return show("item_live.html", _item(store, clock.now_ms(), query))

    return routes


def _risk(store: TimeSeriesStore | None, now_ms: int, query: RiskQuery) -> dict[str, Any]:
    frame = {"query": urlencode(query.model_dump()), "poll_s": POLL_S, "chosen": query, "choices": []}
    try:
        return frame | {"series": "kept"} | _figures(kept(store), now_ms, query)
    except (NoSeriesError, StoreDownError) as error:
        return frame | {"series": _why_not(error)}


def _figures(store: TimeSeriesStore, now_ms: int, query: RiskQuery) -> dict[str, Any]:
    known = newest_statuses(store, now_ms)
    statuses = [row for row in known if view.is_of(row, query.customer, query.site)]
    used = used_by_day(store, query.where(), now_ms, USE_DAYS)
    shares = view.shares(statuses)
    return {
        "choices": _choices(known, query),
        "sites": len(statuses),
        "shares": shares,
        "items": sum(share.items for share in shares),
        "to_act": sum(share.items for share in shares if share.standing.tone in ("bad", "warn")),
        "in_doubt": view.total(statuses, "items_in_doubt"),
        "cover": view.cover(statuses),
        "risks": view.risks(newest_risks(store, query.where(), now_ms), with_customer=not query.customer),
        "use": view.use(used, first_day_ms(now_ms, USE_DAYS)),
        "used_7": round(sum(used[-7:])),
        "used_30": round(sum(used)),
        "is_known": bool(known),
    }


def _choices(known: list[Any], query: RiskQuery) -> list[tuple[str, list[view.Choice]]]:
    """The menus; none where there is nothing to choose."""
    if len(known) < 2 and not query.where():
        return []
    return [
        (query.customer or "All customers", view.customers(known, query.customer)),
        (query.site or "All sites", view.sites(known, query.customer, query.site)),
    ]


def _item(store: TimeSeriesStore | None, now_ms: int, query: ItemQuery) -> dict[str, Any]:
    tags = query.model_dump()
    frame = {"query": urlencode(tags), "poll_s": POLL_S, "chosen": query, "days": ITEM_DAYS}
    frame["back"] = f"/risk?{urlencode({'customer': query.customer, 'site': query.site})}"
    try:
        newest = newest_stock(kept(store), query.where(), now_ms)
    except (NoSeriesError, StoreDownError) as error:
        return frame | {"series": _why_not(error), "stock": None}
    return frame | {"series": "kept", "stock": view.stock(newest[0]) if newest else None}


def _why_not(error: Exception) -> str:
    if isinstance(error, NoSeriesError):
        return "none"
    log.warning("the time series cannot be read: %s", error)
    return "down"
