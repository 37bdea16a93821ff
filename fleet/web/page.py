# SPDX-License-Identifier: Apache-2.0
"""The first page: bins and orders at /, and the part of it that is fetched again and again at /parts/live."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from fleet.api import ID_MAX, ListQuery
from fleet.clock import Clock
from fleet.counting.queries import list_tasks
from fleet.listing import Reader
from fleet.orders.queries import list_orders
from fleet.web.queries import list_cards
from fleet.web.render import templates
from fleet.web.view import card, task

CARDS_MAX = 60
ORDERS_MAX = 50
TASKS_MAX = 20
POLL_S = 2
NOT_WELL = ("warn", "bad")


class PageQuery(BaseModel):
    """Which bins are on the page."""

    model_config = ListQuery.model_config

    after: int | None = Field(None, ge=0, le=ID_MAX)


def router(read: Reader, clock: Clock) -> APIRouter:
    """The routes that answer HTML."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    pages = templates(clock)

    def show(template: str, after: int | None) -> HTMLResponse:
        return HTMLResponse(pages.get_template(template).render(_content(read, clock.now_ms(), after)))

    @routes.get("/")
    def page(query: Annotated[PageQuery, Query()]) -> HTMLResponse:
        """The whole page."""
        return show("page.html", query.after)

    @routes.get("/parts/live")
    def live(query: Annotated[PageQuery, Query()]) -> HTMLResponse:
        """What changes on it."""
        return show("live.html", query.after)

    @routes.get("/favicon.ico")
    def favicon() -> RedirectResponse:
        """For browsers that look only here."""
        return RedirectResponse("/static/kanbin.svg", 301)

    return routes


def _content(read: Reader, now_ms: int, after: int | None) -> dict[str, Any]:
    with read() as session:
        bins = list_cards(session, limit=CARDS_MAX, after=after)
        orders = list_orders(
            session, limit=ORDERS_MAX, after=None, newest=True, state=None, item=None, stocking_location=None
        )
        tasks = list_tasks(session, limit=TASKS_MAX, after=None, bin=None, open=True)
    cards = [card(row, now_ms) for row in bins.rows]
    return {
        "cards": cards,
        "need_attention": sum(one.standing.tone in NOT_WELL for one in cards),
        "tasks": [task(row, now_ms) for row in tasks.rows],
        "tasks_are_cut": tasks.next is not None,
        "orders": list(orders.rows)[::-1],
        "open_orders": sum(order["state"] != "received" for order in orders.rows),
        "orders_are_cut": len(orders.rows) == ORDERS_MAX,
        "after": after,
        "next": bins.next,
        "now_ms": now_ms,
        "poll_s": POLL_S,
    }
