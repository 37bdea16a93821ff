# SPDX-License-Identifier: Apache-2.0
"""Every refusal in one shape: {"errors": [{"field": ..., "reason": ...}]}."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from fleet.api import ID_MAX
from fleet.counting.evidence import ChangedWordsError
from fleet.devices.plans import FollowsNoneError
from fleet.listing import UnknownNameError
from fleet.series.model import StoreDownError
from fleet.tags.binding import BindingError, TakenError
from fleet.web.series_queries import NoSeriesError

log = logging.getLogger(__name__)


def refuse(status: int, field: str, reason: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A refusal of one problem."""
    return JSONResponse({"errors": [{"field": field, "reason": reason}]}, status, headers)


def add_error_answers(app: FastAPI) -> None:
    """Makes the application answer every error it foresees in our shape; `fleet.web.guard` answers the others."""
    app.add_exception_handler(RequestValidationError, _wrong_parameter)
    app.add_exception_handler(UnknownNameError, _unknown_name)
    app.add_exception_handler(ChangedWordsError, _changed_words)
    app.add_exception_handler(BindingError, _wrong_binding)
    app.add_exception_handler(FollowsNoneError, _follows_none)
    app.add_exception_handler(HTTPException, _no_such_thing)
    app.add_exception_handler(OperationalError, _store_unavailable)
    app.add_exception_handler(StoreDownError, _series_unavailable)
    app.add_exception_handler(NoSeriesError, _no_series)


async def _wrong_parameter(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [{"field": _field(problem), "reason": _reason(problem)} for problem in error.errors()]
    return JSONResponse({"errors": problems}, 422)


async def _unknown_name(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, UnknownNameError)
    return refuse(404, error.field, str(error))


async def _changed_words(_request: Request, error: Exception) -> JSONResponse:
    return refuse(409, "Idempotency-Key", str(error))


async def _wrong_binding(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BindingError)
    return refuse(409 if isinstance(error, TakenError) else 422, error.field, str(error))


async def _follows_none(_request: Request, error: Exception) -> JSONResponse:
    return refuse(409, "device", str(error))


async def _no_such_thing(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return refuse(404, "path", f"nothing is at {request.url.path}; /api/v1/openapi.json lists what there is")
    if error.status_code == 405:
        headers = dict(error.headers or {})
        return refuse(405, "method", f"{request.method} is not taken here; {headers.get('Allow', 'GET')} is", headers)
    return refuse(error.status_code, "request", error.detail, dict(error.headers or {}))


async def _store_unavailable(request: Request, error: Exception) -> JSONResponse:
    log.error("%s: the store cannot be used: %s", request.url.path, error)
    return refuse(503, "server", "the store cannot be used just now; try again", {"Retry-After": "5"})


async def _series_unavailable(request: Request, error: Exception) -> JSONResponse:
    log.warning("%s: the time series cannot be read: %s", request.url.path, error)
    reason = "the time series cannot be read just now; stock and orders do not depend on them; try again"
    return refuse(503, "series", reason, {"Retry-After": "30"})


async def _no_series(_request: Request, _error: Exception) -> JSONResponse:
    return refuse(404, "series", "this fleet keeps no time series; /api/v1/stock has what there is now")


def _field(problem: dict[str, Any]) -> str:
    where = [str(part) for part in problem["loc"]]
    return ".".join(where[1:]) or where[0]


def _reason(problem: dict[str, Any]) -> str:
    if problem["type"] == "extra_forbidden":
        return "no such parameter here"
    if problem.get("ctx", {}).get("le") == ID_MAX:
        return f"{problem['msg']} (a cursor is what `next` or `id` gave)"
    return f"{problem['msg']}; given: {str(problem['input'])[:80]!r}"
